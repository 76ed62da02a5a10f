public import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// What a classifier is worth on a set of examples: the mean cross-entropy, the accuracy and the confusion matrix, over any number
/// of batches; printable.
///
///     let (x, labels) = (Tensor.ones([6, 3]), Indices([0, 1, 1, 0, 1, 1]))
///     let model = Linear(3, 2, using: &generator)
///     let evaluation = Evaluation(of: Batches(count: 6, size: 4), classes: ["calm", "wild"]) { positions in
///       (model(x.gathered(rows: Indices(positions))), Indices(positions.map { labels.values[$0] }))
///     }
///     print(evaluation.loss, evaluation.accuracy, evaluation.confusion.recall(of: 1))
public struct Evaluation: Sendable, Equatable {
  /// The counts of predicted classes for each true class.
  public private(set) var confusion: ConfusionMatrix
  private var losses = WeightedMean()

  /// The mean cross-entropy over all labels that count; NaN before anything was counted.
  public var loss: Double { losses.value }

  /// The fraction of labels whose score is the largest of its row; NaN before anything was counted.
  public var accuracy: Double { confusion.accuracy }

  /// An evaluation of nothing yet, for classes with names.
  public init(classes: [String]) { confusion = ConfusionMatrix(classes: classes) }

  /// An evaluation of all batches. The closure maps a batch to scores `[..., classes]` and labels `[...]`; labels equal to
  /// `ignored`, such as those of padding, do not count.
  public init<Batches: Sequence>(
    of batches: Batches, classes: [String], ignoring ignored: Int? = nil,
    scores: (Batches.Element) throws -> (scores: Tensor, labels: Indices)
  ) rethrows {
    self.init(classes: classes)
    for batch in batches {
      let (scores, labels) = try scores(batch)
      add(scores: scores, labels: labels, ignoring: ignored)
    }
  }

  /// The same with a mask `[...]` from the closure, where labels that it excludes do not count.
  public init<Batches: Sequence>(
    of batches: Batches, classes: [String],
    scores: (Batches.Element) throws -> (scores: Tensor, labels: Indices, mask: Mask)
  ) rethrows {
    self.init(classes: classes)
    for batch in batches {
      let (scores, labels, mask) = try scores(batch)
      add(scores: scores, labels: labels, mask: mask)
    }
  }

  /// Counts a batch: scores `[..., classes]`, which are logits, and labels `[...]`. Labels equal to `ignored` and those where the
  /// mask is false do not count.
  public mutating func add(scores: Tensor, labels: Indices, ignoring ignored: Int? = nil, mask: Mask? = nil) {
    let before = confusion.total
    confusion.add(scores: scores, labels: labels, ignoring: ignored, mask: mask)
    let count = confusion.total - before
    if count == 0 { return }
    let loss = crossEntropy(scores.detached(), labels, ignoring: ignored, mask: mask).item
    losses.add(loss, weight: Double(count))
  }
}

extension Evaluation: CustomStringConvertible {
  /// The confusion matrix with its accuracy, and the loss below.
  public var description: String { "\(confusion)\nloss \(numberText(loss))" }
}
