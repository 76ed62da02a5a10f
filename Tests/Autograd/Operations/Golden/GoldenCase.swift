import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollTestSupport

/// One file of reference numbers: inputs, results, and derivatives, made by another system in float64.
struct GoldenCase {
  private let fixture: Fixture

  /// The names of all files of a folder of fixtures, with the folder's.
  static func names(in folder: String) -> [String] { Fixture.names(in: folder, of: .module).map { "\(folder)/\($0)" } }

  init(_ name: String) throws { fixture = try Fixture(name, of: .module) }

  var name: String { fixture.name }

  /// What the row of the table is called: the operation, the function, or the kind of the file.
  var operation: String { ["op", "function", "kind"].compactMap { fixture.config[$0]?.string }.first ?? "" }

  var outputs: [String] { fixture.strings("outputs") }
  var differentiable: [String] { fixture.strings("differentiable") }

  /// Whether the file has derivatives along a direction too: it has where the function is smooth.
  var isSmooth: Bool { differentiable.first.map { fixture.has("tangent." + $0) } ?? false }

  /// The arrays of some names, in float64; integers as numbers.
  func tensors(_ prefix: String, _ names: [String]) throws -> [Tensor] {
    try names.map { try tensor(fixture.stored(prefix + $0)) }
  }

  private func tensor(_ array: StoredArray) throws -> Tensor {
    if array.format == .float64 { return Tensor(try array.array()) }
    return Tensor(try array.integers().map { Double($0) }, shape: array.shape)
  }

  /// All inputs, those that derivatives are asked for replaced.
  func inputs(_ type: ElementType, replacing tensors: [Tensor] = []) throws -> GoldenInputs {
    var inputs = GoldenInputs(config: fixture.config)
    for name in fixture.strings("inputs") where fixture.has(name) {
      if try fixture.stored(name).format == .int64 {
        inputs.integers[name] = try fixture.indices(name)
      } else {
        inputs.tensors[name] = Tensor(try fixture.array(name).cast(to: type))
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
  func has(_ name: String) -> Bool { tensors[name] != nil }
  func integers(_ name: String) -> [Int] { config[name]?.elements.compactMap { $0.integer.map { Int($0) } } ?? [] }
  func strings(_ name: String) -> [String] { config[name]?.elements.compactMap(\.string) ?? [] }
  var operands: [Tensor] { strings("operands").map { self[$0] } }
}

/// A row: the library's way to compute what the case is about.
typealias GoldenFunction = @Sendable (GoldenInputs) -> [Tensor]
