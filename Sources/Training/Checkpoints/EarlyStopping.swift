internal import UnrollArrays
public import UnrollNetworks

/// Decides when to stop a training whose loss no longer improves: a value that is updated after each check.
///
///     var stopping = EarlyStopping(patience: 2)
///     for loss in [3.0, 2, 2.5, 2.25, 1] { if stopping.update(loss) { break } }
///     print(stopping.best ?? 0, stopping.bestStep)  // 2.0 1
public struct EarlyStopping: Sendable, Equatable {
  /// The number of consecutive checks without improvement after which the training ends; 0 behaves like 1.
  let patience: Int
  /// The amount by which a loss must be below the best one to count as an improvement.
  let minimalImprovement: Double
  /// The lowest loss so far; nil before the first check.
  public private(set) var best: Double?
  /// The step of the lowest loss: as passed to `update`, or else the number of the check, counted from 0. It is 0 before the
  /// first check.
  public private(set) var bestStep = 0
  /// The number of checks so far.
  public private(set) var checks = 0
  /// The number of checks since the lowest loss.
  public private(set) var checksSinceBest = 0

  /// Whether the training should end.
  public var isOver: Bool { checksSinceBest >= max(patience, 1) }

  /// Whether the latest check had the lowest loss, so that the model should be saved.
  public var isBest: Bool { checks > 0 && checksSinceBest == 0 }

  /// A rule with the given patience, in checks.
  public init(patience: Int, minimalImprovement: Double = 0) {
    require(patience >= 0, "EarlyStopping: a patience of \(patience) checks is negative")
    requireNotNegative(minimalImprovement, "an improvement of", "EarlyStopping")
    self.patience = patience
    self.minimalImprovement = minimalImprovement
  }

  /// Records the loss of a check, and returns whether to stop; NaN is not an improvement.
  public mutating func update(_ loss: Double, at step: Int? = nil) -> Bool {
    // A first loss of infinity counts as the best; any finite loss then improves on it.
    if !loss.isNaN && best.map({ loss < $0 - minimalImprovement }) ?? true {
      (best, bestStep, checksSinceBest) = (loss, step ?? checks, 0)
    } else {
      checksSinceBest += 1
    }
    checks += 1
    return isOver
  }
}

extension EarlyStopping: Storable {
  /// Stores the best loss and the counts in the record.
  public func store(in record: inout Record) {
    record.store(best, as: "best")
    record.store(bestStep, as: "bestStep")
    for (name, path) in EarlyStopping.counts { record.store(self[keyPath: path], as: name) }
  }

  /// The same rule with the best loss and the counts of the record.
  public func restored(from record: Record) throws(LoadingError) -> EarlyStopping {
    var copy = self
    copy.best = try record.value("best")
    if copy.best?.isNaN ?? false { throw record.unfit("the best loss is nan", "best") }
    copy.bestStep = try record.value("bestStep")
    for (name, path) in EarlyStopping.counts { copy[keyPath: path] = try record.count(name) }
    return copy
  }

  private static var counts: [(name: String, path: WritableKeyPath<EarlyStopping, Int>)] {
    [("checks", \.checks), ("checksSinceBest", \.checksSinceBest)]
  }
}
