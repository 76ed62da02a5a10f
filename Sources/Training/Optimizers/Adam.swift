internal import UnrollAutograd
public import UnrollNetworks

/// Adam: descent along the mean of the gradients, divided by the root of the mean of their squares.
///
/// For each parameter p with gradient g, at its t-th update: s = g + decay · p; m ← β₁ m + (1 − β₁) s;
/// v ← β₂ v + (1 − β₂) s²; p ← (1 − rate · decoupledDecay) · p − rate · m̂ / (√v̂ + ε), where m̂ = m / (1 − β₁ᵗ) and
/// v̂ = v / (1 − β₂ᵗ). `weightDecay` is that of PyTorch's Adam, `decoupledDecay` that of its AdamW. AMSGrad divides by the root
/// of the largest v so far. `memory` has m as "first", v as "second" and, with AMSGrad, the largest v as "largest".
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = Adam(for: model, learningRate: 0.001, decoupledDecay: 0.01)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope) { $0 != "bias" }
public struct Adam<Model: Module>: StepwiseOptimizer {
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
  private let keepsLargest: Bool

  /// An optimizer for `model` and models of the same structure.
  public init(
    for model: Model, learningRate: Double = 0.001, betas: (first: Double, second: Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0, decoupledDecay: Double = 0, amsgrad: Bool = false
  ) {
    requireNotNegative(learningRate, "the learning rate", Self.ruleName)
    requireMoments(betas, epsilon, decays: [weightDecay, decoupledDecay], Self.ruleName)
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decoupledDecay = decoupledDecay
    memory = OptimizerMemory(for: model, amsgrad ? ["first": 0, "second": 0, "largest": 0] : ["first": 0, "second": 0])
    keepsLargest = amsgrad
  }

  static var options: [String: WritableKeyPath<Self, Double>] {
    ["weightDecay": \.weightDecay, "decoupledDecay": \.decoupledDecay]
  }

  var rule: AdamRule {
    AdamRule(first: betas.first, second: betas.second, keepsLargest: keepsLargest, decays: weightDecay > 0)
  }

  func numbers(_: Int, _ count: Double) -> [Double] {
    let (first, second) = (1 - power(betas.first, Int(count)), 1 - power(betas.second, Int(count)))
    return [
      learningRate / first, weightDecay, 1 - learningRate * decoupledDecay, 1 / second.squareRoot(), epsilon,
    ]
  }
}

/// The update rule of `Adam`, and of `RAdam` with other numbers.
struct AdamRule: UpdateRule {
  let first, second: Double
  let keepsLargest, decays: Bool

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    let (rate, decay, shrinkage, scale, epsilon) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
    let s = decays ? g + decay * p : g
    let m = first * memories[0] + (1 - first) * s
    let v = second * memories[1] + (1 - second) * s.square()
    let largest = keepsLargest ? memories[2].maximum(v) : v
    let next = p * shrinkage - rate * m / (largest.squareRoot() * scale + epsilon)
    return keepsLargest ? [next, m, v, largest] : [next, m, v]
  }
}
