import Foundation
import Testing
import UnrollArrays
import UnrollAutograd

/// One file of reference numbers: inputs, results, and derivatives, made by another system in float64.
struct GoldenCase {
  let name: String
  let config: JSON
  private let arrays: [String: StoredArray]

  /// The names of all files of a folder of fixtures, without their ending.
  static func names(in folder: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: root + folder)) ?? []
    return files.filter { $0.hasSuffix(".safetensors") }.map { "\(folder)/\($0.dropLast(12))" }.sorted()
  }

  private static var root: String { (Bundle.module.resourcePath ?? ".") + "/Fixtures/" }

  init(_ name: String) throws {
    self.name = name
    let file = try SafetensorsFile(GoldenCase.root + name + ".safetensors")
    config = try JSON(Array((file.metadata["config"] ?? "null").utf8))
    var arrays: [String: StoredArray] = [:]
    for name in file.names { arrays[name] = try file.read(name) }
    self.arrays = arrays
  }

  /// What the row of the table is called: the operation, or the function.
  var operation: String { config["op"]?.string ?? config["function"]?.string ?? "" }

  var outputs: [String] { names("outputs") }
  var differentiable: [String] { names("differentiable") }

  /// Whether the file has derivatives along a direction too: it has where the function is smooth.
  var isSmooth: Bool { !differentiable.isEmpty && arrays["tangent." + differentiable[0]] != nil }

  private func names(_ list: String) -> [String] { config[list]?.elements.compactMap(\.string) ?? [] }

  /// The arrays of some names, in float64; integers as numbers.
  func tensors(_ prefix: String, _ names: [String]) throws -> [Tensor] {
    try names.map { try tensor(try #require(arrays[prefix + $0], "\(name) has no \(prefix + $0)")) }
  }

  private func tensor(_ array: StoredArray) throws -> Tensor {
    if array.format == .float64 { return Tensor(try array.array()) }
    return Tensor(try array.integers().map { Double($0) }, shape: array.shape)
  }

  /// All inputs, those that derivatives are asked for replaced.
  func inputs(_ type: ElementType, replacing tensors: [Tensor] = []) throws -> GoldenInputs {
    var inputs = GoldenInputs(config: config)
    for name in names("inputs") {
      guard let array = arrays[name] else { continue }
      if array.format == .int64 {
        inputs.integers[name] = Indices(try array.integers().map { Int($0) }, shape: array.shape)
      } else {
        inputs.tensors[name] = Tensor(try array.array().cast(to: type))
      }
    }
    for (name, tensor) in zip(differentiable, tensors) { inputs.tensors[name] = tensor }
    return inputs
  }
}

/// What a row of the table computes from.
struct GoldenInputs {
  let config: JSON
  fileprivate(set) var tensors: [String: Tensor] = [:]
  fileprivate(set) var integers: [String: Indices] = [:]

  subscript(name: String) -> Tensor { tensors[name] ?? Tensor(.nan, .float64) }
  func indices(_ name: String) -> Indices { integers[name] ?? [] }
  func mask(_ name: String) -> Mask { Mask(indices(name).values.map { $0 != 0 }, shape: indices(name).shape) }

  func number(_ name: String) -> Double? { config[name]?.double }
  func integer(_ name: String) -> Int { config[name]?.integer.map { Int($0) } ?? 0 }
  func truth(_ name: String) -> Bool { config[name]?.truth ?? false }
  func integers(_ name: String) -> [Int] { config[name]?.elements.compactMap { $0.integer.map { Int($0) } } ?? [] }
  func strings(_ name: String) -> [String] { config[name]?.elements.compactMap(\.string) ?? [] }
  var operands: [Tensor] { strings("operands").map { self[$0] } }
}

/// A row: the library's way to compute what the case is about.
typealias GoldenFunction = @Sendable (GoldenInputs) -> [Tensor]
