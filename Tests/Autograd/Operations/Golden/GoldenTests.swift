import Testing
import UnrollArrays
import UnrollAutograd

/// The library's operations against numbers of an established system: values, pullbacks, tangents, and tangents of pullbacks.
@Suite struct GoldenTests {
  /// One row for each operation that a file may ask for.
  static let table: [String: GoldenFunction] = {
    var table: [String: GoldenFunction] = [:]
    for (name, f) in goldenUnary { table[name] = { [f($0["x"])] } }
    for (name, f) in goldenBinary { table[name] = { [f($0["a"], $0["b"])] } }
    for rows in [goldenChoices, goldenReductions, goldenArrangements, goldenModels, goldenRecurrences] {
      table.merge(rows) { _, _ in fatalError("a row occurs twice") }
    }
    return table
  }()

  static let names = ["ops", "second_order", "linear"].flatMap { GoldenCase.names(in: $0) }

  @Test func everyFileHasARowAndEveryRowAFile() throws {
    #expect(GoldenTests.names.count == 234)
    let asked = Set(try GoldenTests.names.map { try GoldenCase($0).operation })
    #expect(asked.subtracting(GoldenTests.table.keys) == [], "files without a row")
    #expect(Set(GoldenTests.table.keys).subtracting(asked) == [], "rows without a file")
  }

  /// |a − b| ≤ 1e-12 + 1e-9 |b|: both sides round at every step, in float64, and functions differ by a few units in the last place.
  @Test(arguments: names) func agreesInFloat64(_ name: String) throws {
    let golden = try GoldenCase(name)
    try GoldenRun(golden, .float64).check { found, expected, _ in
      found.array.isClose(to: expected.array, relative: 1e-9, absolute: 1e-12)
    }
  }

  /// The largest element of each tensor is the scale of its rounding errors: sums and differences of elements are as wrong as that.
  /// Second derivatives are differences of terms as large as the first, and some are zero only because those cancel.
  @Test(arguments: names) func float32IsNear(_ name: String) throws {
    let golden = try GoldenCase(name)
    guard golden.isSmooth else { return }
    try GoldenRun(golden, .float32).check { found, expected, terms in
      let scale = [expected, terms].map { $0.count == 0 ? 0 : $0.norm(order: .infinity).item }.max() ?? 0
      return found.type == .float32
        && found.array.cast(to: .float64).isClose(to: expected.array, relative: 0, absolute: 1e-5 * scale)
    }
  }
}

/// A case, computed in one type.
private struct GoldenRun {
  let golden: GoldenCase
  let type: ElementType
  let function: GoldenFunction

  init(_ golden: GoldenCase, _ type: ElementType) throws {
    self.golden = golden
    self.type = type
    function = try #require(GoldenTests.table[golden.operation], "no row computes \(golden.operation)")
  }

  /// Whether a tensor is near enough to the one expected, which is a difference of terms as large as a third.
  typealias Agreement = (_ found: Tensor, _ expected: Tensor, _ terms: Tensor) -> Bool

  func check(_ agree: Agreement) throws {
    let compute = { (inputs: [Tensor]) throws in function(try golden.inputs(type, replacing: inputs)) }
    let x = try given("")
    let (value, pullback) = try pullback(at: x, of: compute)
    try compare(value, "out.", golden.outputs, agree)
    guard !x.isEmpty else { return }
    let g = try given("cotangent.", golden.outputs)
    try compare(pullback(g), "grad.", golden.differentiable, agree)
    guard golden.isSmooth else { return }
    let directions = try given("tangent.")
    try compare(try tangent(at: x, along: directions, of: compute).tangent, "jvp.", golden.outputs, agree)
    let second = try tangent(at: x, along: directions) { x in try UnrollAutograd.pullback(at: x, of: compute).pullback(g) }
    try compare(second.value, "grad.", golden.differentiable, agree)
    try compare(second.tangent, "hvp.", golden.differentiable, termsOf: "grad.", agree)
  }

  private func given(_ prefix: String, _ names: [String]? = nil) throws -> [Tensor] {
    try golden.tensors(prefix, names ?? golden.differentiable).map { Tensor($0.array.cast(to: type)) }
  }

  private func compare(
    _ found: [Tensor], _ prefix: String, _ names: [String], termsOf other: String? = nil, _ agree: Agreement
  ) throws {
    try #require(found.count == names.count)
    let (all, terms) = (try golden.tensors(prefix, names), try golden.tensors(other ?? prefix, names))
    for (i, expected) in all.enumerated() {
      #expect(
        found[i].shape == expected.shape && agree(found[i], expected, terms[i]),
        "\(golden.name) \(prefix)\(names[i]): \(found[i]) against \(expected)")
    }
  }
}
