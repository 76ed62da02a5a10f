public import UnrollAutograd

/// A cell with a memory behind its output, in whose step something may happen between the two.
public protocol MemoryCell: RecurrentCell where State == LSTMState {
  /// The next state, where `revise` changes the new memory before it is kept and the output reads it.
  func step(
    _ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, revising revise: (Tensor) -> Tensor
  ) -> LSTMState
}

extension MemoryCell {
  /// The next state, the memory as the equations leave it.
  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> LSTMState {
    step(projected, recurred, state) { $0 }
  }
}
