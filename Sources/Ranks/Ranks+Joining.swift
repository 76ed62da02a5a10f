extension Ranks {
  /// Joins the ranks that a launcher has started; one rank without a launcher, without a look for MPI. Throws if this process is one of
  /// several ranks and cannot join the others.
  ///
  /// `addingInRankOrder` makes the bits of a sum independent of the MPI library, the machines and the network. Without it the library
  /// adds as it likes, which is quicker where the network itself adds.
  ///
  ///     let ranks = try Ranks.joined()
  ///     print("rank \(ranks.rank) of \(ranks.count)")
  public static func joined(addingInRankOrder: Bool = true) throws(RanksError) -> Ranks {
    Ranks(try MPI.joined.get(), addingInRankOrder: addingInRankOrder)
  }
}
