public import UnrollAutograd
public import UnrollNetworks

/// Descent along the sign of the mean of the gradients: every number moves equally far.
///
/// For each parameter p with gradient g: c = β₁ m + (1 − β₁) g; p ← (1 − rate · decoupledDecay) · p − rate · sign c;
/// m ← β₂ m + (1 − β₂) g.
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = Lion(for: model, learningRate: 0.0001, decoupledDecay: 0.1)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct Lion<Model: Module>: StepwiseOptimizer {
  /// How far an update goes.
  public var learningRate: Double
  /// What the mean weighs beside a gradient in the direction of a step, and what remains of it from one update to the next.
  public let betas: (direction: Double, mean: Double)
  /// The strength of the pull towards zero that acts on the parameter itself.
  public var decoupledDecay: Double
  /// The mean of the gradients, m.
  public var mean: Model { memory.models[0] }
  /// How often each parameter has been updated, in the order of `visit`: `[parameters]`, float64.
  public var steps: Tensor { memory.steps }
  var memory: OptimizerMemory<Model>

  /// An optimizer for models with the parameters of this one.
  public init(
    for model: Model, learningRate: Double = 0.0001, betas: (direction: Double, mean: Double) = (0.9, 0.99),
    decoupledDecay: Double = 0
  ) {
    requireNotNegative(learningRate, "the learning rate", "Lion")
    for beta in [betas.direction, betas.mean] { requireFraction(beta, "a beta of", "Lion") }
    requireNotNegative(decoupledDecay, "the weight decay", "Lion")
    self.learningRate = learningRate
    self.betas = betas
    self.decoupledDecay = decoupledDecay
    memory = OptimizerMemory(for: model, ["mean": 0])
  }

  /// What may be changed between updates.
  public static var adjustable: [String: WritableKeyPath<Self, Double>] {
    ["learningRate": \.learningRate, "decoupledDecay": \.decoupledDecay]
  }

  public mutating func visit(_ visitor: Visitor) { memory.visit(visitor) }

  public mutating func update(_ model: inout Model, along gradient: Model, where isUpdated: (_ name: String) -> Bool) {
    follow(gradient, &model, where: isUpdated, "Lion")
  }

  var rule: LionRule { LionRule(direction: betas.direction, mean: betas.mean) }

  func numbers(_: Int, _ count: Double) -> [Double] { [learningRate, 1 - learningRate * decoupledDecay] }
}

/// The formulas of `Lion`.
struct LionRule: UpdateRule {
  let direction, mean: Double

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    let look = direction * memories[0] + (1 - direction) * g
    return [p * numbers[1] - numbers[0] * look.sign(), mean * memories[0] + (1 - mean) * g]
  }
}
