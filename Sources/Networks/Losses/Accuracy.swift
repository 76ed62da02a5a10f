public import UnrollArrays
public import UnrollAutograd

/// Which part of the labels has the largest score of its row, from 0 to 1; the first of equal scores is taken.
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
  let pairs = zip(scores.argmax().values, targets.column.values).enumerated()
  return Double(pairs.count { (counted?[$0] ?? true) && $1.0 == $1.1 }) / Double(targets.count)
}
