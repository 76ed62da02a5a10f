import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollTestSupport

/// One file of reference numbers: inputs, results, and derivatives, made by another system in float64.
struct GoldenFile {
  private let fixture: Fixture

  /// The names of all files of a folder of fixtures, with the folder's.
  static func names(in folder: String) -> [String] { Fixture.names(in: folder, of: .module).map { "\(folder)/\($0)" } }

  init(_ name: String) throws { fixture = try Fixture(name, of: .module) }

  var name: String { fixture.name }
  var config: JSON { fixture.config }
  func string(_ option: String) -> String { fixture.string(option) }
  func truth(_ option: String) -> Bool { fixture.truth(option) }
  func integer(_ option: String) -> Int { config[option]?.integer.map { Int($0) } ?? 0 }
  func number(_ option: String) -> Double { config[option]?.double ?? .nan }
  var inputs: [String] { fixture.strings("inputs") }
  var outputs: [String] { fixture.strings("outputs") }
  var differentiable: [String] { fixture.strings("differentiable") }

  /// Whether the file has derivatives along a direction too.
  var isSmooth: Bool { fixture.has("hvp." + (differentiable.first ?? "")) }

  func tensor(_ name: String) throws -> Tensor { Tensor(try fixture.array(name)) }

  func tensors(_ prefix: String, _ names: [String]) throws -> [Tensor] { try names.map { try tensor(prefix + $0) } }

  /// The arrays of the names, as the file has them.
  func stored(_ names: [String]) -> [String: StoredArray] {
    fixture.arrays.filter { names.contains($0.key) }
  }

  func shape(_ name: String) throws -> Shape { try fixture.stored(name).shape }

  /// Whether the file has an array of the name.
  func has(_ name: String) -> Bool { fixture.has(name) }

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
  func integers(_ name: String) throws -> [Int]? { try fixture.arrays[name]?.integers().map { Int($0) } }

  /// Values, gradients, and where the file has them derivatives along a direction of both, against those of a function of all
  /// differentiable inputs.
  func check(_ f: @escaping @Sendable ([Tensor]) -> [Tensor]) throws {
    let inputs = try tensors("", differentiable)
    let (values, pull) = pullback(at: inputs, of: f)
    // A function may return the outputs alone that have cotangents.
    let outputs = values.count == outputs.count ? outputs : outputs.filter { has("cotangent." + $0) }
    let cotangents = try cotangents(outputs)
    compare(values, try tensors("out.", outputs), outputs, "value")
    compare(pull(cotangents), try tensors("grad.", differentiable), differentiable, "gradient")
    guard isSmooth else { return }
    let directions = try tensors("tangent.", differentiable)
    let pushed = zip(outputs, tangent(at: inputs, along: directions, of: f).tangent).filter { has("jvp.\($0.0)") }
    compare(pushed.map(\.1), try tensors("jvp.", pushed.map(\.0)), pushed.map(\.0), "tangent")
    let second = tangent(at: inputs, along: directions) { pullback(at: $0, of: f).pullback(cotangents) }.tangent
    compare(second, try tensors("hvp.", differentiable), differentiable, "second derivative")
  }

  /// The cotangents of outputs; zeros for an output that is looked at for its value only.
  private func cotangents(_ outputs: [String]) throws -> [Tensor] {
    try outputs.map { name in
      has("cotangent.\(name)") ? try tensor("cotangent.\(name)") : Tensor.zeros(try shape("out.\(name)"), .float64)
    }
  }

  /// The same in float64 and, values and gradients, in float32, which has kernels of its own. There a number may be wrong by some
  /// roundings of the largest number beside it: sums of some hundred products, through a few steps.
  func checkBothTypes(_ f: @escaping @Sendable ([Tensor]) -> [Tensor]) throws {
    try check(f)
    let inputs = try tensors("", differentiable).map { $0.cast(to: .float32) }
    let (values, pull) = pullback(at: inputs, of: f)
    expectNear(values, try tensors("out.", outputs), outputs, "value")
    let cotangents = try cotangents(outputs).map { $0.cast(to: .float32) }
    expectNear(pull(cotangents), try tensors("grad.", differentiable), differentiable, "gradient")
  }

  private func expectNear(_ found: [Tensor], _ expected: [Tensor], _ names: [String], _ what: String) {
    #expect(found.count == expected.count, "\(name): \(what) in float32")
    for (name, (found, expected)) in zip(names, zip(found, expected)) {
      let error = (found.array.cast(to: .float64) - expected.array).magnitude().max().item
      let bound = 0x1p-17 * expected.array.magnitude().max().item
      #expect(
        found.type == .float32 && found.shape == expected.shape && error <= bound,
        "\(self.name): \(what) of \(name) in float32 is off by \(error), more than \(bound)")
    }
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
