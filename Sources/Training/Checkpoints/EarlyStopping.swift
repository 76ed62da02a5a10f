internal import UnrollArrays
public import UnrollNetworks

/// Whether a training should end because a loss no longer improves: a value that one asks after each check.
///
///     var stopping = EarlyStopping(patience: 2)
///     for loss in [3.0, 2, 2.5, 2.25, 1] { if stopping.update(loss) { break } }
///     print(stopping.best ?? 0, stopping.bestStep)  // 2.0 1
public struct EarlyStopping: Sendable, Equatable {
  /// How many checks in a row without improvement are borne; one more ends the training when it is 0.
  public let patience: Int
  /// By how much a loss must be below the best one.
  public let minimalImprovement: Double
  /// The least loss so far; nil before the first check.
  public private(set) var best: Double?
  /// The check, counted from 0, or the step that was given, of the least loss; 0 before the first.
  public private(set) var bestStep = 0
  /// How many checks there were.
  public private(set) var checks = 0
  /// How many checks there were since the least loss.
  public private(set) var checksSinceBest = 0

  /// Whether the patience is at an end.
  public var isOver: Bool { checksSinceBest >= max(patience, 1) }

  /// Whether the latest check was the best: the moment to keep the model.
  public var isBest: Bool { checks > 0 && checksSinceBest == 0 }

  /// A patience of so many checks.
  public init(patience: Int, minimalImprovement: Double = 0) {
    require(patience >= 0, "EarlyStopping: a patience of \(patience) checks is not at least 0")
    requireNotNegative(minimalImprovement, "an improvement of", "EarlyStopping")
    self.patience = patience
    self.minimalImprovement = minimalImprovement
  }

  /// Takes the loss of a check, and says whether to end; NaN is no improvement.
  public mutating func update(_ loss: Double, at step: Int? = nil) -> Bool {
    // Infinity is a first loss as good as any; what is below it by any number is better.
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
  /// Puts the best loss and the counts into the record.
  public func store(in record: inout Record) {
    record.store(best, as: "best")
    record.store(bestStep, as: "bestStep")
    for (name, path) in EarlyStopping.counts { record.store(self[keyPath: path], as: name) }
  }

  /// The same patience with the best loss and the counts of the record.
  public func restored(from record: Record) throws(LoadingError) -> EarlyStopping {
    var copy = self
    copy.best = try record.value("best")
    if copy.best?.isNaN ?? false { throw record.unfit("nan is no best loss", "best") }
    copy.bestStep = try record.value("bestStep")
    for (name, path) in EarlyStopping.counts { copy[keyPath: path] = try record.count(name) }
    return copy
  }

  private static var counts: [(name: String, path: WritableKeyPath<EarlyStopping, Int>)] {
    [("checks", \.checks), ("checksSinceBest", \.checksSinceBest)]
  }
}
