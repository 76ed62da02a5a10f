internal import UnrollAutograd
public import UnrollNetworks

/// Rectified Adam: it divides by the root of the mean square only once that mean has seen enough gradients, and increasingly
/// so.
///
/// For each parameter p with gradient g, at its t-th update: s = g + decay · p, m and v and m̂ and v̂ as for `Adam`;
/// ρ = 2 / (1 − β₂) − 1, ρₜ = ρ − 2 t β₂ᵗ / (1 − β₂ᵗ). Where ρₜ > 5, p ← (1 − rate · decoupledDecay) · p − rate · r · m̂ / (√v̂ + ε̂)
/// with r = √((ρₜ − 4)(ρₜ − 2) ρ / ((ρ − 4)(ρ − 2) ρₜ)) and ε̂ = ε / √(1 − β₂ᵗ); elsewhere the last term is rate · m̂. These are
/// PyTorch's conventions. `memory` has m as "first" and v as "second".
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = RAdam(for: model)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct RAdam<Model: Module>: StepwiseOptimizer {
  /// The learning rate.
  public var learningRate: Double
  /// The decay rates of the mean of the gradients and of the mean of their squares.
  let betas: (first: Double, second: Double)
  /// A small number added to the root, to avoid a division by 0.
  let epsilon: Double
  /// The weight decay that is added to the gradient (L2 regularisation).
  public var weightDecay: Double
  /// The weight decay that is applied to the parameter itself.
  public var decoupledDecay: Double
  var memory: OptimizerMemory<Model>

  /// An optimizer for `model` and models of the same structure.
  public init(
    for model: Model, learningRate: Double = 0.001, betas: (first: Double, second: Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0, decoupledDecay: Double = 0
  ) {
    requireNotNegative(learningRate, "the learning rate", Self.ruleName)
    requireMoments(betas, epsilon, decays: [weightDecay, decoupledDecay], Self.ruleName)
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decoupledDecay = decoupledDecay
    memory = OptimizerMemory(for: model, ["first": 0, "second": 0])
  }

  static var options: [String: WritableKeyPath<Self, Double>] {
    ["weightDecay": \.weightDecay, "decoupledDecay": \.decoupledDecay]
  }

  var rule: AdamRule {
    AdamRule(first: betas.first, second: betas.second, keepsLargest: false, decays: weightDecay > 0)
  }

  func numbers(_: Int, _ count: Double) -> [Double] {
    let rest = power(betas.second, Int(count))
    let (rate, shrinkage) = (learningRate / (1 - power(betas.first, Int(count))), 1 - learningRate * decoupledDecay)
    let limit = 2 / (1 - betas.second) - 1
    let length = limit - 2 * count * rest / (1 - rest)
    // Plain momentum: the divisor is 0 · √v + 1.
    if length <= 5 { return [rate, weightDecay, shrinkage, 0, 1] }
    let trust = (length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)
    return [rate * (trust * (1 - rest)).squareRoot(), weightDecay, shrinkage, 1, epsilon]
  }
}
