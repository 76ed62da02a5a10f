internal import UnrollArrays
internal import UnrollAutograd
public import UnrollNetworks

/// NAdam: Adam with Nesterov momentum, which grows from β₁ / 2 towards β₁.
///
/// For each parameter p with gradient g, at its t-th update: s = g + decay · p; μₜ = β₁ (1 − 0.96^(t · momentumDecay) / 2);
/// m ← β₁ m + (1 − β₁) s; v ← β₂ v + (1 − β₂) s²; with v̂ = v / (1 − β₂ᵗ) and Πₜ = μ₁ · … · μₜ,
/// p ← (1 − rate · decoupledDecay) · p − rate · (s (1 − μₜ) / (1 − Πₜ) + m μₜ₊₁ / (1 − Πₜ₊₁)) / (√v̂ + ε). These are
/// PyTorch's conventions. `memory` has m as "first" and v as "second".
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = NAdam(for: model, decoupledDecay: 0.01)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct NAdam<Model: Module>: StepwiseOptimizer {
  /// The learning rate.
  public var learningRate: Double
  /// The decay rates of the mean of the gradients and of the mean of their squares.
  let betas: (first: Double, second: Double)
  /// A small number added to the root, to avoid a division by 0.
  let epsilon: Double
  /// The rate at which the momentum approaches β₁.
  let momentumDecay: Double
  /// The weight decay that is added to the gradient (L2 regularisation).
  public var weightDecay: Double
  /// The weight decay that is applied to the parameter itself.
  public var decoupledDecay: Double
  /// The product of all momenta so far, Π, for each parameter: `[parameters]`, float64.
  private(set) var products: Tensor
  var memory: OptimizerMemory<Model>

  /// An optimizer for `model` and models of the same structure.
  public init(
    for model: Model, learningRate: Double = 0.002, betas: (first: Double, second: Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, momentumDecay: Double = 0.004, weightDecay: Double = 0, decoupledDecay: Double = 0
  ) {
    requireNotNegative(learningRate, "the learning rate", Self.ruleName)
    requireMoments(betas, epsilon, decays: [weightDecay, decoupledDecay], Self.ruleName)
    requireNotNegative(momentumDecay, "the momentum decay", Self.ruleName)
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.momentumDecay = momentumDecay
    self.weightDecay = weightDecay
    self.decoupledDecay = decoupledDecay
    memory = OptimizerMemory(for: model, ["first": 0, "second": 0])
    products = Tensor.ones([model.parameters.count], .float64)
  }

  static var options: [String: WritableKeyPath<Self, Double>] {
    ["weightDecay": \.weightDecay, "decoupledDecay": \.decoupledDecay]
  }

  public mutating func visit(_ visitor: Visitor) {
    memory.visit(visitor)
    visitor("products", &products)
  }

  var rule: NAdamRule {
    NAdamRule(first: betas.first, second: betas.second, epsilon: epsilon, decays: weightDecay > 0)
  }

  mutating func numbers(_ parameter: Int, _ count: Double) -> [Double] {
    let (now, next) = (momentum(count), momentum(count + 1))
    let product = products.modifyArray { $0.modify(at: parameter) { $0 * now } }
    return [
      learningRate * next / (1 - product * next), learningRate * (1 - now) / (1 - product), weightDecay,
      1 - learningRate * decoupledDecay, 1 / (1 - power(betas.second, Int(count))).squareRoot(),
    ]
  }

  var ownFault: OptimizerFault? {
    OptimizerFault("products", products.array.scalars(as: Double.self), "in 0...1") { $0 >= 0 && $0 <= 1 }
  }

  private func momentum(_ count: Double) -> Double { betas.first * (1 - 0.5 * power(0.96, count * momentumDecay)) }
}

/// The update rule of `NAdam`.
struct NAdamRule: UpdateRule {
  let first, second, epsilon: Double
  let decays: Bool

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    let (rate, slopeRate, decay, shrinkage, scale) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
    let s = decays ? g + decay * p : g
    let m = first * memories[0] + (1 - first) * s
    let v = second * memories[1] + (1 - second) * s.square()
    return [p * shrinkage - (rate * m + slopeRate * s) / (v.squareRoot() * scale + epsilon), m, v]
  }
}
