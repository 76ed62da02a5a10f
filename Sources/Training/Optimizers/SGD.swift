internal import UnrollArrays
internal import UnrollAutograd
public import UnrollNetworks

/// Stochastic gradient descent, with optional momentum.
///
/// For each parameter p with gradient g: s = g + decay · p; v ← momentum · v + (1 − dampening) · s, except that the first v is
/// s; p ← p − rate · v, or with Nesterov momentum p ← p − rate · (s + momentum · v). These are PyTorch's conventions.
/// `memory` has v as "velocity" if there is momentum.
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = SGD(for: model, learningRate: 0.1, momentum: 0.9)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct SGD<Model: Module>: StepwiseOptimizer {
  /// The learning rate.
  public var learningRate: Double
  /// The decay rate of the velocity. It may be changed between updates, unless the optimizer was made with 0.
  public var momentum: Double
  /// The fraction of a gradient that is left out of the velocity.
  let dampening: Double
  /// Whether to use Nesterov momentum, which looks one step ahead.
  let nesterov: Bool
  /// The weight decay that is added to the gradient (L2 regularisation).
  public var weightDecay: Double
  var memory: OptimizerMemory<Model>
  private let memoryless: Bool

  /// An optimizer for `model` and models of the same structure.
  public init(
    for model: Model, learningRate: Double, momentum: Double = 0, dampening: Double = 0, nesterov: Bool = false,
    weightDecay: Double = 0
  ) {
    requireNotNegative(learningRate, "the learning rate", Self.ruleName)
    requireFraction(momentum, "the momentum", Self.ruleName)
    require(dampening >= 0 && dampening <= 1, "SGD: the dampening \(dampening) is not in 0...1")
    require(
      !nesterov || (momentum > 0 && dampening == 0),
      "SGD: Nesterov's momentum needs a momentum and no dampening, not \(momentum) and \(dampening)")
    requireNotNegative(weightDecay, "the weight decay", Self.ruleName)
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    memoryless = momentum == 0
    memory = OptimizerMemory(for: model, momentum > 0 ? ["velocity": 0] : [:])
  }

  static var options: [String: WritableKeyPath<Self, Double>] { ["momentum": \.momentum, "weightDecay": \.weightDecay] }

  func checkOptions() {
    requireFraction(momentum, "the momentum", Self.ruleName)
    require(
      momentum == 0 || memory.models.count == 1,
      "SGD: an optimizer made without momentum cannot use a momentum of \(momentum)")
    requireNotNegative(learningRate, "the learning rate", Self.ruleName)
  }

  var ownFault: OptimizerFault? {
    memoryless && momentum > 0
      ? OptimizerFault(name: "momentum", reason: "\(momentum) is invalid for an optimizer made without momentum") : nil
  }

  var rule: SGDRule { SGDRule(hasVelocity: !memoryless, nesterov: nesterov, decays: weightDecay > 0) }

  func numbers(_: Int, _ count: Double) -> [Double] {
    [learningRate, weightDecay, momentum, count == 1 ? 1 : 1 - dampening]
  }
}

/// The update rule of `SGD`.
struct SGDRule: UpdateRule {
  let hasVelocity, nesterov, decays: Bool

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    let (rate, decay, momentum, share) = (numbers[0], numbers[1], numbers[2], numbers[3])
    let s = decays ? g + decay * p : g
    guard hasVelocity else { return [p - rate * s] }
    let v = momentum * memories[0] + share * s
    return [p - rate * (nesterov ? s + momentum * v : v), v]
  }
}
