internal import UnrollArrays
public import UnrollAutograd
internal import UnrollKernelTemplates
public import UnrollNetworks

/// Gradient descent, with momentum or without.
///
/// For each parameter p with gradient g: s = g + decay · p; v ← momentum · v + (1 − dampening) · s, at first v ← s;
/// p ← p − rate · v, with Nesterov's momentum p ← p − rate · (s + momentum · v). These are PyTorch's conventions.
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = SGD(for: model, learningRate: 0.1, momentum: 0.9)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct SGD<Model: Module>: Optimizer {
  /// How far an update goes.
  public var learningRate: Double
  /// What remains of the velocity from one update to the next.
  public let momentum: Double
  /// What is missing of a gradient in the velocity.
  public let dampening: Double
  /// Whether an update looks one step of momentum ahead.
  public let nesterov: Bool
  /// The strength of the pull towards zero, which is added to the gradient.
  public var weightDecay: Double
  /// The velocity of every parameter; nil without momentum.
  public private(set) var velocity: Model?
  /// How often each parameter has been updated, in the order of `visit`: `[parameters]`, float64.
  public private(set) var steps: Tensor

  /// An optimizer for models with the parameters of this one.
  public init(
    for model: Model, learningRate: Double, momentum: Double = 0, dampening: Double = 0, nesterov: Bool = false,
    weightDecay: Double = 0
  ) {
    model.requireComplete()
    requireLearningRate(learningRate, "SGD")
    require(momentum >= 0 && momentum < 1, "SGD: the momentum \(momentum) is not from 0 to below 1")
    require(dampening >= 0 && dampening <= 1, "SGD: the dampening \(dampening) is not from 0 to 1")
    require(
      !nesterov || (momentum > 0 && dampening == 0),
      "SGD: Nesterov's momentum needs a momentum and no dampening, not \(momentum) and \(dampening)")
    require(weightDecay >= 0 && weightDecay.isFinite, "SGD: the weight decay \(weightDecay) is not a number of at least 0")
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    velocity = momentum > 0 ? model.zeros() : nil
    steps = Tensor(NDArray.zeros([model.parameters.count], .float64))
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("velocity", &velocity)
    visitor("steps", &steps)
  }

  public mutating func update(_ model: inout Model, along gradient: Model, where isUpdated: (_ name: String) -> Bool) {
    requireLearningRate(learningRate, "SGD")
    var velocities = velocity?.takeTensors() ?? []
    defer { velocity?.putBack(velocities) }
    model.updateParameters(along: gradient, count: steps.count, where: isUpdated) { i, parameter, slope in
      let isFirst = steps.modifyArray { $0.increment(at: i) } == 1
      if velocities.isEmpty {
        parameter.descend(along: slope, rate: learningRate, decay: weightDecay)
      } else {
        let step = step(isFirst: isFirst)
        velocities[i].modifyArray { parameter.descend(along: slope, velocity: &$0, step) }
      }
    }
  }

  private func step(isFirst: Bool) -> UpdateKernels.Descent {
    UpdateKernels.Descent(
      rate: learningRate, decay: weightDecay, kept: momentum, share: isFirst ? 1 : 1 - dampening, plain: nesterov ? 1 : 0,
      remembered: nesterov ? momentum : 1)
  }
}
