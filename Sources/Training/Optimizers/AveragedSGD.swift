internal import UnrollArrays
public import UnrollAutograd
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
  public let fading: Double
  /// The exponent of the decay of the learning rate.
  public let power: Double
  /// The number of updates before averaging begins.
  public let start: Double
  /// The weight decay that is added to the gradient (L2 regularisation).
  public var weightDecay: Double
  /// The mean of the parameters since `start`; before that, the parameters after the latest update. Zeros before the first
  /// update.
  public var average: Model { memory.models[0] }
  /// The number of updates of each parameter, in the order of `visit`: `[parameters]`, float64.
  public var steps: Tensor { memory.steps }
  var memory: OptimizerMemory<Model>

  /// An optimizer for `model` and models of the same structure.
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

  /// The properties that can be changed between updates.
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
