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

/// The CTC losses `[batch]` of targets for logits `[batch, time, classes]`, as one operation.
///
/// Value and first derivative are computed together in float64. Higher derivatives and tangents come from the same recursion in
/// tensor arithmetic.
struct CTC: Fused {
  let targets: CTCTargets
  /// Whether an impossible target has loss and gradient 0 instead of ∞ and NaN.
  let zeroes: Bool
  var name: String { "ctcLoss" }

  func forward(_ x: [NDArray]) -> Values {
    let paths = CTCPaths(x[0], targets)
    let losses = zeroes ? (paths.losses .== .infinity).select(NDArray(0, .float64), paths.losses) : paths.losses
    return Values([losses.cast(to: x[0].type)], residuals: paths.residuals)
  }

  func cotangents(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    guard let g = g[0] else { return [nil] }
    let paths = CTCPaths(residuals: (0..<3).map(context.residual), targets)
    return [Tensor(paths.gradient(g.array.cast(to: .float64), infinite: zeroes ? 0 : .nan).cast(to: g.type))]
  }

  func reference(_ inputs: [Tensor], _ context: Context) -> [Tensor] {
    let losses = CTCSteps(targets, shape: inputs[0].shape, type: inputs[0].type).losses(inputs[0])
    // What is impossible is known from the forward pass: a very low finite number stands for −∞ here.
    let impossible = context.residual(2) .== .infinity
    return [losses * Tensor(impossible.select(NDArray(zeroes ? 0 : .nan, losses.type), NDArray(1, losses.type)))]
  }
}

/// The recursion over steps in tensor arithmetic, for all rows at once.
///
/// A very low finite number replaces −∞, which would make derivatives NaN.
private struct CTCSteps {
  private static let lowest = -1e30

  private let time: Int
  private let steps: [Int]
  private let type: ElementType
  private let width: Int
  /// The class of each state at each step, `[batch, time, states]`.
  private let classes: Indices
  /// The terms for transitions that skip a state, `[batch, states]`: 0 where allowed, else very low.
  private let skips: Tensor
  /// The terms for the states of the first step: 0 where allowed, else very low.
  private let start: Tensor
  /// The last two states of every row, `[batch, 2]`, and the terms for them.
  private let ends: Indices
  private let ending: Tensor

  init(_ targets: CTCTargets, shape: Shape, type: ElementType) {
    (time, steps, width) = (shape[1], targets.steps, targets.stateCount)
    self.type = type
    let (rows, width) = (targets.labels.indices, targets.stateCount)
    func allowing(_ allowed: [Bool], _ columns: Int) -> Tensor {
      Tensor(NDArray(allowed.map { $0 ? 0 : CTCSteps.lowest }, shape: [rows.count, columns]).cast(to: type))
    }
    func filled<T>(_ values: [T], _ value: T) -> [T] { values + Array(repeating: value, count: width - values.count) }
    classes = Indices(rows.flatMap { filled(targets.states($0), targets.blank) }, shape: [rows.count, 1, width])
      .broadcast(to: [rows.count, time, width])
    skips = allowing(rows.flatMap { filled(targets.skips($0), false) }, width)
    start = allowing(rows.flatMap { _ in (0..<width).map { $0 < 2 } }, width)
    ends = Indices(
      targets.labels.flatMap { [2 * $0.count, max(0, 2 * $0.count - 1)] }, shape: [rows.count, 2])
    ending = allowing(targets.labels.flatMap { [true, !$0.isEmpty] }, 2)
  }

  func losses(_ logits: Tensor) -> Tensor {
    let counted = Mask(steps.flatMap { count in (0..<time).map { $0 < count } }, shape: [steps.count, time, 1])
    let scores = Tensor.select(counted, logits, Tensor(0, type))
    let emissions = scores.logSoftmax().gathered(elements: classes, axis: 2).maximum(CTCSteps.lowest)
    var alphas = start
    for t in 0..<time {
      let here = (t == 0 ? alphas : joined(alphas)) + emissions[.all, t]
      alphas = Tensor.select(Mask(steps.map { t < $0 }, shape: [steps.count, 1]), here, alphas)
    }
    return -(alphas.gathered(elements: ends, axis: 1) + ending).logSumExp(axes: 1)
  }

  /// The log-sum of the three transitions: stay, advance, and skip a blank.
  private func joined(_ alphas: Tensor) -> Tensor {
    let before = alphas.padded([(0, 0), (2, 0)], with: CTCSteps.lowest)
    return Tensor.stack([alphas, before[.all, 1...width], before[.all, 0..<width] + skips]).logSumExp(axes: 0)
  }
}
