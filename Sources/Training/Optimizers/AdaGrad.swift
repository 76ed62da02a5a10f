internal import UnrollAutograd
public import UnrollNetworks

/// AdaGrad: gradient descent divided by the root of the sum of all squared gradients.
///
/// For each parameter p with gradient g, at its t-th update: s = g + decay · p; v ← v + s²;
/// p ← p − rate / (1 + (t − 1) · rateDecay) · s / (√v + ε). `memory` has v as "sum".
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = AdaGrad(for: model)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct AdaGrad<Model: Module>: StepwiseOptimizer {
  /// The learning rate.
  public var learningRate: Double
  /// The rate at which the learning rate itself decays.
  let rateDecay: Double
  /// A small number added to the root, to avoid a division by 0.
  let epsilon: Double
  /// The weight decay that is added to the gradient (L2 regularisation).
  public var weightDecay: Double
  var memory: OptimizerMemory<Model>

  /// An optimizer for `model` and models of the same structure; the sums of squares begin at `start`.
  public init(
    for model: Model, learningRate: Double = 0.01, rateDecay: Double = 0, start: Double = 0, epsilon: Double = 1e-10,
    weightDecay: Double = 0
  ) {
    requireNotNegative(learningRate, "the learning rate", Self.ruleName)
    requireNotNegative(rateDecay, "the decay of the rate", Self.ruleName)
    requireNotNegative(start, "a start of", Self.ruleName)
    requireNotNegative(epsilon, "an epsilon of", Self.ruleName)
    requireNotNegative(weightDecay, "the weight decay", Self.ruleName)
    self.learningRate = learningRate
    self.rateDecay = rateDecay
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    memory = OptimizerMemory(for: model, ["sum": start])
  }

  static var options: [String: WritableKeyPath<Self, Double>] { ["weightDecay": \.weightDecay] }

  var rule: AdaGradRule { AdaGradRule(epsilon: epsilon, decays: weightDecay > 0) }

  func numbers(_: Int, _ count: Double) -> [Double] { [learningRate / (1 + (count - 1) * rateDecay), weightDecay] }
}

/// The update rule of `AdaGrad`.
struct AdaGradRule: UpdateRule {
  let epsilon: Double
  let decays: Bool

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    let (rate, decay) = (numbers[0], numbers[1])
    let s = decays ? g + decay * p : g
    let v = memories[0] + s.square()
    return [p - rate * (s / (v.squareRoot() + epsilon)), v]
  }
}
