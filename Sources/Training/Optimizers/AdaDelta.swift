public import UnrollAutograd
public import UnrollNetworks

/// Descent along the gradient in steps as long as earlier steps were, relative to the gradients there.
///
/// For each parameter p with gradient g: s = g + decay · p; v ← smoothing · v + (1 − smoothing) s²; d = √(u + ε) / √(v + ε) · s;
/// u ← smoothing · u + (1 − smoothing) d²; p ← p − rate · d.
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = AdaDelta(for: model)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct AdaDelta<Model: Module>: StepwiseOptimizer {
  /// How far an update goes.
  public var learningRate: Double
  /// What remains of the means from one update to the next.
  public let smoothing: Double
  /// What is added under the roots.
  public let epsilon: Double
  /// The strength of the pull towards zero that is added to the gradient.
  public var weightDecay: Double
  /// The mean of the squares of the gradients, v.
  public var square: Model { memory.models[0] }
  /// The mean of the squares of the steps, u.
  public var change: Model { memory.models[1] }
  /// How often each parameter has been updated, in the order of `visit`: `[parameters]`, float64.
  public var steps: Tensor { memory.steps }
  var memory: OptimizerMemory<Model>

  /// An optimizer for models with the parameters of this one.
  public init(
    for model: Model, learningRate: Double = 1, smoothing: Double = 0.9, epsilon: Double = 1e-6, weightDecay: Double = 0
  ) {
    requireNotNegative(learningRate, "the learning rate", "AdaDelta")
    requireFraction(smoothing, "a smoothing of", "AdaDelta")
    requireNotNegative(epsilon, "an epsilon of", "AdaDelta")
    requireNotNegative(weightDecay, "the weight decay", "AdaDelta")
    self.learningRate = learningRate
    self.smoothing = smoothing
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    memory = OptimizerMemory(for: model, ["square": 0, "change": 0])
  }

  /// What may be changed between updates.
  public static var adjustable: [String: WritableKeyPath<Self, Double>] {
    ["learningRate": \.learningRate, "weightDecay": \.weightDecay]
  }

  public mutating func visit(_ visitor: Visitor) { memory.visit(visitor) }

  public mutating func update(_ model: inout Model, along gradient: Model, where isUpdated: (_ name: String) -> Bool) {
    follow(gradient, &model, where: isUpdated, "AdaDelta")
  }

  var rule: AdaDeltaRule { AdaDeltaRule(smoothing: smoothing, epsilon: epsilon, decays: weightDecay > 0) }

  func numbers(_: Int, _ count: Double) -> [Double] { [learningRate, weightDecay] }
}

/// The formulas of `AdaDelta`.
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
