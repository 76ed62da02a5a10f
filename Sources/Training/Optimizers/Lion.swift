internal import UnrollAutograd
public import UnrollNetworks

/// Lion: descent along the sign of a mean of the gradients, so that every element moves equally far.
///
/// For each parameter p with gradient g: c = β₁ m + (1 − β₁) g; p ← (1 − rate · decoupledDecay) · p − rate · sign c;
/// m ← β₂ m + (1 − β₂) g, where `betas` are β₁ and β₂. `memory` has m as "mean".
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = Lion(for: model, learningRate: 0.0001, decoupledDecay: 0.1)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct Lion<Model: Module>: StepwiseOptimizer {
  /// The learning rate.
  public var learningRate: Double
  /// The weight of the mean in the direction of a step, and the decay rate of the mean.
  let betas: (direction: Double, mean: Double)
  /// The weight decay that is applied to the parameter itself.
  public var decoupledDecay: Double
  var memory: OptimizerMemory<Model>

  /// An optimizer for `model` and models of the same structure.
  public init(
    for model: Model, learningRate: Double = 0.0001, betas: (direction: Double, mean: Double) = (0.9, 0.99),
    decoupledDecay: Double = 0
  ) {
    requireNotNegative(learningRate, "the learning rate", Self.ruleName)
    for beta in [betas.direction, betas.mean] { requireFraction(beta, "a beta of", Self.ruleName) }
    requireNotNegative(decoupledDecay, "the weight decay", Self.ruleName)
    self.learningRate = learningRate
    self.betas = betas
    self.decoupledDecay = decoupledDecay
    memory = OptimizerMemory(for: model, ["mean": 0])
  }

  static var options: [String: WritableKeyPath<Self, Double>] { ["decoupledDecay": \.decoupledDecay] }

  var rule: LionRule { LionRule(direction: betas.direction, mean: betas.mean) }

  func numbers(_: Int, _ count: Double) -> [Double] { [learningRate, 1 - learningRate * decoupledDecay] }
}

/// The update rule of `Lion`.
struct LionRule: UpdateRule {
  let direction, mean: Double

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    let look = direction * memories[0] + (1 - direction) * g
    return [p * numbers[1] - numbers[0] * look.sign(), mean * memories[0] + (1 - mean) * g]
  }
}
