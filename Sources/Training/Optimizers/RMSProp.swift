internal import UnrollAutograd
public import UnrollNetworks

/// RMSProp: gradient descent divided by the root of the mean squared gradient.
///
/// For each parameter p with gradient g: s = g + decay · p; v ← smoothing · v + (1 − smoothing) s²; d = s / (√v + ε); p ← p −
/// rate · d. If centred, v − mean² replaces v under the root, where mean ← smoothing · mean + (1 − smoothing) s. With momentum,
/// velocity ← momentum · velocity + d replaces d in the last step. These are PyTorch's conventions. `memory` has v as "square",
/// and "mean" and "velocity" where they are used.
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = RMSProp(for: model, learningRate: 0.001, momentum: 0.9, centred: true)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct RMSProp<Model: Module>: StepwiseOptimizer {
  /// The learning rate.
  public var learningRate: Double
  /// The decay rate of the means.
  let smoothing: Double
  /// A small number added to the root, to avoid a division by 0.
  let epsilon: Double
  /// The decay rate of the velocity.
  let momentum: Double
  /// Whether to divide by the standard deviation of the gradients instead of their root mean square.
  let centred: Bool
  /// The weight decay that is added to the gradient (L2 regularisation).
  public var weightDecay: Double
  var memory: OptimizerMemory<Model>

  /// An optimizer for `model` and models of the same structure.
  public init(
    for model: Model, learningRate: Double = 0.01, smoothing: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0,
    centred: Bool = false, weightDecay: Double = 0
  ) {
    requireNotNegative(learningRate, "the learning rate", Self.ruleName)
    requireFraction(smoothing, "a smoothing of", Self.ruleName)
    requireNotNegative(epsilon, "an epsilon of", Self.ruleName)
    requireFraction(momentum, "the momentum", Self.ruleName)
    requireNotNegative(weightDecay, "the weight decay", Self.ruleName)
    self.learningRate = learningRate
    self.smoothing = smoothing
    self.epsilon = epsilon
    self.momentum = momentum
    self.centred = centred
    self.weightDecay = weightDecay
    memory =
      switch (centred, momentum > 0) {
      case (false, false): OptimizerMemory(for: model, ["square": 0])
      case (false, true): OptimizerMemory(for: model, ["square": 0, "velocity": 0])
      case (true, false): OptimizerMemory(for: model, ["square": 0, "mean": 0])
      case (true, true): OptimizerMemory(for: model, ["square": 0, "mean": 0, "velocity": 0])
      }
  }

  static var options: [String: WritableKeyPath<Self, Double>] { ["weightDecay": \.weightDecay] }

  var rule: RMSPropRule {
    RMSPropRule(
      smoothing: smoothing, epsilon: epsilon, momentum: momentum, centred: centred, decays: weightDecay > 0)
  }

  func numbers(_: Int, _ count: Double) -> [Double] { [learningRate, weightDecay] }
}

/// The update rule of `RMSProp`.
struct RMSPropRule: UpdateRule {
  let smoothing, epsilon, momentum: Double
  let centred, decays: Bool

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    let (rate, decay) = (numbers[0], numbers[1])
    let s = decays ? g + decay * p : g
    var next = [smoothing * memories[0] + (1 - smoothing) * s.square()]
    var variance = next[0]
    if centred {
      let mean = smoothing * memories[1] + (1 - smoothing) * s
      // Rounding can make the variance slightly negative.
      variance = (next[0] - mean.square()).relu()
      next.append(mean)
    }
    var direction = s / (variance.squareRoot() + epsilon)
    if momentum > 0, let velocity = memories.last {
      direction = momentum * velocity + direction
      next.append(direction)
    }
    return [p - rate * direction] + next
  }
}
