public import UnrollArrays
public import UnrollAutograd

/// A wrapper around another cell that changes part of its behaviour. Requirements that the wrapper does not implement, and
/// parameter names, come from the inner cell.
///
/// A layer traces the modified step like any other, so that modifiers run as part of the fused program.
public protocol ModifiedCell: RecurrentCell where State == Cell.State {
  /// The type of the inner cell.
  associatedtype Cell: RecurrentCell

  /// The inner cell.
  var cell: Cell { get set }
}

/// A cell of which every step must run, operation by operation: one whose steps record the states that they see, or one that tests
/// compare with.
package protocol EveryStepCell: RecurrentCell {}

extension ModifiedCell {
  public var hiddenSize: Int { cell.hiddenSize }

  public var inputSize: Int? { cell.inputSize }

  public mutating func visit(_ visitor: Visitor) { cell.visit(visitor) }

  public func project(_ x: Tensor) -> Tensor { cell.project(x) }

  public func recur(_ hidden: Tensor) -> Tensor { cell.recur(hidden) }

  /// The inner cell's next state.
  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: Cell.State) -> Cell.State {
    cell.step(projected, recurred, state)
  }

  /// The inner cell's next state, given this step's random draws.
  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: Cell.State, noise: [Tensor]) -> Cell.State {
    cell.step(projected, recurred, state, noise: noise)
  }

  /// The inner cell's state before the first step.
  public func initialState(batch: Int, _ type: ElementType) -> Cell.State { cell.initialState(batch: batch, type) }

  public func checkParameters() { cell.checkParameters() }

  public func drawn(using generator: inout Generator) -> Self {
    var copy = self
    copy.cell = cell.drawn(using: &generator)
    return copy
  }

  public func noise(steps: Int, batch: Int, _ type: ElementType, using generator: inout Generator) -> [Tensor] {
    cell.noise(steps: steps, batch: batch, type, using: &generator)
  }
}

/// A cell whose memory is clipped to ±`bound`, before it is kept and before the output reads it.
///
///     let lstm = LSTM(3, 4, using: &generator).modifyingCells { MemoryClipped($0, bound: 3) }
///     let (outputs, state) = lstm(Tensor.ones([2, 5, 3]))
public struct MemoryClipped<Cell: MemoryCell>: ModifiedCell, MemoryCell {
  public var cell: Cell
  private let bound: Double

  /// A cell with a clipped memory.
  public init(_ cell: Cell, bound: Double) {
    require(bound > 0, "MemoryClipped: a bound of \(bound) is not above 0")
    self.cell = cell
    self.bound = bound
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> LSTMState {
    step(projected, recurred, state) { $0 }
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, noise: [Tensor]) -> LSTMState {
    step(projected, recurred, state) { $0 }
  }

  public func step(
    _ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, revising revise: (Tensor) -> Tensor
  ) -> LSTMState {
    cell.step(projected, recurred, state) { revise($0.clipped(minimum: -bound, maximum: bound)) }
  }
}

/// A cell that drops entries of its recurrent matrix in training: U ⊙ m, with one draw of m for all steps of a sequence.
///
/// m is 0 with probability `rate`, and 1 / (1 − rate) otherwise. The steps are the inner cell's, at the same speed.
///
///     let lstm = LSTM(3, 4, using: &generator).modifyingCells { WeightDropped($0, rate: 0.5) }
///     let (outputs, state) = lstm(Tensor.ones([2, 5, 3]), using: &generator)
public struct WeightDropped<Cell: RecurrentCell>: ModifiedCell {
  public var cell: Cell
  private let rate: Double
  private let parameter: String

  /// A cell that drops entries of one parameter, of the given name in the inner cell, in training.
  public init(_ cell: Cell, rate: Double, parameter: String = "recurrentWeight") {
    require(rate >= 0 && rate < 1, "WeightDropped: a rate of \(rate) is not in 0..<1")
    let names = cell.parameters.map(\.name)
    require(
      names.contains(parameter),
      "WeightDropped: a cell with the parameters \(names.joined(separator: ", ")) has no \(parameter)")
    self.cell = cell
    self.rate = rate
    self.parameter = parameter
  }

  public func drawn(using generator: inout Generator) -> WeightDropped {
    var copy = self
    copy.cell = cell.drawn(using: &generator)
    if rate == 0 { return copy }
    copy.cell.visitParameters { name, tensor in
      if name == parameter { tensor = tensor * Dropout(rate).mask(tensor.shape, tensor.type, using: &generator) }
    }
    return copy
  }
}

extension WeightDropped: MemoryCell where Cell: MemoryCell {
  public func step(
    _ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, revising revise: (Tensor) -> Tensor
  ) -> LSTMState {
    cell.step(projected, recurred, state, revising: revise)
  }
}
