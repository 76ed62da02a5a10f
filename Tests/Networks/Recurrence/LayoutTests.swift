import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// Where the rows of an input and of a cotangent lie changes no bit: a batch that comes first, time that comes first, and views of larger
/// arrays.
@Suite struct LayoutTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let check: @Sendable (ElementType) -> Void

    init<Cell: RecurrentCell>(
      _ name: String, segment: Int? = nil, lengths: [Int]? = nil,
      _ make: @escaping @Sendable (Int, Int, ElementType, inout Generator) -> Cell
    ) {
      testDescription = name
      check = { Layouts(segment: segment, lengths: lengths).check($0, make) }
    }
  }

  static let rows = [
    Row("LSTM") { LSTMCell($0, $1, $2, using: &$3) },
    Row("LSTM in segments", segment: 3) { LSTMCell($0, $1, $2, using: &$3) },
    Row("LSTM of padded rows", lengths: [9, 4, 1]) { LSTMCell($0, $1, $2, using: &$3) },
    Row("GRU") { GRUCell($0, $1, $2, using: &$3) },
    Row("IndRNN") { IndRNNCell($0, $1, activation: .tanh, $2, using: &$3) },
    Row("layer-norm GRU") { LayerNormGRUCell($0, $1, epsilon: 0.2, $2, using: &$3) },
    Row("a cell that reads x by element") { _, hidden, type, _ in ElementCell(hidden, type) },
    Row("the same in segments", segment: 4) { _, hidden, type, _ in ElementCell(hidden, type) },
  ]

  @Test(arguments: rows, [ElementType.float32, .float64]) func layoutsAgree(_ row: Row, _ type: ElementType) {
    row.check(type)
  }
}

/// h ← tanh(x₁ h + w x₂), the halves of x: instructions read rows of the input, no product does.
private struct ElementCell: RecurrentCell {
  var weight: Tensor
  var hiddenSize: Int { weight.count }

  init(_ hidden: Int, _ type: ElementType) { weight = Tensor.full([hidden], 0.7, type) }

  mutating func visit(_ visitor: Visitor) { visitor("weight", &weight) }
  func initialState(batch: Int, _ type: ElementType) -> HiddenState {
    HiddenState(hidden: .zeros([batch, hiddenSize], type))
  }
  func project(_ x: Tensor) -> Tensor { x }
  func recur(_ hidden: Tensor) -> Tensor { hidden }
  func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    let n = weight.count
    return HiddenState(hidden: (projected[.all, ..<n] * recurred + weight * projected[.all, n..<(2 * n)]).tanh())
  }
}

private struct Layouts {
  let segment: Int?
  let lengths: [Int]?

  func check<Cell: RecurrentCell>(_ type: ElementType, _ make: (Int, Int, ElementType, inout Generator) -> Cell) {
    for (batch, steps, hidden) in [(3, 9, 5), (1, 9, 4), (3, 1, 17)] {
      if lengths != nil && (batch != 3 || steps != 9) { continue }
      var generator = Generator(seed: 11)
      var layer = Recurrent<Cell>(2 * hidden, hidden) { make($0, $1, type, &generator) }
      layer.checkpointInterval = segment
      let x = Tensor.normal([batch, steps, 2 * hidden], type, using: &generator)
      let weights = Tensor.normal([batch, steps, hidden], type, using: &generator)
      let expected = results(layer, x, weights)
      layer.isTimeFirst = true
      let timeFirst = results(layer, x.transposed(0, 1), weights.transposed(0, 1))
      let contiguous = results(layer, copied(x.transposed(0, 1)), copied(weights.transposed(0, 1)))
      layer.isTimeFirst = false
      let wide = Tensor.concatenate([x * 2, x, x], axis: -1)
      let view = results(layer, wide[.all, .all, (2 * hidden)..<(4 * hidden)], Tensor.stack([weights, -weights])[0])
      let (xs, ws) = (copied(x.transposed(1, 2)), copied(weights.transposed(1, 2)))
      let columns = results(layer, xs.transposed(1, 2), ws.transposed(1, 2))
      #expect(timeFirst == transposed(expected), "time first, \(batch) rows, \(steps) steps")
      #expect(contiguous == timeFirst, "time first in one piece, \(batch) rows, \(steps) steps")
      #expect(view == expected, "a view, \(batch) rows, \(steps) steps")
      #expect(columns == expected, "columns, \(batch) rows, \(steps) steps")
    }
  }

  /// The same numbers in memory of their own.
  private func copied(_ x: Tensor) -> Tensor { Tensor(x.array.contiguous()) }

  /// Outputs and the cotangent of the input, which a layout transposes; then the last state and the parameters' cotangents.
  private func results<Cell: RecurrentCell>(_ layer: Recurrent<Cell>, _ x: Tensor, _ weights: Tensor) -> [NDArray] {
    let (found, pull) = pullback(at: [x] + layer.tensors) { tensors in
      let run = layer.replacingTensors(Array(tensors[1...]))(tensors[0], lengths: lengths)
      return [run.outputs] + run.state.tensors
    }
    let cotangents = pull([weights] + found.dropFirst().map { Tensor.ones($0.shape, $0.type) })
    return [found[0].array, cotangents[0].array] + (found.dropFirst() + cotangents.dropFirst()).map(\.array)
  }

  private func transposed(_ results: [NDArray]) -> [NDArray] {
    results.enumerated().map { $0 < 2 ? $1.transposed(0, 1) : $1 }
  }
}
