internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// Gradient descent with a rate that falls by itself, beside which the mean of the parameters is kept: PyTorch's ASGD.
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
  /// How far an update goes.
  public var learningRate: Double
  /// How fast the rate falls and the parameters are pulled towards zero.
  public let fading: Double
  /// The power by which the rate falls.
  public let power: Double
  /// After how many updates the mean begins.
  public let start: Double
  /// The strength of the pull towards zero that is added to the gradient.
  public var weightDecay: Double
  /// The mean of the parameters since the start; before it, the parameters after the last update. Zeros before the first.
  public var average: Model { memory.models[0] }
  /// How often each parameter has been updated, in the order of `visit`: `[parameters]`, float64.
  public var steps: Tensor { memory.steps }
  var memory: OptimizerMemory<Model>

  /// An optimizer for models with the parameters of this one.
  public init(
    for model: Model, learningRate: Double = 0.01, fading: Double = 1e-4, power: Double = 0.75, start: Double = 1e6,
    weightDecay: Double = 0
  ) {
    requireNotNegative(learningRate, "the learning rate", "AveragedSGD")
    requireNotNegative(fading, "a fading of", "AveragedSGD")
    requireNotNegative(power, "a power of", "AveragedSGD")
    requireNotNegative(start, "a start of", "AveragedSGD")
    requireNotNegative(weightDecay, "the weight decay", "AveragedSGD")
    self.learningRate = learningRate
    self.fading = fading
    self.power = power
    self.start = start
    self.weightDecay = weightDecay
    memory = OptimizerMemory(for: model, ["average": 0])
  }

  /// What may be changed between updates.
  public static var adjustable: [String: WritableKeyPath<Self, Double>] {
    ["learningRate": \.learningRate, "weightDecay": \.weightDecay]
  }

  public mutating func visit(_ visitor: Visitor) { memory.visit(visitor) }

  public mutating func update(_ model: inout Model, along gradient: Model, where isUpdated: (_ name: String) -> Bool) {
    follow(gradient, &model, where: isUpdated, "AveragedSGD")
  }

  var rule: AveragedSGDRule { AveragedSGDRule(decays: weightDecay > 0) }

  func numbers(_: Int, _ count: Double) -> [Double] {
    let rate = learningRate / UnrollTraining.power(1 + fading * learningRate * (count - 1), power)
    return [rate, weightDecay, 1 - fading * rate, 1 / max(1, count - 1 - start)]
  }
}

/// The formulas of `AveragedSGD`, and of `TriggeredAveragedSGD` with other numbers.
struct AveragedSGDRule: UpdateRule {
  let decays: Bool

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    let (rate, decay, shrinkage, share) = (numbers[0], numbers[1], numbers[2], numbers[3])
    let s = decays ? g + decay * p : g
    let next = p * shrinkage - rate * s
    return [next, memories[0] + (next - memories[0]) * share]
  }
}
