public import UnrollArrays
public import UnrollAutograd

/// How `ctcLoss` treats a target that does not fit into the steps of its row.
public enum ImpossibleTarget: Sendable {
  /// It stops the program with a message that names the row.
  case stops
  /// Its loss is infinite, and its gradient NaN.
  case isInfinite
  /// Its loss and its gradient are zero; a mean still divides by the number of all rows.
  case isZero
}

/// Connectionist temporal classification: the loss of label sequences that are shorter than the sequence of steps and not
/// aligned with it. It is −ln of the probability that the steps, with repeats merged and blanks removed, spell the labels.
///
/// Logits `[batch, time, classes]` and labels `[batch, longest]` give one number, or losses `[batch]` without reduction. In
/// each row the first `inputLengths` steps and the first `labelLengths` labels count; the rest has no effect. One class is the
/// blank, which no label may be. A target needs as many steps as it has labels, plus one for each label that equals the
/// previous one; `impossible` decides what happens if a row has fewer. The mean divides each loss by the number of its labels,
/// at least 1, and then averages over the batch. Log-probabilities can be passed as logits.
///
///     let logits = Tensor.zeros([2, 6, 4])
///     let loss = ctcLoss(logits, Indices([1, 2, 3, 1, 1, 0], shape: [2, 3]), labelLengths: [3, 2])
public func ctcLoss(
  _ logits: Tensor, _ labels: Indices, inputLengths: [Int]? = nil, labelLengths: [Int]? = nil, blank: Int = 0,
  impossible: ImpossibleTarget = .stops, reduction: LossReduction = .mean
) -> Tensor {
  require(logits.rank == 3, "ctcLoss: logits of shape \(logits.shape) are not [batch, time, classes]")
  let (batch, time) = (logits.shape[0], logits.shape[1])
  require(
    labels.rank == 2 && labels.shape[0] == batch,
    "ctcLoss: labels of shape \(labels.shape) do not fit logits of shape \(logits.shape)")
  let longest = labels.shape[1]
  let steps = checked(inputLengths, "input", batch, time)
  let counts = checked(labelLengths, "label", batch, longest)
  let values = labels.values
  let targets = CTCTargets(
    labels: counts.enumerated().map { Array(values[$0 * longest..<$0 * longest + $1]) }, steps: steps, blank: blank)
  requireLabels(targets, classes: logits.shape[2])
  if impossible == .stops { requirePossible(targets) }
  require(reduction != .mean || batch > 0, "ctcLoss: shape \(logits.shape) has no rows, so there is no mean")
  let losses = CTC(targets: targets, zeroes: impossible == .isZero)(logits)
  guard reduction == .mean else { return reduction(losses, total: Tensor(1, losses.type)) }
  return (losses / Tensor(NDArray(counts.map { Double(max($0, 1)) }).cast(to: losses.type))).mean()
}

private func checked(_ lengths: [Int]?, _ what: String, _ batch: Int, _ extent: Int) -> [Int] {
  guard let lengths else { return Array(repeating: extent, count: batch) }
  require(lengths.count == batch, "ctcLoss: \(lengths.count) \(what) lengths do not fit a batch of \(batch)")
  for (row, length) in lengths.enumerated() {
    require(length >= 0 && length <= extent, "ctcLoss: \(what) length \(length) of row \(row) is not in 0...\(extent)")
  }
  return lengths
}

private func requireLabels(_ targets: CTCTargets, classes: Int) {
  let blank = targets.blank
  require(blank >= 0 && blank < classes, "ctcLoss: blank \(blank) is not one of \(classes) classes")
  for (row, labels) in targets.labels.enumerated() {
    for (i, label) in labels.enumerated() {
      require(
        label >= 0 && label < classes, "ctcLoss: label \(label) at position [\(row), \(i)] is not one of \(classes) classes")
      require(label != blank, "ctcLoss: label \(label) at position [\(row), \(i)] is the blank")
    }
  }
}

private func requirePossible(_ targets: CTCTargets) {
  for (row, steps) in targets.steps.enumerated() {
    let (labels, repeats) = (targets.labels[row].count, targets.repeats(row))
    require(
      labels + repeats <= steps,
      "ctcLoss: the target of row \(row) needs \(labels + repeats) steps (labels \(labels), repeats \(repeats)), not \(steps)"
    )
  }
}
