internal import UnrollAutograd
public import UnrollNetworks

/// AdaMax: Adam with a decaying maximum of the gradients' magnitudes instead of the root of their mean square.
///
/// For each parameter p with gradient g, at its t-th update: s = g + decay · p; m ← β₁ m + (1 − β₁) s; u ← max(β₂ u, |s| + ε);
/// p ← p − rate / (1 − β₁ᵗ) · m / u. These are PyTorch's conventions. `memory` has m as "first" and u as
/// "largest".
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = AdaMax(for: model)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct AdaMax<Model: Module>: StepwiseOptimizer {
  /// The learning rate.
  public var learningRate: Double
  /// The decay rates of the mean of the gradients and of their largest magnitude.
  let betas: (first: Double, second: Double)
  /// A small number added to the magnitudes, to avoid a division by 0.
  let epsilon: Double
  /// The weight decay that is added to the gradient (L2 regularisation).
  public var weightDecay: Double
  var memory: OptimizerMemory<Model>

  /// An optimizer for `model` and models of the same structure.
  public init(
    for model: Model, learningRate: Double = 0.002, betas: (first: Double, second: Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0
  ) {
    requireNotNegative(learningRate, "the learning rate", Self.ruleName)
    requireMoments(betas, epsilon, decays: [weightDecay], Self.ruleName)
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    memory = OptimizerMemory(for: model, ["first": 0, "largest": 0])
  }

  static var options: [String: WritableKeyPath<Self, Double>] { ["weightDecay": \.weightDecay] }

  var rule: AdaMaxRule {
    AdaMaxRule(first: betas.first, second: betas.second, epsilon: epsilon, decays: weightDecay > 0)
  }

  func numbers(_: Int, _ count: Double) -> [Double] { [learningRate / (1 - power(betas.first, Int(count))), weightDecay] }
}

/// The update rule of `AdaMax`.
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
