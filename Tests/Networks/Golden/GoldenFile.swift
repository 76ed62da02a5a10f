import Foundation
import Testing
import UnrollArrays
import UnrollAutograd

/// One file of reference numbers: inputs, results, and derivatives, made by another system in float64.
struct GoldenFile {
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
    let file = try SafetensorsFile(GoldenFile.root + name + ".safetensors")
    config = try JSON(Array((file.metadata["config"] ?? "null").utf8))
    var arrays: [String: StoredArray] = [:]
    for name in file.names { arrays[name] = try file.read(name) }
    self.arrays = arrays
  }

  func string(_ key: String) -> String { config[key]?.string ?? "" }
  func truth(_ key: String) -> Bool { config[key]?.truth ?? false }
  func integer(_ key: String) -> Int { config[key]?.integer.map { Int($0) } ?? 0 }
  var outputs: [String] { names("outputs") }
  var differentiable: [String] { names("differentiable") }
  private func names(_ list: String) -> [String] { config[list]?.elements.compactMap(\.string) ?? [] }

  /// Whether the file has derivatives along a direction too.
  var isSmooth: Bool { arrays["hvp." + (differentiable.first ?? "")] != nil }

  func tensor(_ name: String) throws -> Tensor {
    let array = try #require(arrays[name], "\(self.name) has no \(name)")
    return Tensor(try array.array())
  }

  func tensors(_ prefix: String, _ names: [String]) throws -> [Tensor] { try names.map { try tensor(prefix + $0) } }

  /// The arrays of the names, as the file has them.
  func stored(_ names: [String]) -> [String: StoredArray] {
    arrays.filter { names.contains($0.key) }
  }

  func shape(_ name: String) throws -> Shape { try #require(arrays[name]).shape }

  /// Whether the file has an array of the name.
  func has(_ name: String) -> Bool { arrays[name] != nil }

  /// Values against those of a file without derivatives, as exact as its numbers are.
  func check(values: [String: Tensor]) throws {
    for name in outputs {
      let (found, expected) = (try #require(values[name], "\(self.name): \(name)"), try tensor("out." + name))
      let isDouble = expected.type == .float64
      #expect(
        found.array.isClose(to: expected.array, relative: isDouble ? 1e-9 : 1e-5, absolute: isDouble ? 1e-12 : 1e-6),
        "\(self.name): value of \(name): \(found) against \(expected)")
    }
  }

  /// Whole numbers, nil where the file has none of the name.
  func integers(_ name: String) throws -> [Int]? { try arrays[name]?.integers().map { Int($0) } }

  /// Values, gradients, and where the file has them derivatives along a direction of both, against those of a function of all
  /// differentiable inputs.
  func check(_ f: @escaping @Sendable ([Tensor]) -> [Tensor]) throws {
    let inputs = try tensors("", differentiable)
    let cotangents = try tensors("cotangent.", outputs)
    let (values, pull) = pullback(at: inputs, of: f)
    compare(values, try tensors("out.", outputs), outputs, "value")
    compare(pull(cotangents), try tensors("grad.", differentiable), differentiable, "gradient")
    guard isSmooth else { return }
    let directions = try tensors("tangent.", differentiable)
    compare(tangent(at: inputs, along: directions, of: f).tangent, try tensors("jvp.", outputs), outputs, "tangent")
    let second = tangent(at: inputs, along: directions) { pullback(at: $0, of: f).pullback(cotangents) }.tangent
    compare(second, try tensors("hvp.", differentiable), differentiable, "second derivative")
  }

  private func compare(_ found: [Tensor], _ expected: [Tensor], _ names: [String], _ what: String) {
    #expect(found.count == expected.count, "\(name): \(what)")
    for (name, (found, expected)) in zip(names, zip(found, expected)) {
      #expect(
        found.shape == expected.shape && found.array.isClose(to: expected.array, relative: 1e-9, absolute: 1e-12),
        "\(self.name): \(what) of \(name): \(found) against \(expected)")
    }
  }
}
