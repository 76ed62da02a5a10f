public import UnrollArrays
public import UnrollAutograd

/// Which part of the labels has the largest score of its row, from 0 to 1; the first of equal scores is taken, and a row that holds
/// NaN is wrong whatever its label.
///
/// Scores `[..., classes]` and labels `[...]` give one number. Labels that equal `ignored`, and those where the mask is false, do not
/// count; where none counts, it stops.
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

/// The position of the largest score of each row, the first of equal ones; nil where a row holds NaN, which predicts nothing.
func predictions(of scores: Tensor) -> [Int?] {
  let best = scores.argmax()
  // NaN is found before any number, so a row holds none unless one was found.
  let found = scores.array.gathered(elements: best.reshaped(best.shape.followed(by: [1])), axis: -1)
  return zip(best.values, found.scalars(as: Double.self)).map { $1.isNaN ? nil : $0 }
}
