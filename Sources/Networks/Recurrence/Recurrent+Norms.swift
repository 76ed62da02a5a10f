package import UnrollArrays
package import UnrollAutograd

extension Recurrent {
  /// Whether every cell runs by kernels whose way back can say the norms of what it hands to each state.
  package var saysNorms: Bool {
    (forward + backward).allSatisfy { ($0 as? any FusedCell)?.stepRule?.saysNorms ?? false }
  }

  /// The outputs of every step; the way back leaves its norms in the logs, one for each cell in the order of states. A log stays empty
  /// where the way back does not come, or is itself differentiated.
  package func outputs(_ x: Tensor, from state: State?, lengths: [Int]?, norms: [Guarded<StateNorms?>]) -> Tensor {
    run(x, state, RowMask(lengths, nil), dropping: nil, keepsStates: false, norms: norms).outputs
  }
}
