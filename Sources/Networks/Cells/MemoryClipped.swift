internal import UnrollArrays
public import UnrollAutograd

/// A cell whose memory is clipped to ±`bound`, before it is kept and before the output reads it.
///
///     let lstm = LSTM(3, 4, using: &generator).modifyingCells { MemoryClipped($0, bound: 3) }
///     let (outputs, state) = lstm(Tensor.ones([2, 5, 3]))
public struct MemoryClipped<Cell: MemoryCell>: ModifiedCell, MemoryCell {
  public var cell: Cell
  /// The largest magnitude of the memory.
  public let bound: Double

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
