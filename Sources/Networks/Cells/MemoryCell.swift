public import UnrollAutograd

/// A cell with a memory behind its output, whose step lets a modifier revise the new memory before the output reads it.
public protocol MemoryCell: RecurrentCell where State == LSTMState {
  /// The next state. `revise` maps the new memory to the one that is kept and that the output reads.
  func step(
    _ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, revising revise: (Tensor) -> Tensor
  ) -> LSTMState
}

extension MemoryCell {
  /// The next state, with the memory unrevised.
  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> LSTMState {
    step(projected, recurred, state) { $0 }
  }
}
