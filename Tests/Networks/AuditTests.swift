import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// The audit sees tensors wherever a value can hold them.
@Suite struct AuditTests {
  private struct Pair { var scale = Tensor(1), shift: Tensor? = Tensor(2) }

  private enum Choice {
    case none
    case one(Tensor)
    case two(gate: Tensor, value: Tensor)
  }

  private struct Everything: Module {
    var heads = ["a": Linear(weight: Tensor.ones([1, 1]), bias: nil), "b": Linear(weight: Tensor.ones([1, 1]), bias: nil)]
    var tuple = (first: Tensor(3), Tensor(4))
    var pair = Pair()
    var pairs: [Pair?] = [Pair(), nil]
    var choice = Choice.two(gate: Tensor(5), value: Tensor(6))
    var numbers = Array(repeating: 0, count: 1_000_000)
    var table = NDArray.zeros([3])
    /// What visit leaves out.
    var forgets: Set<String> = []

    mutating func visit(_ visitor: Visitor) {
      for key in heads.keys.sorted() where !forgets.contains("heads") {
        if var head = heads[key] {
          visitor("heads.\(key)", &head)
          heads[key] = head
        }
      }
      if !forgets.contains("first") { visitor("first", &tuple.first) }
      if !forgets.contains("second") { visitor("second", &tuple.1) }
      if !forgets.contains("scale") { visitor("scale", &pair.scale) }
      if !forgets.contains("shift") { visitor("shift", &pair.shift) }
      if !forgets.contains("pairs"), var inner = pairs[0] {
        visitor("inner.scale", &inner.scale)
        visitor("inner.shift", &inner.shift)
        pairs[0] = inner
      }
      if case .two(var gate, var value) = choice, !forgets.contains("choice") {
        visitor("gate", &gate)
        visitor("value", &value)
        choice = .two(gate: gate, value: value)
      }
    }
  }

  @Test func partsOfEverySortMayBeVisited() { #expect(Everything().audit() == nil) }

  @Test(
    arguments: [
      ("heads", "heads.a.weight, heads.b.weight"), ("first", "tuple.first"), ("second", "tuple.1"), ("scale", "pair.scale"),
      ("shift", "pair.shift"), ("pairs", "pairs.0.scale, pairs.0.shift"), ("choice", "choice.two.gate, choice.two.value"),
    ])
  func whatIsForgottenIsNamed(_ forgotten: String, _ names: String) {
    let problem = Everything(forgets: [forgotten]).audit() ?? ""
    // A dictionary has no order.
    let found = problem.split(separator: "not visited: ").last.map {
      $0.split(separator: ", ").sorted().joined(separator: ", ")
    }
    #expect(problem.hasPrefix("Everything: visit covers ") && found == names, "\(problem)")
  }

  private struct Twice: Module {
    var a = Tensor(1), b = Tensor(2)
    mutating func visit(_ visitor: Visitor) {
      visitor("a", &a)
      visitor("b", &a)
    }
  }

  @Test func twoNamesForOneTensorHideNothing() {
    #expect(Twice().audit() == "Twice: visit covers 2 parameters, but the fields hold 2 tensors; not visited: b")
  }

  private struct Carrying: Module {
    var layer = Linear(weight: Tensor.ones([1, 1]), bias: nil)
    var state: LSTM.State? = .init(cells: [LSTMState(hidden: Tensor(0), cell: Tensor(0))])
    mutating func visit(_ visitor: Visitor) { visitor("layer", &layer) }
  }

  @Test func aCarriedStateIsNoParameter() { #expect(Carrying().audit() == nil) }

  private final class Shared: Module {
    let weight = Tensor(1)
    func visit(_ visitor: Visitor) {}
  }

  private struct Holding: Module {
    var parts: [String: Shared] = ["a": Shared()]
    mutating func visit(_ visitor: Visitor) {}
  }

  @Test func aClassIsFoundInADictionary() {
    #expect(Holding().audit() == "Shared: a model must be a struct: copies of a class are the same object")
  }
}
