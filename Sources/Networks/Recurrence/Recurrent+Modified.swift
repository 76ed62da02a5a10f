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
