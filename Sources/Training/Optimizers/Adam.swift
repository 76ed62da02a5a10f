internal import UnrollArrays
public import UnrollAutograd
internal import UnrollKernelTemplates
public import UnrollNetworks

/// Descent along the mean of the gradients, divided by the root of the mean of their squares.
///
/// For each parameter p with gradient g, at its t-th update: s = g + decay · p; m ← β₁ m + (1 − β₁) s;
/// v ← β₂ v + (1 − β₂) s²; p ← (1 − rate · decoupledDecay) · p − rate · m̂ / (√v̂ + ε), where m̂ = m / (1 − β₁ᵗ) and
/// v̂ = v / (1 − β₂ᵗ). `weightDecay` is that of PyTorch's Adam, `decoupledDecay` that of its AdamW.
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = Adam(for: model, learningRate: 0.001, decoupledDecay: 0.01)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope) { $0 != "bias" }
public struct Adam<Model: Module>: Optimizer {
  /// How far an update goes.
  public var learningRate: Double
  /// What remains of the mean of the gradients and of that of their squares from one update to the next.
  public let betas: (first: Double, second: Double)
  /// What is added to the root, so that nothing is divided by 0.
  public let epsilon: Double
  /// The strength of the pull towards zero that is added to the gradient.
  public var weightDecay: Double
  /// The strength of the pull towards zero that acts on the parameter itself.
  public var decoupledDecay: Double
  /// The mean of the gradients, m.
  public private(set) var first: Model
  /// The mean of the squares of the gradients, v.
  public private(set) var second: Model
  /// How often each parameter has been updated, in the order of `visit`: `[parameters]`, float64.
  public private(set) var steps: Tensor

  /// An optimizer for models with the parameters of this one.
  public init(
    for model: Model, learningRate: Double = 0.001, betas: (first: Double, second: Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0, decoupledDecay: Double = 0
  ) {
    model.requireComplete()
    requireLearningRate(learningRate, "Adam")
    for beta in [betas.first, betas.second] {
      require(beta >= 0 && beta < 1, "Adam: a beta of \(beta) is not from 0 to below 1")
    }
    require(epsilon >= 0 && epsilon.isFinite, "Adam: an epsilon of \(epsilon) is not a number of at least 0")
    for decay in [weightDecay, decoupledDecay] {
      require(decay >= 0 && decay.isFinite, "Adam: the weight decay \(decay) is not a number of at least 0")
    }
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decoupledDecay = decoupledDecay
    first = model.zeros()
    second = model.zeros()
    steps = Tensor(NDArray.zeros([model.parameters.count], .float64))
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("first", &first)
    visitor("second", &second)
    visitor("steps", &steps)
  }

  public mutating func update(_ model: inout Model, along gradient: Model, where isUpdated: (_ name: String) -> Bool) {
    requireLearningRate(learningRate, "Adam")
    var (means, squares) = (first.takeTensors(), second.takeTensors())
    defer {
      first.putBack(means)
      second.putBack(squares)
    }
    model.updateParameters(along: gradient, count: steps.count, where: isUpdated) { i, parameter, slope in
      let count = steps.modifyArray { $0.increment(at: i) }
      let step = step(count)
      means[i].modifyArray { mean in
        squares[i].modifyArray { square in parameter.descend(along: slope, first: &mean, second: &square, step) }
      }
    }
  }

  /// The numbers of the t-th update.
  private func step(_ t: Double) -> UpdateKernels.Adam {
    let (first, second) = (1 - power(betas.first, t), 1 - power(betas.second, t))
    return UpdateKernels.Adam(
      rate: learningRate / first, decay: weightDecay, shrinkage: 1 - learningRate * decoupledDecay,
      firstShare: 1 - betas.first, secondKept: betas.second, secondShare: 1 - betas.second,
      rootScale: 1 / second.squareRoot(), epsilon: epsilon)
  }

  /// The base multiplied by itself: the same bits everywhere, which no library's power promises.
  private func power(_ base: Double, _ exponent: Double) -> Double {
    var (result, square, rest) = (1.0, base, Int(exponent))
    while rest > 0 {
      if rest % 2 == 1 { result *= square }
      square *= square
      rest /= 2
    }
    return result
  }
}
