import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

/// One file of reference numbers for a layer: inputs, result, derivatives, made by another system in float64.
struct GoldenLayer {
  let name: String
  private let fixture: Fixture

  init(_ name: String) throws {
    self.name = name
    fixture = try Fixture("layers/" + name, of: .module)
  }

  func tensor(_ name: String) throws -> Tensor { Tensor(try fixture.array(name)) }
  func indices(_ name: String) throws -> Indices { try fixture.indices(name) }

  /// Value and pullback of a function of the named inputs; tangent and tangent of the pullback too where the file has them.
  func check(_ inputs: [String], of f: ([Tensor]) -> Tensor) throws {
    let x = try inputs.map { try tensor($0) }
    let (value, pullback) = pullback(at: x, of: f)
    try compare([value], ["out.y"])
    let g = try tensor("cotangent.y")
    try compare(pullback(g), inputs.map { "grad.\($0)" })
    guard fixture.has("jvp.y") else { return }
    let directions = try inputs.map { try tensor("tangent.\($0)") }
    try compare([tangent(at: x, along: directions, of: f).tangent], ["jvp.y"])
    let second = tangent(at: x, along: directions) { x in UnrollAutograd.pullback(at: x, of: f).pullback(g) }.tangent
    try compare(second, inputs.map { "hvp.\($0)" })
  }

  private func compare(_ found: [Tensor], _ names: [String]) throws {
    for (found, name) in zip(found, names) {
      let expected = try tensor(name)
      #expect(
        found.array.isClose(to: expected.array, relative: 1e-9, absolute: 1e-12),
        "\(self.name) \(name): \(found) against \(expected)")
    }
  }
}
