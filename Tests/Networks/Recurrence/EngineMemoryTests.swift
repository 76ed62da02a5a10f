import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

@testable import UnrollNetworks

/// Every cell with every mask, direction, type and way of keeping steps, in sizes that fill no vector and no block: what the sanitizers
/// watch the recurrent engine with, and what is right besides. One after the other, as some set the number of threads.
@Suite(.serialized) struct EngineMemoryTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let small: @Sendable () -> Void
    let prepared: @Sendable () -> Void
    let many: @Sendable () -> Void
    let atOnce: @Sendable () async -> Void

    init<Cell: RecurrentCell>(
      _ name: String, _ make: @escaping @Sendable (Int, Int, ElementType, inout Generator) -> Cell
    ) {
      testDescription = name
      small = { Engine.small(make) }
      prepared = { Engine.prepared(make) }
      many = { Engine.many(make) }
      atOnce = { await Engine.atOnce(make) }
    }
  }

  static let rows = [
    Row("LSTM") { LSTMCell($0, $1, $2, using: &$3) },
    Row("LSTM without bias") { LSTMCell($0, $1, bias: false, $2, using: &$3) },
    Row("peephole LSTM") { PeepholeLSTMCell($0, $1, $2, using: &$3) },
    Row("layer-norm LSTM") { LayerNormLSTMCell($0, $1, epsilon: 0.2, $2, using: &$3) },
    Row("layer-norm LSTM, memory normalised") {
      LayerNormLSTMCell($0, $1, memory: .normalized, epsilon: 0.2, $2, using: &$3)
    },
    Row("gate-norm LSTM") { GateNormLSTMCell($0, $1, epsilon: 0.2, $2, using: &$3) },
    Row("projected LSTM") { ProjectedLSTMCell($0, $1, memory: $1 + 2, $2, using: &$3) },
    Row("coupled LSTM") { CoupledLSTMCell($0, $1, peepholes: true, $2, using: &$3) },
    Row("GRU") { GRUCell($0, $1, $2, using: &$3) },
    Row("GRU without bias") { GRUCell($0, $1, bias: false, $2, using: &$3) },
    Row("GRU, reset before") { GRUCell($0, $1, reset: .before, $2, using: &$3) },
    Row("layer-norm GRU") { LayerNormGRUCell($0, $1, epsilon: 0.2, $2, using: &$3) },
    Row("RNN") { RNNCell($0, $1, $2, using: &$3) },
    Row("RNN of sigmoids") { RNNCell($0, $1, activation: .sigmoid, $2, using: &$3) },
    Row("RNN of rectifiers") { RNNCell($0, $1, activation: .relu, $2, using: &$3) },
    Row("linear RNN") { RNNCell($0, $1, activation: .identity, $2, using: &$3) },
    Row("layer-norm RNN") { LayerNormRNNCell($0, $1, epsilon: 0.2, $2, using: &$3) },
    Row("minimal gated unit") { MGUCell($0, $1, $2, using: &$3) },
    Row("IndRNN") { IndRNNCell($0, $1, activation: .tanh, $2, using: &$3) },
    Row("LEM") { LEMCell($0, $1, $2, using: &$3) },
    Row("zoned LSTM") { Zoneout(LSTMCell($0, $1, $2, using: &$3), hidden: 0.2, memory: 0.4) },
    Row("zoned GRU") { Zoneout(GRUCell($0, $1, $2, using: &$3), hidden: 0.3) },
    Row("zoned layer-norm LSTM") {
      Zoneout(LayerNormLSTMCell($0, $1, epsilon: 0.2, $2, using: &$3), hidden: 0.2, memory: 0.4)
    },
  ]

  @Test(arguments: rows) func smallOddSizes(_ row: Row) { row.small() }

  @Test(arguments: rows) func preparedSteps(_ row: Row) { row.prepared() }

  /// Rows and features enough that threads share the work.
  @Test(arguments: rows) func manyRowsOnThreads(_ row: Row) { row.many() }

  /// One layer and one prepared layer, used by several tasks at the same time.
  @Test(arguments: rows) func tasksAtOnce(_ row: Row) async { await row.atOnce() }
}

private enum Engine {
  typealias Make<Cell> = (Int, Int, ElementType, inout Generator) -> Cell

  /// Rows, steps, inputs and hidden features.
  private static let sizes = [(3, 5, 3, 5), (1, 7, 2, 17), (5, 3, 9, 1), (2, 1, 1, 7)]

  private static func layer<Cell: RecurrentCell>(
    _ make: Make<Cell>, _ inputs: Int, _ hidden: [Int], _ type: ElementType, bidirectional: Bool = false
  ) -> Recurrent<Cell> {
    var generator = Generator(seed: 3)
    return Recurrent(inputs, hidden, bidirectional: bidirectional) { make($0, $1, type, &generator) }
  }

  private static func draw(_ shape: Shape, _ type: ElementType, seed: Int = 5) -> Tensor {
    var generator = Generator(seed: seed)
    return Tensor.normal(shape, type, using: &generator)
  }

  /// What comes out of a layer in training, and the gradients by its parameters and its input.
  private static func results<Cell: RecurrentCell>(
    _ layer: Recurrent<Cell>, _ x: Tensor, _ lengths: [Int]?, _ mask: Mask?
  ) -> [Tensor] {
    let (value, last, slope) = valueAndGradient(at: Two(first: layer, second: x)) { a in
      var generator = Generator(seed: 8)
      let (outputs, state) = a.first(a.second, lengths: lengths, mask: mask, using: &generator)
      let path = a.first.trajectory(a.second, lengths: lengths, mask: mask)
      let parts = [outputs, path.outputs] + state.tensors + path.states.tensors
      return (parts.reduce(Tensor(0, x.type)) { $0 + $1.square().mean() }, state)
    }
    return [value] + last.tensors + slope.tensors
  }

  private static func expectNear(_ a: [Tensor], _ b: [Tensor], _ what: @autoclosure () -> String) {
    #expect(a.count == b.count)
    for (a, b) in zip(a, b) {
      let tolerance = a.type == .float32 ? 2e-4 : 1e-10
      #expect(a.shape == b.shape && a.array.isClose(to: b.array, relative: tolerance, absolute: tolerance), "\(what())")
    }
  }

  static func small<Cell: RecurrentCell>(_ make: Make<Cell>) {
    var turn = 0
    // Nine ways, in which each type meets every size and both intervals.
    for direction in Options.Direction.allCases {
      for rows in Options.Rows.allCases {
        let type = turn % 2 == 0 ? ElementType.float32 : .float64
        let (batch, steps, inputs, hidden) = sizes[(turn + turn / 4) % sizes.count]
        let interval = turn / 2 % 2 == 0 ? nil : 2
        turn += 1
        var layer = layer(make, inputs, [hidden, 3], type, bidirectional: direction == .both)
        layer.isReversed = direction == .reversed
        layer.checkpointInterval = interval
        let x = draw([batch, steps, inputs], type)
        let lengths = rows == .lengths ? (0..<batch).map { 1 + $0 * 2 % steps } : nil
        let mask = rows == .mask ? Mask((0..<batch * steps).map { $0 % 3 != 1 }, shape: [batch, steps]) : nil
        expectNear(
          results(layer, x, lengths, mask), results(Recurrent(slow: layer), x, lengths, mask),
          "\(type), \(direction), \(rows), interval \(interval ?? 0), sizes \((batch, steps, inputs, hidden))")
      }
    }
  }

  static func prepared<Cell: RecurrentCell>(_ make: Make<Cell>) {
    for type in [ElementType.float32, .float64] {
      for (batch, steps, inputs, hidden) in sizes {
        let layer = layer(make, inputs, [hidden, 3], type)
        let (x, stream) = (draw([batch, steps, inputs], type), layer.prepared())
        var state = stream.initialState(batch: batch, type)
        let outputs = (0..<steps).map { stream(x[.all, $0], state: &state) }
        let whole = layer(x)
        expectNear([Tensor.stack(outputs, axis: 1)] + state.tensors, [whole.outputs] + whole.state.tensors, "\(type)")
      }
    }
  }

  static func many<Cell: RecurrentCell>(_ make: Make<Cell>) {
    for type in [ElementType.float32, .float64] {
      let layer = layer(make, 5, [67], type, bidirectional: true)
      let (x, lengths) = (draw([19, 3, 5], type), (0..<19).map { 1 + $0 % 3 })
      let all = onThreads { results(layer, x, lengths, nil) }
      for other in all { #expect(zip(other, all[0]).allSatisfy { $0.array == $1.array }) }
    }
  }

  static func atOnce<Cell: RecurrentCell>(_ make: Make<Cell>) async {
    let layer = layer(make, 5, [33], .float32)
    let (x, stream) = (draw([9, 3, 5], .float32), layer.prepared())
    let expected = results(layer, x, nil, nil)
    let step = layer(x[.all, 0..<1]).outputs[.all, 0]
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<3 {
        group.addTask {
          var state = stream.initialState(batch: 9)
          let output = stream(x[.all, 0], state: &state)
          return zip(results(layer, x, nil, nil), expected).allSatisfy { $0.array == $1.array }
            && output.array.isClose(to: step.array, relative: 1e-5, absolute: 1e-6)
        }
      }
      for await isSame in group { #expect(isSame) }
    }
  }
}
