public import UnrollAutograd
public import UnrollNetworks

/// Adam with the largest magnitude of the gradients, which fades, in the place of the root of the mean of their squares.
///
/// For each parameter p with gradient g, at its t-th update: s = g + decay · p; m ← β₁ m + (1 − β₁) s; u ← max(β₂ u, |s| + ε);
/// p ← p − rate / (1 − β₁ᵗ) · m / u. These are PyTorch's conventions.
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = AdaMax(for: model)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct AdaMax<Model: Module>: StepwiseOptimizer {
  /// How far an update goes.
  public var learningRate: Double
  /// What remains of the mean of the gradients and of their largest magnitude from one update to the next.
  public let betas: (first: Double, second: Double)
  /// What is added to a magnitude, so that nothing is divided by 0.
  public let epsilon: Double
  /// The strength of the pull towards zero that is added to the gradient.
  public var weightDecay: Double
  /// The mean of the gradients, m.
  public var first: Model { memory.models[0] }
  /// The largest magnitude of the gradients, u.
  public var largest: Model { memory.models[1] }
  /// How often each parameter has been updated, in the order of `visit`: `[parameters]`, float64.
  public var steps: Tensor { memory.steps }
  var memory: OptimizerMemory<Model>

  /// An optimizer for models with the parameters of this one.
  public init(
    for model: Model, learningRate: Double = 0.002, betas: (first: Double, second: Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0
  ) {
    requireNotNegative(learningRate, "the learning rate", "AdaMax")
    requireMoments(betas, epsilon, decays: [weightDecay], "AdaMax")
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    memory = OptimizerMemory(for: model, ["first": 0, "largest": 0])
  }

  /// What may be changed between updates.
  public static var adjustable: [String: WritableKeyPath<Self, Double>] {
    ["learningRate": \.learningRate, "weightDecay": \.weightDecay]
  }

  public mutating func visit(_ visitor: Visitor) { memory.visit(visitor) }

  public mutating func update(_ model: inout Model, along gradient: Model, where isUpdated: (_ name: String) -> Bool) {
    follow(gradient, &model, where: isUpdated, "AdaMax")
  }

  var rule: AdaMaxRule {
    AdaMaxRule(first: betas.first, second: betas.second, epsilon: epsilon, decays: weightDecay > 0)
  }

  func numbers(_: Int, _ count: Double) -> [Double] { [learningRate / (1 - power(betas.first, Int(count))), weightDecay] }
}

/// The formulas of `AdaMax`.
struct AdaMaxRule: UpdateRule {
  let first, second, epsilon: Double
  let decays: Bool

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    let (rate, decay) = (numbers[0], numbers[1])
    let s = decays ? g + decay * p : g
    let m = first * memories[0] + (1 - first) * s
    let u = (second * memories[1]).maximum(s.magnitude() + epsilon)
    return [p - rate * m / u, m, u]
  }
}
