public import UnrollArrays
public import UnrollAutograd

/// A cell repeated over time, in one or more layers and one or both directions.
///
/// `[batch, time, features]` gives `[batch, time, outputs]` and the state after the last step. `isTimeFirst` swaps the first
/// two axes, and an input without a batch, `[time, features]`, gives `[time, outputs]`. Parameters are shared over time, so
/// that a sequence can have any length.
///
///     var generator = Generator(seed: 1)
///     let lstm = LSTM(3, 4, using: &generator)
///     let (outputs, state) = lstm(Tensor.ones([2, 5, 3]))
///     let (more, _) = lstm(Tensor.ones([2, 5, 3]), from: state)
public struct Recurrent<Cell: RecurrentCell>: Module {
  /// The state after the last step, for every layer and direction.
  public typealias State = RecurrentStates<Cell.State>

  /// The compiled programs of the cells' steps, kept because tracing costs as much as a few steps.
  let traces = StepTraces<Cell>()

  /// The cells that run forward in time, one for each layer.
  public var forward: [Cell]
  /// The cells that run backward in time: one for each layer, or none.
  public var backward: [Cell]
  /// How the outputs of both directions are combined.
  public var merge: Merge
  /// Whether sequences are `[time, batch, features]` instead of `[batch, time, features]`.
  public var isTimeFirst: Bool
  /// Whether a single direction runs from the last step to the first.
  public var isReversed: Bool
  /// The learned initial state: the tensors of all cells' states in order, each with one row. Empty if sequences start from
  /// zero.
  public var initial: [Tensor] = []
  /// The probability that training drops an element between one layer and the next.
  public var dropout: Double = 0 { didSet { requireRate(dropout, "dropout") } }
  /// The probability that training drops a feature of the hidden state before the recurrent product; one draw for a whole
  /// sequence.
  public var recurrentDropout: Double = 0 { didSet { requireRate(recurrentDropout, "recurrentDropout") } }
  /// The number of steps between checkpoints: only the states at checkpoints are kept for backward, which recomputes the rest.
  /// With an interval near the square root of the number of steps, memory grows with that root. Nil keeps everything.
  public var checkpointInterval: Int? {
    didSet {
      require(
        (checkpointInterval ?? 1) > 0, "Recurrent: a checkpoint interval of \(checkpointInterval ?? 0) steps is not positive")
    }
  }

  /// How the outputs of both directions are combined.
  public enum Merge: Sendable {
    /// Concatenated: twice as many features.
    case concatenate
    /// Added.
    case sum
    /// Half of their sum.
    case average
    /// Multiplied element by element.
    case multiply
  }

  /// A stack of the given cells.
  public init(
    forward: [Cell], backward: [Cell] = [], merge: Merge = .concatenate, isTimeFirst: Bool = false, isReversed: Bool = false
  ) {
    self.forward = forward
    self.backward = backward
    self.merge = merge
    self.isTimeFirst = isTimeFirst
    self.isReversed = isReversed
    checkCells()
  }

  /// Stops if layers do not pair up or a cell's parameters do not fit. All of them are variables, so that every call checks
  /// them.
  func checkCells() {
    require(!forward.isEmpty, "Recurrent: there are no layers")
    require(
      backward.isEmpty || backward.count == forward.count,
      "Recurrent: \(forward.count) forward and \(backward.count) backward layers do not pair up")
    require(!isReversed || backward.isEmpty, "Recurrent: a bidirectional network cannot be reversed")
    for cell in forward { cell.checkParameters() }
    for cell in backward { cell.checkParameters() }
    for (f, b) in zip(forward, backward) {
      require(
        merge == .concatenate || f.hiddenSize == b.hiddenSize,
        "Recurrent: outputs of \(f.hiddenSize) and \(b.hiddenSize) features can only be concatenated")
    }
  }

  /// A stack of cells that a closure makes from the numbers of input features and hidden features.
  ///
  ///     let gru = GRU(3, 4, layers: 2) { GRUCell($0, $1, reset: .before, using: &generator) }
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, bidirectional: Bool = false, merge: Merge = .concatenate,
    isTimeFirst: Bool = false, make: (_ inputs: Int, _ hidden: Int) -> Cell
  ) {
    require(layers > 0, "Recurrent: \(layers) layers do not make a network")
    self.init(
      inputs, Array(repeating: hidden, count: layers), bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst,
      make: make)
  }

  /// The same with a number of hidden features for each layer.
  ///
  ///     let rnn = RNN(3, [8, 4]) { RNNCell($0, $1, activation: .relu, using: &generator) }
  public init(
    _ inputs: Int, _ sizes: [Int], bidirectional: Bool = false, merge: Merge = .concatenate, isTimeFirst: Bool = false,
    make: (_ inputs: Int, _ hidden: Int) -> Cell
  ) {
    var (forward, backward): ([Cell], [Cell]) = ([], [])
    var width = inputs
    for size in sizes {
      forward.append(make(width, size))
      if bidirectional { backward.append(make(width, size)) }
      width = bidirectional && merge == .concatenate ? 2 * size : size
    }
    self.init(forward: forward, backward: backward, merge: merge, isTimeFirst: isTimeFirst)
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("forward", &forward)
    visitor("backward", &backward)
    visitor("initial", &initial)
  }

  private func requireRate(_ rate: Double, _ name: String) {
    require(rate >= 0 && rate < 1, "Recurrent: a \(name) of \(rate) is not in 0..<1")
  }

  /// The number of stacked layers.
  public var layerCount: Int { forward.count }

  /// Whether both directions run.
  public var isBidirectional: Bool { !backward.isEmpty }

  /// The number of features of an output.
  public var outputSize: Int { outputSize(of: layerCount - 1) }

  func outputSize(of layer: Int) -> Int {
    let size = forward[layer].hiddenSize
    return isBidirectional && merge == .concatenate ? size + backward[layer].hiddenSize : size
  }
}

extension Recurrent where Cell: SizedCell {
  /// A stack of layers with `hidden` features each, with the weights that the cell draws for its sizes.
  ///
  ///     let lstm = LSTM(3, 4, layers: 2, bidirectional: true, using: &generator)
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, bidirectional: Bool = false,
    merge: Merge = .concatenate, isTimeFirst: Bool = false, _ type: ElementType = .float32, using generator: inout Generator
  ) {
    self.init(
      inputs, hidden, layers: layers, bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst
    ) { Cell($0, $1, bias: bias, type, using: &generator) }
  }
}

extension Recurrent {
  /// The same layer with every cell transformed: wrapped in modifiers, or with other options.
  ///
  ///     let lstm = LSTM(3, 4, using: &generator).modifyingCells { WeightDropped(Zoneout($0, hidden: 0.1, memory: 0.3), rate: 0.5) }
  public func modifyingCells<Other: RecurrentCell>(_ modify: (Cell) -> Other) -> Recurrent<Other> {
    let sameMerge: Recurrent<Other>.Merge =
      switch merge {
      case .concatenate: .concatenate
      case .sum: .sum
      case .average: .average
      case .multiply: .multiply
      }
    var other = Recurrent<Other>(
      forward: forward.map(modify), backward: backward.map(modify), merge: sameMerge, isTimeFirst: isTimeFirst,
      isReversed: isReversed)
    other.initial = initial
    other.dropout = dropout
    other.recurrentDropout = recurrentDropout
    other.checkpointInterval = checkpointInterval
    return other
  }
}
