import Testing
import UnrollArrays

@testable import UnrollAutograd

/// The checks of the table must reject wrong rules: the rules of every row's last operation, damaged, go through the engine and
/// the same comparisons.
@Suite struct WrongRuleTests {
  @Test func everyWrongRuleIsRejected() {
    var (pullbacks, tangents) = (0, 0)
    for row in operationTable {
      let place = Place(row)
      let cotangents = Differences.gradient(at: place.inputs, place.cotangents, of: row.function)
      let slopes = Differences.tangent(at: place.inputs, along: place.directions, of: row.function)
      for damage in damages(row) {
        let wrong = OperationRow(row.name, row.draws) { damage.applied(to: row.function($0)) }
        let wrongPlace = Place(wrong)
        #expect(agree(wrong.function(place.inputs), row.function(place.inputs), relative: 0), "only derivatives are damaged")
        if damage != .intact {
          pullbacks += 1
          tangents += 1
        }
        #expect(
          agree(wrongPlace.pulled(), cotangents, relative: Differences.tolerance) == (damage == .intact),
          "\(row.name): the pullback with \(damage)")
        #expect(
          agree(wrongPlace.pushed(), slopes, relative: Differences.tolerance) == (damage == .intact),
          "\(row.name): the tangent with \(damage)")
      }
    }
    print("\(pullbacks) wrong pullbacks and \(tangents) wrong tangents of \(operationTable.count) rows were looked at")
    #expect(pullbacks > 2 * operationTable.count && tangents == pullbacks)
  }

  /// A slope that is zero cannot be scaled; there a slope too much must be seen.
  private func damages(_ row: OperationRow) -> [Damage] {
    if row.isFlat { return [.intact, .raised] }
    var recordedInputs: [Int] = []
    _ = pullback(at: Place(row).inputs) { x in
      let results = row.function(x)
      if let node = results.compactMap({ $0.source?.node }).first {
        recordedInputs = node.inputs.indices.filter { node.inputs[$0] != nil && node.inputShape($0).elementCount > 0 }
      }
      return results
    }
    let dropped = recordedInputs.count > 1 ? recordedInputs.map { Damage.dropped(input: $0) } : []
    return [.intact, .flipped, .scaled] + dropped
  }
}

/// What can be wrong with a rule.
private enum Damage: Equatable, Sendable {
  case intact
  /// The opposite sign.
  case flipped
  /// A hundredth too much.
  case scaled
  /// A thousandth of the cotangent or tangent too much.
  case raised
  /// Nothing for one of several inputs.
  case dropped(input: Int)

  /// The same results, recorded as those of an operation with damaged rules.
  func applied(to results: [Tensor]) -> [Tensor] {
    var replacements: [ObjectIdentifier: Node] = [:]
    return results.map { result in
      guard let source = result.source else { return result }
      let name = ObjectIdentifier(source.node)
      let node =
        replacements[name]
        ?? Node(
          Damaged(base: source.node.operation, damage: self), inputs: source.node.inputs,
          inputShapes: source.node.inputs.indices.map(source.node.inputShape), type: source.node.type,
          outputShape: source.node.outputShape(0),
          furtherShapes: (1..<source.node.outputCount).map(source.node.outputShape), keeps: source.node.keeps,
          kept: source.node.kept)
      replacements[name] = node
      return Tensor(result.array, Edge(node: node, slot: source.slot))
    }
  }
}

/// An operation whose derivatives are wrong.
private struct Damaged: Operation {
  let base: any Operation
  let damage: Damage
  var name: String { "damaged " + base.name }

  func forward(_ inputs: [NDArray]) -> Values { base.forward(inputs) }
  func keeps(recorded: (Int) -> Bool) -> Keeps { base.keeps(recorded: recorded) }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    var cotangents = changed(base.pullback(g, context), from: g)
    if case .dropped(let input) = damage { cotangents[input] = nil }
    return Few(cotangents)
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    var given = Array(t)
    if case .dropped(let input) = damage { given[input] = nil }
    return Few(changed(base.pushforward(Few(given), context), from: t))
  }

  private func changed(_ derivatives: Few<Tensor?>, from given: Few<Tensor?>) -> [Tensor?] {
    switch damage {
    case .intact, .dropped: Array(derivatives)
    case .flipped: derivatives.map { $0.map { -$0 } }
    case .scaled: derivatives.map { $0.map { $0 * 1.01 } }
    case .raised: zip(derivatives, given).map { sum($0, $1.map { $0 * 1e-3 }) }
    }
  }
}
