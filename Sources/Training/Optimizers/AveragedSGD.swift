internal import UnrollArrays
internal import UnrollAutograd
public import UnrollNetworks

/// Averaged SGD: gradient descent with a decaying learning rate, and the mean of the parameters. PyTorch's ASGD.
///
/// For each parameter p with gradient g, at its t-th update, with rateₜ = rate / (1 + fading · rate · (t − 1))^power:
/// s = g + decay · p; p ← (1 − fading · rateₜ) · p − rateₜ · s; average ← average + (p − average) / max(1, t − 1 − start).
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = AveragedSGD(for: model, learningRate: 0.01, start: 100)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
///     print(optimizer.average(Tensor.ones([2, 3])))
public struct AveragedSGD<Model: Module>: StepwiseOptimizer {
  /// The learning rate.
  public var learningRate: Double
  /// The decay of the learning rate, which also pulls the parameters towards zero.
  let fading: Double
  /// The exponent of the decay of the learning rate.
  let power: Double
  /// The number of updates before averaging begins.
  let start: Double
  /// The weight decay that is added to the gradient (L2 regularisation).
  public var weightDecay: Double
  /// The mean of the parameters since `start`; before that, the parameters after the latest update. Zeros before the first
  /// update.
  public var average: Model { memory.models[0] }
  var memory: OptimizerMemory<Model>

  /// An optimizer for `model` and models of the same structure.
  public init(
    for model: Model, learningRate: Double = 0.01, fading: Double = 1e-4, power: Double = 0.75, start: Double = 1e6,
    weightDecay: Double = 0
  ) {
    requireNotNegative(learningRate, "the learning rate", Self.ruleName)
    requireNotNegative(fading, "a fading of", Self.ruleName)
    requireNotNegative(power, "a power of", Self.ruleName)
    requireNotNegative(start, "a start of", Self.ruleName)
    requireNotNegative(weightDecay, "the weight decay", Self.ruleName)
    self.learningRate = learningRate
    self.fading = fading
    self.power = power
    self.start = start
    self.weightDecay = weightDecay
    memory = OptimizerMemory(for: model, ["average": 0])
  }

  static var options: [String: WritableKeyPath<Self, Double>] { ["weightDecay": \.weightDecay] }

  var rule: AveragedSGDRule { AveragedSGDRule(decays: weightDecay > 0) }

  func numbers(_: Int, _ count: Double) -> [Double] {
    let rate = learningRate / UnrollTraining.power(1 + fading * learningRate * (count - 1), power)
    return [rate, weightDecay, 1 - fading * rate, 1 / max(1, count - 1 - start)]
  }
}

/// The update rule of `AveragedSGD`, and of `TriggeredAveragedSGD` with other numbers.
struct AveragedSGDRule: UpdateRule {
  let decays: Bool

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    let (rate, decay, shrinkage, share) = (numbers[0], numbers[1], numbers[2], numbers[3])
    let s = decays ? g + decay * p : g
    let next = p * shrinkage - rate * s
    return [next, memories[0] + (next - memories[0]) * share]
  }
}

/// Gradient descent that starts to average the parameters when the validation loss stops improving, as in AWD-LSTM.
///
/// For each parameter p with gradient g: p ← p − rate · (g + decay · p). `average` is the mean of the parameters after each
/// update since the trigger; before it, the parameters themselves. A loss triggers averaging if it is greater than the lowest
/// loss up to `patience` checks earlier.
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = TriggeredAveragedSGD(for: model, learningRate: 30, patience: 5)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
///     optimizer.check(loss: 4.2)
///     let best = optimizer.isAveraging ? optimizer.average : model
public struct TriggeredAveragedSGD<Model: Module>: StepwiseOptimizer {
  /// The learning rate.
  public var learningRate: Double
  /// The number of latest checks that are excluded when a loss is compared with the lowest one.
  let patience: Int
  /// The weight decay that is added to the gradient (L2 regularisation).
  public var weightDecay: Double
  /// The lowest of all older losses, followed by the losses of the latest `patience` checks, the newest last: `[patience + 1]`,
  /// float64; infinite where there was no check.
  private(set) var losses: Tensor
  /// The number of averaged updates of each parameter, `[parameters]`, float64; negative before the trigger.
  private(set) var averaged: Tensor
  /// The mean of the parameters since the trigger; before it, the parameters after the latest update. Zeros before the first
  /// update.
  public var average: Model { memory.models[0] }
  /// Whether averaging has been triggered.
  public var isAveraging: Bool { averaged.array.scalars(as: Double.self).contains { $0 >= 0 } }
  var memory: OptimizerMemory<Model>

  /// An optimizer for `model` and models of the same structure.
  public init(for model: Model, learningRate: Double, patience: Int = 5, weightDecay: Double = 0) {
    requireNotNegative(learningRate, "the learning rate", Self.ruleName)
    require(patience >= 1, "TriggeredAveragedSGD: a patience of \(patience) checks is not at least 1")
    require(patience < .max, "TriggeredAveragedSGD: a patience of \(patience) checks is too large to store their losses")
    requireNotNegative(weightDecay, "the weight decay", Self.ruleName)
    self.learningRate = learningRate
    self.patience = patience
    self.weightDecay = weightDecay
    losses = Tensor.full([patience + 1], .infinity, .float64)
    averaged = Tensor(NDArray(Array(repeating: -1.0, count: model.parameters.count)))
    memory = OptimizerMemory(for: model, ["average": 0])
  }

  static var options: [String: WritableKeyPath<Self, Double>] { ["weightDecay": \.weightDecay] }

  public mutating func visit(_ visitor: Visitor) {
    memory.visit(visitor)
    visitor("losses", &losses)
    visitor("averaged", &averaged)
  }

  /// Records the validation loss of a check, and triggers averaging if the loss has not improved.
  public mutating func check(loss: Double) {
    require(!loss.isNaN, "TriggeredAveragedSGD: a loss of nan cannot be compared")
    var all = losses.array.scalars(as: Double.self)
    if loss > all[0], !isAveraging { averaged = Tensor.zeros(averaged.shape, .float64) }
    all.append(loss)
    all[1] = min(all[0], all[1])
    losses = Tensor(NDArray(Array(all.dropFirst())))
  }

  var ownFault: OptimizerFault? {
    OptimizerFault("averaged", counts: averaged, from: -1)
      ?? OptimizerFault("losses", losses.array.scalars(as: Double.self), "a loss") { !$0.isNaN }
  }

  var rule: AveragedSGDRule { AveragedSGDRule(decays: weightDecay > 0) }

  mutating func numbers(_ parameter: Int, _: Double) -> [Double] {
    let count = averaged.modifyArray { $0.modify(at: parameter) { $0 < 0 ? $0 : $0 + 1 } }
    return [learningRate, weightDecay, 1, count < 0 ? 1 : 1 / count]
  }
}
