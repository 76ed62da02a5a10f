internal import UnrollAutograd
public import UnrollNetworks

/// AdaDelta: gradient descent whose step lengths follow the ratio of earlier steps to earlier gradients.
///
/// For each parameter p with gradient g: s = g + decay · p; v ← smoothing · v + (1 − smoothing) s²; d = √(u + ε) / √(v + ε) · s;
/// u ← smoothing · u + (1 − smoothing) d²; p ← p − rate · d. `memory` has v as "square" and u as "change".
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = AdaDelta(for: model)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct AdaDelta<Model: Module>: StepwiseOptimizer {
  /// The learning rate.
  public var learningRate: Double
  /// The decay rate of both means.
  let smoothing: Double
  /// The number added under both square roots.
  let epsilon: Double
  /// The weight decay that is added to the gradient (L2 regularisation).
  public var weightDecay: Double
  var memory: OptimizerMemory<Model>

  /// An optimizer for `model` and models of the same structure.
  public init(
    for model: Model, learningRate: Double = 1, smoothing: Double = 0.9, epsilon: Double = 1e-6, weightDecay: Double = 0
  ) {
    requireNotNegative(learningRate, "the learning rate", Self.ruleName)
    requireFraction(smoothing, "a smoothing of", Self.ruleName)
    requireNotNegative(epsilon, "an epsilon of", Self.ruleName)
    requireNotNegative(weightDecay, "the weight decay", Self.ruleName)
    self.learningRate = learningRate
    self.smoothing = smoothing
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    memory = OptimizerMemory(for: model, ["square": 0, "change": 0])
  }

  static var options: [String: WritableKeyPath<Self, Double>] { ["weightDecay": \.weightDecay] }

  var rule: AdaDeltaRule { AdaDeltaRule(smoothing: smoothing, epsilon: epsilon, decays: weightDecay > 0) }

  func numbers(_: Int, _ count: Double) -> [Double] { [learningRate, weightDecay] }
}

/// The update rule of `AdaDelta`.
struct AdaDeltaRule: UpdateRule {
  let smoothing, epsilon: Double
  let decays: Bool

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    let (rate, decay) = (numbers[0], numbers[1])
    let s = decays ? g + decay * p : g
    let v = smoothing * memories[0] + (1 - smoothing) * s.square()
    let d = (memories[1] + epsilon).squareRoot() / (v + epsilon).squareRoot() * s
    let u = smoothing * memories[1] + (1 - smoothing) * d.square()
    return [p - rate * d, v, u]
  }
}
