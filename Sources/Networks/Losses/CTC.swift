internal import UnrollArrays
internal import UnrollAutograd

/// The CTC losses `[batch]` of targets for logits `[batch, time, classes]`, as one operation.
///
/// Value and first derivative are computed together in float64. Higher derivatives and tangents come from the same recursion in
/// tensor arithmetic.
struct CTC: Operation {
  let targets: CTCTargets
  /// Whether an impossible target has loss and gradient 0 instead of ∞ and NaN.
  let zeroes: Bool
  var name: String { "ctcLoss" }

  func forward(_ x: [NDArray]) -> Values {
    let paths = CTCPaths(x[0], targets)
    let losses = zeroes ? (paths.losses .== .infinity).select(NDArray(0, .float64), paths.losses) : paths.losses
    return Values([losses.cast(to: x[0].type)], residuals: paths.residuals)
  }

  func keeps(recorded: (Int) -> Bool) -> Keeps { .allInputs }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    guard let g = g[0] else { return [nil] }
    let x = context.input()
    if x.isRecorded || g.isRecorded {
      let impossible = impossible(context)
      return Few(UnrollAutograd.pullback(at: x) { stepped($0, impossible) }.pullback(g))
    }
    let paths = CTCPaths(residuals: (0..<3).map(context.residual), targets)
    return [Tensor(paths.gradient(g.array.cast(to: .float64), infinite: zeroes ? 0 : .nan).cast(to: g.type))]
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let impossible = impossible(context)
    return [t[0].map { tangent(at: context.input(), along: $0) { stepped($0, impossible) }.tangent }]
  }

  private func impossible(_ context: Context) -> Mask { context.residual(2) .== .infinity }

  /// The same losses from plain operations, except for impossible targets.
  private func stepped(_ logits: Tensor, _ impossible: Mask) -> Tensor {
    let losses = CTCSteps(targets, shape: logits.shape, type: logits.type).losses(logits)
    let factors = impossible.select(NDArray(zeroes ? 0 : .nan, losses.type), NDArray(1, losses.type))
    return losses * Tensor(factors)
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
