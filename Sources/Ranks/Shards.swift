public import UnrollTraining

/// Each rank reads its own rows, and all ranks read as many windows, so that nobody waits for a gradient that does not come. Together the
/// ranks read what one rank would: the batch is divided among them, not multiplied.
extension Windows {
  /// This rank's rows of all windows. All ranks must have the same stream, and draw random lengths by generators in the same state.
  ///
  ///     let windows = Windows(Indices(Array(0..<1000)), batch: 8, steps: 20).shard(try Ranks.joined())
  ///     for window in windows { print(window.inputs.shape) }  // on two ranks [4, 20]
  public func shard(_ ranks: Ranks) -> Windows { rows(ranks.rows(of: batch, checking: layout, "Windows")) }
}

extension FileWindows {
  /// This rank's rows of all windows; the others are never read.
  ///
  ///     let windows = try FileWindows("tokens.bin", .twoBytes, batch: 32, steps: 128).shard(Ranks.joined())
  public func shard(_ ranks: Ranks) -> FileWindows {
    rows(ranks.rows(of: batch, checking: [batch, steps, length], "FileWindows"))
  }
}

extension DocumentWindows {
  /// This rank's rows of all windows. Where all documents of its rows have ended, a window has no target, and weighs 0 in a mean.
  ///
  ///     let windows = DocumentWindows([[1, 2, 3, 4, 5], [6, 7, 8]], batch: 2, steps: 3).shard(try Ranks.joined())
  ///     for window in windows { print(window.inputs.shape, window.targetCount) }
  public func shard(_ ranks: Ranks) -> DocumentWindows {
    rows(ranks.rows(of: batch, checking: layout, "DocumentWindows"))
  }
}

extension Batches {
  /// This rank's part of every batch: positions of windows, series, or rows of a table. Every rank has a position of each batch; a batch
  /// of fewer positions than there are ranks is joined to the one before.
  ///
  /// All ranks must draw the batches with generators in the same state. Of each batch every `count`-th position goes to one rank, so
  /// that sequences of similar lengths stay together.
  ///
  ///     let ranks = try Ranks.joined()
  ///     for positions in Batches(count: 64, size: 16, using: &generator).shard(ranks) {
  ///       let slope = gradient(at: model) { $0(Tensor.stack(positions.map { x[$0] })).square().mean() }
  ///       print(ranks.mean(slope, weight: Double(positions.count)).norm)
  ///     }
  public func shard(_ ranks: Ranks) -> Batches {
    var sum = Checksum()
    for list in lists {
      sum.add(list.count)
      for position in list { sum.add(position) }
    }
    guard let others = ranks.others else { return self }
    others.agree(Notice(.shard, size: lists.count, layout: sum.value))
    guard let part = dealt(to: ranks.rank, of: ranks.count) else {
      others.end("Batches.shard: there are fewer positions than the \(ranks.count) ranks", isKnownToAll: true)
    }
    return part
  }
}

extension Ranks {
  fileprivate func rows(of batch: Int, checking layout: [Int], _ source: String) -> Range<Int> {
    guard let others else { return 0..<batch }
    others.agree(Notice(.shard, size: batch, layout: Checksum(layout).value))
    if batch < count {
      others.end("\(source).shard: \(batch) rows do not suffice for \(count) ranks", isKnownToAll: true)
    }
    return share(of: batch)
  }
}
