public import UnrollFiles
public import UnrollNetworks
public import UnrollTraining

/// Checkpoints of a training on several ranks: rank 0 reads and writes them, so that the folder has to be on its machine alone.
///
/// What differs between ranks, such as a carried state, is stored as the list that `gathered` gives. On the same number of ranks a
/// resumed training continues bit for bit.
extension Checkpoint {
  /// The newest intact checkpoint in a folder, read by rank 0, on all ranks; nil if there is none.
  ///
  ///     let ranks = try Ranks.joined()
  ///     var (step, optimizer) = (0, Adam(for: model))
  ///     if let checkpoint = try Checkpoint.latest(in: "run", on: ranks) {
  ///       try checkpoint.restore(model: &model, optimizer: &optimizer, generator: &generator)
  ///       step = checkpoint.step
  ///     }
  public static func latest(in folder: String, on ranks: Ranks) throws(LoadingError) -> Checkpoint? {
    let own = ranks.isFirst ? try latest(in: folder) : nil
    guard let others = ranks.others else { return own }
    var step = own?.step ?? -1
    ranks.broadcast(&step)
    return step < 0 ? nil : Checkpoint(step: step, record: ranks.broadcast(own?.record ?? Record(), others))
  }

  /// Writes the checkpoint into a folder on rank 0, as `save(to:keeping:)` does, and nothing on the others.
  ///
  ///     let ranks = try Ranks.joined()
  ///     try Checkpoint(step: 100, ["model": model, "losses": ranks.gathered(0.25)]).save(to: "run", keeping: 3, on: ranks)
  public func save(to folder: String, keeping count: Int, on ranks: Ranks) throws(ArrayFileError) {
    if ranks.isFirst { try save(to: folder, keeping: count) }
  }
}
