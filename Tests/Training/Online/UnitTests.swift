import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

@testable import UnrollTraining

extension RealTimeLearner {
  /// Pₜ for every number of the state, `[batch, n, p]`, also where only those of a unit are carried.
  var inFull: Tensor {
    guard way == .units, let structure else { return influences }
    let n = state.tensors.reduce(0) { $0 + $1.shape[1] }
    let places = structure.places.values
    let unit = structure.segments.flatMap { segment in (0..<segment.rows).flatMap { _ in segment.unit.values } }
    var rows = [Tensor](repeating: influences[.all, 0] * 0, count: n)
    for slot in 0..<structure.slots {
      for u in 0..<structure.units {
        let isOwn = Tensor(unit.map { $0 == u ? 1.0 : 0 }, shape: [unit.count])
        rows[places[slot * structure.units + u]] = influences[.all, slot] * isOwn
      }
    }
    return Tensor.stack(rows, axis: 1)
  }
}

/// A cell behind a name that the search for units has no part in: every number of the state is added 0 times the sum of all, so that
/// influences are carried in full and are the same.
private struct Mixed<Cell: RecurrentCell>: RecurrentCell {
  var cell: Cell

  var hiddenSize: Int { cell.hiddenSize }
  mutating func visit(_ visitor: Visitor) { cell.visit(visitor) }
  func project(_ x: Tensor) -> Tensor { cell.project(x) }
  func recur(_ hidden: Tensor) -> Tensor { cell.recur(hidden) }
  func initialState(batch: Int, _ type: ElementType) -> Cell.State { cell.initialState(batch: batch, type) }

  func step(_ projected: Tensor, _ recurred: Tensor, _ state: Cell.State) -> Cell.State {
    let next = cell.step(projected, recurred, state)
    let sum = next.tensors.map { $0.sum(axes: 1, keepingAxes: true) }.reduce(Tensor(0, .float64), +) * 0
    return next.mappingTensors { $0 + sum }
  }
}

/// Influences within units against influences in full, and which cells have units.
@Suite struct UnitTests {
  /// The gradients of every step in both ways, to rounding, for a batch.
  private func expectEqualWays<Cell: RecurrentCell>(_ cell: Cell, slots: Int, _ influences: [Influence] = Influence.allCases) {
    var generator = Generator(seed: 3)
    let x = Tensor.normal([5, 2, 2], .float64, using: &generator)
    for influence in influences {
      var (learner, full) = (
        RealTimeLearner(of: cell, influence, batch: 2), RealTimeLearner(of: Mixed(cell: cell), influence, batch: 2)
      )
      for t in 0..<5 {
        func loss(_ h: Tensor) -> Tensor { (h.square() * Tensor.range(h.shape[1], .float64) + h).sum() }
        let found = learner.observe(x[t], at: cell, loss: loss)
        let expected = full.observe(x[t], at: Mixed(cell: cell), loss: loss)
        expectClose(found.model, expected.model.cell, relative: 1e-9, absolute: 1e-11, "\(Cell.self) \(influence) \(t)")
      }
      #expect(full.way != .units, "\(Cell.self)")
      if learner.way == .units { #expect(learner.influences.shape[1] == slots, "\(Cell.self)") }
      #expect((learner.way == .units) == (influence != .rtrl || learner.structure?.isClosed == true), "\(Cell.self)")
    }
  }

  @Test func cells() {
    var generator = Generator(seed: 2)
    expectEqualWays(RNNCell(2, 3, .float64, using: &generator), slots: 1)
    expectEqualWays(GRUCell(2, 3, .float64, using: &generator), slots: 1)
    expectEqualWays(LSTMCell(2, 3, .float64, using: &generator), slots: 2)
    expectEqualWays(PeepholeLSTMCell(2, 3, .float64, using: &generator), slots: 2)
    expectEqualWays(IndRNNCell(2, 3, activation: .tanh, .float64, using: &generator), slots: 1)
    expectEqualWays(MinGRUCell(2, 3, .float64, using: &generator), slots: 1)
    expectEqualWays(QRNNCell(2, 3, .float64, using: &generator), slots: 2)
    expectEqualWays(SRUCell(2, 3, peepholes: true, .float64, using: &generator), slots: 2)
    expectEqualWays(
      LeakyCell(
        inputWeight: Tensor.normal([2, 3], .float64, using: &generator),
        recurrentWeight: Tensor.normal([3, 3], .float64, using: &generator)), slots: 2)
  }

  /// The memory of an LRU is carried, two numbers to a unit, and its output, which mixes them, is not. The diagonal of a complex
  /// memory is not that of its numbers, so that only the others are exact.
  @Test func outputsThatNoStepReads() {
    var generator = Generator(seed: 2)
    expectEqualWays(LRUCell(2, 3, memory: 4, .float64, using: &generator), slots: 2, [.rtrl, .snap1, .eprop])
  }

  @Test func cellsWithoutUnits() {
    func reason<Cell: RecurrentCell>(_ cell: Cell) -> InfluenceWay? {
      var learner = RealTimeLearner(of: cell, .snap1)
      _ = learner.observe(Tensor.ones([1, 2], .float64), at: cell) { $0.sum() }
      return learner.way
    }
    var generator = Generator(seed: 2)
    let (meet, several) = ("numbers of the state meet within a step", "a parameter reaches several units within a step")
    #expect(reason(ProjectedLSTMCell(2, 3, memory: 4, .float64, using: &generator)) == .full(meet))
    #expect(reason(GRUCell(2, 3, reset: .before, .float64, using: &generator)) == .full(meet))
    #expect(reason(LayerNormRNNCell(2, 3, .float64, using: &generator)) == .full(several))
    #expect(reason(RGLRUCell(2, 4, .float64, using: &generator)) == .full(several))
    #expect(reason(RGLRUCell(2, 2, .float64, using: &generator)) == .units)
    #expect(reason(GRUCell(2, 1, .float64, using: &generator)) == .units)
    #expect(InfluenceWay.full(meet).description == "in full: " + meet && InfluenceWay.units.description == "within units")
    let gru = GRU(2, 3, layers: 2, .float64, using: &generator)
    var learner = RealTimeLearner(of: gru)
    _ = learner.observe(Tensor.ones([1, 2], .float64), at: gru) { $0.sum() }
    #expect(learner.way == .full("layers of a stack reach each other"))
  }
}
