public import UnrollArrays
public import UnrollAutograd

/// The fraction of labels whose score is the largest of its row, from 0 to 1. Ties go to the smaller class, and a row that
/// contains NaN is wrong whatever its label.
///
/// Scores `[..., classes]` and labels `[...]` give one number. Labels equal to `ignored`, and those where the mask is false, do
/// not count; if no label counts, it stops.
///
///     let right = accuracy([[2, 0, -1], [0, 1, 0]], [0, 2])  // 0.5
public func accuracy(_ scores: Tensor, _ labels: Indices, ignoring ignored: Int? = nil, mask: Mask? = nil) -> Double {
  let given = Scores(operation: "accuracy", what: "scores", shape: scores.shape)
  let targets = LabelTargets(labels, of: given, ignoring: ignored, mask: mask)
  given.requireCounting(targets.count, of: labels.count)
  let counted = targets.counted?.values
  let pairs = zip(predictions(of: scores), targets.column.values).enumerated()
  return Double(pairs.count { (counted?[$0] ?? true) && $1.0 == $1.1 }) / Double(targets.count)
}

/// The position of the largest score of each row, the first among ties; nil for a row that contains NaN, which has no
/// prediction.
func predictions(of scores: Tensor) -> [Int?] {
  let best = scores.argmax()
  // `argmax` returns the position of a NaN if the row contains one.
  let found = scores.array.gathered(elements: best.reshaped(best.shape.followed(by: [1])), axis: -1)
  return zip(best.values, found.scalars(as: Double.self)).map { $1.isNaN ? nil : $0 }
}
