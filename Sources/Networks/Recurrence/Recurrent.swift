public import UnrollArrays
public import UnrollAutograd

/// A cell repeated over time: one layer or several, one direction or both.
///
/// `[batch, time, features]` gives `[batch, time, outputs]`, and the state after the last step; `isTimeFirst` exchanges the first two
/// axes, and an input without a batch, `[time, features]`, gives `[time, outputs]`. Parameters are shared over time, so that a sequence
/// may have any length.
///
///     var generator = Generator(seed: 1)
///     let lstm = LSTM(3, 4, using: &generator)
///     let (outputs, state) = lstm(Tensor.ones([2, 5, 3]))
///     let (more, _) = lstm(Tensor.ones([2, 5, 3]), from: state)
public struct Recurrent<Cell: RecurrentCell>: Module {
  /// The state after the last step, of every layer and direction.
  public typealias State = RecurrentStates<Cell.State>

  /// The cells that run forward in time, one for each layer.
  public var forward: [Cell]
  /// The cells that run backward in time: one for each layer, or none.
  public var backward: [Cell]
  /// How the outputs of both directions become one.
  public var merge: Merge
  /// Whether sequences are `[time, batch, features]` instead of `[batch, time, features]`.
  public var isTimeFirst: Bool
  /// Whether the only direction runs from the last step to the first.
  public var isReversed: Bool

  /// How the outputs of both directions become one.
  public enum Merge: Sendable {
    /// Side by side: twice as many features.
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
    require(!forward.isEmpty, "Recurrent: there are no layers")
    require(
      backward.isEmpty || backward.count == forward.count,
      "Recurrent: \(forward.count) layers forward and \(backward.count) backward do not pair")
    require(!isReversed || backward.isEmpty, "Recurrent: both directions run already; only one can be reversed")
    for (f, b) in zip(forward, backward) {
      require(
        merge == .concatenate || f.hiddenSize == b.hiddenSize,
        "Recurrent: outputs of \(f.hiddenSize) and \(b.hiddenSize) features can only be concatenated")
    }
    self.forward = forward
    self.backward = backward
    self.merge = merge
    self.isTimeFirst = isTimeFirst
    self.isReversed = isReversed
  }

  /// A stack of cells made by a closure from the number of inputs and of hidden features.
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
  }

  /// How many layers are stacked.
  public var layerCount: Int { forward.count }

  /// Whether both directions run.
  public var isBidirectional: Bool { !backward.isEmpty }

  /// How many features an output has.
  public var outputSize: Int {
    let top = forward[forward.count - 1].hiddenSize
    return isBidirectional && merge == .concatenate ? top + backward[backward.count - 1].hiddenSize : top
  }

  /// The outputs of every step, and the state after the last.
  ///
  /// With `lengths`, one for each row, what lies behind a row's length is padding: nothing depends on it, outputs are 0 there, the state
  /// is the one after the row's own last step, and the backward direction begins there.
  public func callAsFunction(
    _ x: Tensor, from state: State? = nil, lengths: [Int]? = nil
  ) -> (outputs: Tensor, state: State) {
    if x.rank == 2 { return unbatched(x, state, lengths) }
    require(x.rank == 3, "Recurrent: an input of shape \(x.shape) is no sequence: three axes are, or two without a batch")
    let (steps, batch) = isTimeFirst ? (x.shape[0], x.shape[1]) : (x.shape[1], x.shape[0])
    require(steps > 0 && batch > 0, "Recurrent: an input of shape \(x.shape) has no steps or no rows")
    let mask = lengths.map { lengthMask($0, steps: steps, batch: batch) }
    let initial = state ?? initialState(batch: batch, x.type)
    requireState(initial, batch)
    var states = initial
    var sequence = isTimeFirst ? x : x.transposed(0, 1)
    for layer in 0..<layerCount {
      func run(_ cell: Cell, _ position: Int, reversed: Bool) -> Tensor {
        let scan = Scan(input: sequence, mask: mask, isReversed: reversed)
        let (outputs, last) = scan.run(cell, from: initial.cells[position])
        states.cells[position] = last
        return outputs
      }
      if isBidirectional {
        sequence = merged(
          run(forward[layer], 2 * layer, reversed: false), run(backward[layer], 2 * layer + 1, reversed: true))
      } else {
        sequence = run(forward[layer], layer, reversed: isReversed)
      }
    }
    return (isTimeFirst ? sequence : sequence.transposed(0, 1), states)
  }

  /// The state before the first step.
  public func initialState(batch: Int, _ type: ElementType = .float32) -> State {
    State(
      cells: (0..<layerCount).flatMap { layer in
        [forward[layer].initialState(batch: batch, type)]
          + (isBidirectional ? [backward[layer].initialState(batch: batch, type)] : [])
      })
  }

  private func merged(_ a: Tensor, _ b: Tensor) -> Tensor {
    switch merge {
    case .concatenate: Tensor.concatenate([a, b], axis: -1)
    case .sum: a + b
    case .average: (a + b) * 0.5
    case .multiply: a * b
    }
  }

  private func unbatched(_ x: Tensor, _ state: State?, _ lengths: [Int]?) -> (outputs: Tensor, state: State) {
    let axis = isTimeFirst ? 1 : 0
    let (outputs, states) = self(
      x.expandingAxis(axis), from: state.map { $0.mappingTensors { $0.expandingAxis(0) } }, lengths: lengths)
    return (outputs.squeezingAxis(axis), states.mappingTensors { $0.squeezingAxis(0) })
  }

  private func lengthMask(_ lengths: [Int], steps: Int, batch: Int) -> Mask {
    require(lengths.count == batch, "Recurrent: \(lengths.count) lengths do not fit \(batch) rows")
    for length in lengths {
      require(length > 0 && length <= steps, "Recurrent: a length of \(length) does not lie in 1...\(steps)")
    }
    return Mask((0..<steps).flatMap { step in lengths.map { step < $0 } }, shape: [steps, batch, 1])
  }

  private func requireState(_ state: State, _ batch: Int) {
    let count = layerCount * (isBidirectional ? 2 : 1)
    require(
      state.cells.count == count, "Recurrent: a state of \(state.cells.count) cells does not fit \(count) cells")
    for (position, cell) in state.cells.enumerated() {
      let owner = isBidirectional ? (position % 2 == 0 ? forward : backward)[position / 2] : forward[position]
      for tensor in cell.tensors {
        require(
          tensor.shape.count > 1 && tensor.shape[0] == batch && (tensor.rank != 2 || tensor.shape[1] == owner.hiddenSize),
          "Recurrent: a state of shape \(tensor.shape) does not fit \(batch) rows of \(owner.hiddenSize) features")
      }
    }
  }
}

/// The states of all cells of a recurrent layer: layer 0 forward, layer 0 backward where there is one, layer 1 forward, and so on.
public struct RecurrentStates<CellState: RecurrentState>: TensorGroup {
  /// One state for each layer and direction.
  public var cells: [CellState]

  /// States of the given cells.
  public init(cells: [CellState]) { self.cells = cells }

  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) { cells.visitTensors(visit) }

  /// The same numbers, unrecorded: where truncated backpropagation through time ends.
  public func detached() -> RecurrentStates { mappingTensors { $0.detached() } }
}
