import Testing
import UnrollArrays
import UnrollAutograd
import UnrollProgramSupport
import UnrollTestSupport

@testable import UnrollNetworks

/// What holds for every cell, by the definition of a recurrence.
@Suite struct RecurrentTests {
  /// A cell with what the tests do to it, whatever its type.
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let check: @Sendable (Property) -> Void

    init<Cell: RecurrentCell>(
      _ name: String, gradients: [Options] = Options.pairs, ways: [Options] = Options.pairs,
      _ make: @escaping @Sendable (Int, Int, inout Generator) -> Cell
    ) {
      testDescription = name
      check = { property in
        var generator = Generator(seed: 5)
        let layer = { (sizes: [Int], bidirectional: Bool, merge: Recurrent<Cell>.Merge) in
          Recurrent<Cell>(3, sizes, bidirectional: bidirectional, merge: merge) { make($0, $1, &generator) }
        }
        switch property {
        case .gradients: for options in gradients { Properties.gradients(make, options) }
        case .ways: for options in ways { Properties.ways(make, options) }
        case .steps: Properties.steps(layer([4], false, .concatenate))
        case .stream: Properties.stream(layer([4, 5], false, .concatenate))
        case .nilState: Properties.nilState(layer([4, 2], true, .sum))
        case .layout: Properties.layout(layer([4], true, .average))
        case .stack: Properties.stack(layer([4, 5], false, .concatenate))
        case .directions: Properties.directions(layer([4], true, .multiply))
        case .windows: Properties.windows(layer([4, 4], false, .concatenate))
        case .padding: Properties.padding(layer([4, 3], true, .concatenate))
        }
      }
    }
  }

  enum Property: CaseIterable { case gradients, ways, steps, stream, nilState, layout, stack, directions, windows, padding }

  static let rows = [
    // One engine runs all cells: two of them meet every combination of options, all others every pair.
    Row("LSTM", ways: Options.all) { LSTMCell($0, $1, .float64, using: &$2) },
    // What shares its code with the row before needs a plain layer and one with much.
    Row("LSTM without bias", gradients: Options.few) { LSTMCell($0, $1, bias: false, .float64, using: &$2) },
    Row("peephole LSTM") { inputs, hidden, generator in
      var cell = PeepholeLSTMCell(inputs, hidden, .float64, using: &generator)
      cell.peepholes = Tensor.normal([3, hidden], .float64, using: &generator)
      return cell
    },
    Row("GRU") { GRUCell($0, $1, .float64, using: &$2) },
    Row("GRU, reset before") { GRUCell($0, $1, reset: .before, .float64, using: &$2) },
    Row("RNN") { RNNCell($0, $1, .float64, using: &$2) },
    Row("RNN of sigmoids", gradients: Options.few) { RNNCell($0, $1, activation: .sigmoid, .float64, using: &$2) },
    Row("RNN of one's own") { RNNCell($0, $1, activation: .custom { $0.sin() }, .float64, using: &$2) },
    Row("a cell of one's own", ways: Options.all) { inputs, hidden, generator in
      LeakyCell(
        weight: Tensor.normal([inputs, hidden], .float64, using: &generator),
        recurrentWeight: Tensor.normal([hidden, hidden], deviation: 0.4, .float64, using: &generator))
    },
  ]

  @Test(arguments: rows, Property.allCases) func holds(_ row: Row, _ property: Property) { row.check(property) }
}

/// A cell that a user might write.
private struct LeakyCell: RecurrentCell {
  var weight: Tensor
  var recurrentWeight: Tensor
  var hiddenSize: Int { recurrentWeight.shape[0] }

  mutating func visit(_ visitor: Visitor) {
    visitor("weight", &weight)
    visitor("recurrentWeight", &recurrentWeight)
  }

  func project(_ x: Tensor) -> Tensor { x.matmul(weight) }
  func recur(_ hidden: Tensor) -> Tensor { hidden.matmul(recurrentWeight) }
  func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    HiddenState(hidden: state.hidden * 0.9 + (projected + recurred).tanh() * 0.1)
  }
  func initialState(batch: Int, _ type: ElementType) -> HiddenState {
    HiddenState(hidden: Tensor.zeros([batch, hiddenSize], type))
  }
}

enum Properties {
  static func draw(_ shape: Shape, seed: Int = 11) -> Tensor {
    var generator = Generator(seed: seed)
    return Tensor.normal(shape, .float64, using: &generator)
  }

  static func isClose(_ a: [Tensor], _ b: [Tensor], _ location: SourceLocation = #_sourceLocation) {
    #expect(a.count == b.count, sourceLocation: location)
    for (a, b) in zip(a, b) {
      #expect(
        a.shape == b.shape && a.array.isClose(to: b.array, relative: 1e-11, absolute: 1e-13), "\(a)\nagainst\n\(b)",
        sourceLocation: location)
    }
  }

  /// Outputs, final states and gradients of a model by its parameters, its input and its initial state.
  static func all<Cell: RecurrentCell>(
    _ layer: Recurrent<Cell>, _ x: Tensor, _ state: Recurrent<Cell>.State? = nil, lengths: [Int]? = nil
  ) -> [Tensor] {
    let arguments = Two(first: layer, second: Two(first: x, second: state))
    let (value, results, slope) = valueAndGradient(at: arguments) { a in
      let (outputs, last) = a.first(a.second.first, from: a.second.second, lengths: lengths)
      let tensors = [outputs] + last.tensors
      let score = tensors.enumerated().map { ($1 * draw($1.shape, seed: 20 + $0)).sum() }.reduce(Tensor(0, .float64)) {
        $0 + $1
      }
      return (score, tensors)
    }
    return [value] + results + slope.tensors
  }

  /// First and second order, reverse and forward, against differences: along directions in all tensors at once, where a wrong number
  /// of one of them shows too, and each tensor by itself where the function has a kink on that way.
  static func gradients<Cell: RecurrentCell>(
    _ make: (Int, Int, inout Generator) -> Cell, _ options: Options, inputs: Int = 2
  ) {
    let layer = options.layer(make, inputs: inputs, hidden: 2)
    let point = Two(first: layer, second: draw([2, 2, inputs]))
    let score = { @Sendable (a: Two<Recurrent<Cell>, Tensor>) -> Tensor in
      var generator = Generator(seed: 8)
      let (outputs, last) = a.first(a.second, lengths: options.lengths(2), mask: options.mask(2), using: &generator)
      return outputs.square().sum() + last.tensors.map { $0.sin().sum() }.reduce(Tensor(0, .float64)) { $0 + $1 }
    }
    switch DerivativeCheck(at: point.tensors, seed: 3, of: { score(point.replacingTensors($0)) }).run() {
    case .agree: break
    case .disagree(let message): Issue.record("\(options): \(message)")
    case .undecided:
      let report = checkGradients(at: point, order: 2, directions: 1, of: score)
      #expect(report.passes, "\(options)\n\(report)")
    }
  }

  /// The fast way, in segments and whole, gives what the cell gives step by step, values and gradients, whatever the options.
  static func ways<Cell: RecurrentCell>(_ make: (Int, Int, inout Generator) -> Cell, _ options: Options) {
    let layer = options.layer(make, inputs: 3, hidden: 4)
    var reference = layer.mapping { $0 }
    reference.checkpointInterval = nil
    let x = draw([3, 5, 3])
    let stepped = results(Recurrent(slow: reference), x) { model, x, generator in
      let (outputs, state) = model(x, lengths: options.lengths(5), mask: options.mask(5), using: &generator)
      return (outputs, state.tensors)
    }
    let fast = results(layer, x) { model, x, generator in
      let (outputs, state) = model(x, lengths: options.lengths(5), mask: options.mask(5), using: &generator)
      return (outputs, state.tensors)
    }
    isClose(fast, stepped)
    if options.dropout { return }
    let path = results(layer, x) { model, x, _ in
      let (outputs, states) = model.trajectory(x, lengths: options.lengths(5), mask: options.mask(5))
      return (outputs, states.tensors)
    }
    let steppedPath = results(Recurrent(slow: reference), x) { model, x, _ in
      let (outputs, states) = model.trajectory(x, lengths: options.lengths(5), mask: options.mask(5))
      return (outputs, states.tensors)
    }
    isClose(path, steppedPath)
  }

  /// The cell's own way in float32 against the steps in float64 with the same numbers.
  static func float32<Cell: RecurrentCell>(_ make: (Int, Int, inout Generator) -> Cell, _ options: Options) {
    let layer = options.layer(make, inputs: 3, hidden: 4).cast(to: .float32)
    let x = draw([3, 5, 3]).cast(to: .float32)
    let found = results(layer, x) { model, x, generator in
      let (outputs, state) = model(x, lengths: options.lengths(5), mask: options.mask(5), using: &generator)
      return (outputs, state.tensors)
    }
    let exact = results(Recurrent(slow: layer.cast(to: .float64)), x.cast(to: .float64)) { model, x, generator in
      let (outputs, state) = model(x, lengths: options.lengths(5), mask: options.mask(5), using: &generator)
      return (outputs, state.tensors)
    }
    // The score itself is a sum of numbers of both signs, of which little may remain.
    expectNear(Array(found.dropFirst()), Array(exact.dropFirst()), 0x1p-17, "\(Cell.self), \(options)")
  }

  /// A score, what it is a score of, and its gradients by a model and its input.
  private static func results<Model: Module>(
    _ model: Model, _ x: Tensor, _ run: (Model, Tensor, inout Generator) -> (outputs: Tensor, state: [Tensor])
  ) -> [Tensor] {
    let (value, results, slope) = valueAndGradient(at: Two(first: model, second: x)) { a in
      var generator = Generator(seed: 8)
      let (outputs, last) = run(a.first, a.second, &generator)
      let tensors = [outputs] + last
      let score = tensors.enumerated().map { ($1 * draw($1.shape, seed: 20 + $0).cast(to: x.type)).sum() }
        .reduce(Tensor(0, x.type)) { $0 + $1 }
      return (score, tensors)
    }
    return [value] + results + slope.tensors
  }

  /// The cell's fast way equals the cell step by step.
  static func steps<Cell: RecurrentCell>(_ layer: Recurrent<Cell>) {
    let (x, cell) = (draw([5, 2, 3]), layer.forward[0])
    for reversed in [false, true] {
      let scan = Scan(input: x, mask: nil, isReversed: reversed)
      var state = cell.initialState(batch: 2, .float64)
      var outputs = x.unstacked()
      for t in reversed ? [4, 3, 2, 1, 0] : [0, 1, 2, 3, 4] {
        state = cell(x[t], from: state)
        outputs[t] = state.hidden
      }
      let found = scan.run(cell, from: cell.initialState(batch: 2, .float64))
      isClose([found.outputs] + found.last.tensors, [Tensor.stack(outputs)] + state.tensors)
    }
  }

  /// One prepared step after the other is the whole sequence.
  static func stream<Cell: RecurrentCell>(_ layer: Recurrent<Cell>) {
    let x = draw([2, 4, 3])
    let (outputs, last) = layer(x)
    let stream = layer.prepared()
    var state = stream.initialState(batch: 2, .float64)
    let found = (0..<4).map { stream(x[.all, $0], state: &state) }
    isClose([Tensor.stack(found, axis: 1)] + state.tensors, [outputs] + last.tensors)
  }

  /// No state is the state of zeros, bit for bit.
  static func nilState<Cell: RecurrentCell>(_ layer: Recurrent<Cell>) {
    let x = draw([2, 4, 3])
    let (without, with) = (layer(x), layer(x, from: layer.initialState(batch: 2, .float64)))
    #expect(without.outputs.array == with.outputs.array)
    for (a, b) in zip(without.state.tensors, with.state.tensors) { #expect(a.array == b.array) }
  }

  /// Batch-first is time-first, and an input without a batch is a batch of one.
  static func layout<Cell: RecurrentCell>(_ layer: Recurrent<Cell>) {
    let x = draw([2, 4, 3])
    var turned = layer
    turned.isTimeFirst = true
    let (a, b) = (layer(x), turned(x.transposed(0, 1)))
    isClose([a.outputs] + a.state.tensors, [b.outputs.transposed(0, 1)] + b.state.tensors)
    let single = layer(x[1])
    isClose([single.outputs] + single.state.tensors, [a.outputs[1]] + a.state.tensors.map { $0[1] })
    let next = layer(x[1], from: single.state)
    isClose([next.outputs], [layer(x, from: a.state).outputs[1]])
  }

  /// A stack is one layer after the other.
  static func stack<Cell: RecurrentCell>(_ layer: Recurrent<Cell>) {
    let x = draw([2, 4, 3])
    let (outputs, last) = layer(x)
    let first = Recurrent(forward: [layer.forward[0]])(x)
    let second = Recurrent(forward: [layer.forward[1]])(first.outputs)
    isClose([outputs] + last.tensors, [second.outputs] + first.state.tensors + second.state.tensors)
  }

  /// The backward direction is the forward one on the sequence reversed.
  static func directions<Cell: RecurrentCell>(_ layer: Recurrent<Cell>) {
    let x = draw([2, 4, 3])
    let (outputs, last) = layer(x)
    let forward = Recurrent(forward: layer.forward)(x)
    let backward = Recurrent(forward: layer.backward)(x.flipped(1))
    isClose(
      [outputs] + last.tensors,
      [forward.outputs * backward.outputs.flipped(1)] + forward.state.tensors + backward.state.tensors)
    let reversed = Recurrent(forward: layer.backward, isReversed: true)(x)
    isClose([reversed.outputs] + reversed.state.tensors, [backward.outputs.flipped(1)] + backward.state.tensors)
  }

  /// Windows one after the other, with the state carried and recorded, are the whole sequence.
  static func windows<Cell: RecurrentCell>(_ layer: Recurrent<Cell>) {
    let x = draw([2, 6, 3])
    func score(_ layer: Recurrent<Cell>, _ cuts: [Range<Int>]) -> Tensor {
      var state: Recurrent<Cell>.State?
      var sum = Tensor(0, .float64)
      for cut in cuts {
        let (outputs, next) = layer(x[.all, cut], from: state)
        sum += (outputs * draw([2, 6, 4], seed: 3)[.all, cut]).sum()
        state = next
      }
      return sum
    }
    let whole = valueAndGradient(at: layer) { score($0, [0..<6]) }
    let parts = valueAndGradient(at: layer) { score($0, [0..<1, 1..<4, 4..<6]) }
    isClose([whole.value] + whole.gradient.tensors, [parts.value] + parts.gradient.tensors)
  }

  /// Neither padding nor the other rows are felt: values, final states and gradients of a row are those of the row alone.
  static func padding<Cell: RecurrentCell>(_ layer: Recurrent<Cell>) {
    let (x, lengths) = (draw([3, 5, 3]), [4, 1, 5])
    let (outputs, last) = layer(x, lengths: lengths)
    for (row, length) in lengths.enumerated() {
      let alone = layer(x[row..<(row + 1), ..<length])
      isClose(
        [outputs[row..<(row + 1), ..<length]] + last.tensors.map { $0[row..<(row + 1)] },
        [alone.outputs] + alone.state.tensors)
    }
    let full = all(layer, x, nil, lengths: [5, 5, 5])
    isClose(full, all(layer, x))
    // What lies in the padding changes nothing, and gets the gradient zero.
    let mask = Tensor(lengths.flatMap { n in (0..<5).map { $0 < n ? 0.0 : 1 } }, shape: [3, 5, 1])
    let noise = x + mask * draw([3, 5, 3], seed: 77)
    isClose(all(layer, x, lengths: lengths), all(layer, noise, lengths: lengths))
    let slope = gradient(at: x) { layer($0, lengths: lengths).outputs.square().sum() }
    #expect((slope * mask).square().sum().item == 0)
    #expect((outputs * mask).square().sum().item == 0)
  }
}
