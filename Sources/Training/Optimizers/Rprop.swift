internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// Resilient propagation: steps whose lengths follow from the signs of gradients alone, for gradients of all data at once.
///
/// For each number of a parameter, with gradient g: its length grows by the factor `growing` where g has the sign it had before,
/// shrinks by `shrinking` where it has the other one (then g counts as 0, and is remembered so), and stays within the limits;
/// p ← p − length · sign g.
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = Rprop(for: model)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct Rprop<Model: Module>: StepwiseOptimizer {
  /// The length of the first step of every number; later lengths do not depend on it.
  public var learningRate: Double
  /// The factors by which lengths shrink and grow.
  public let factors: (shrinking: Double, growing: Double)
  /// The shortest and the longest length.
  public let lengths: ClosedRange<Double>
  /// The gradients of the last update.
  public var previous: Model { memory.models[0] }
  /// The lengths of the last steps.
  public var length: Model { memory.models[1] }
  /// How often each parameter has been updated, in the order of `visit`: `[parameters]`, float64.
  public var steps: Tensor { memory.steps }
  var memory: OptimizerMemory<Model>

  /// An optimizer for models with the parameters of this one.
  public init(
    for model: Model, learningRate: Double = 0.01, factors: (shrinking: Double, growing: Double) = (0.5, 1.2),
    lengths: ClosedRange<Double> = 1e-6...50
  ) {
    requireNotNegative(learningRate, "the learning rate", "Rprop")
    require(
      factors.shrinking > 0 && factors.shrinking < 1 && factors.growing > 1 && factors.growing.isFinite,
      "Rprop: the factors \(factors.shrinking) and \(factors.growing) do not shrink and grow")
    requireNotNegative(lengths.lowerBound, "a shortest length of", "Rprop")
    self.learningRate = learningRate
    self.factors = factors
    self.lengths = lengths
    memory = OptimizerMemory(for: model, ["previous": 0, "length": 0])
  }

  public mutating func visit(_ visitor: Visitor) { memory.visit(visitor) }

  public mutating func update(_ model: inout Model, along gradient: Model, where isUpdated: (_ name: String) -> Bool) {
    follow(gradient, &model, where: isUpdated, "Rprop")
  }

  var rule: RpropRule {
    RpropRule(shrinking: factors.shrinking, growing: factors.growing, shortest: lengths.lowerBound, longest: lengths.upperBound)
  }

  func numbers(_: Int, _ count: Double) -> [Double] { [count == 1 ? learningRate : 0] }
}

/// The formulas of `Rprop`.
struct RpropRule: UpdateRule {
  let shrinking, growing, shortest, longest: Double

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    // Of the signs, since the product of two small gradients would vanish. Of what is added up, one thing is not 0.
    let agreement = g.sign() * memories[0].sign()
    let turns = (-agreement).relu()
    let factor = growing * agreement.relu() + shrinking * turns + (1 - agreement.magnitude())
    let length = (memories[1] * factor + numbers[0]).clipped(minimum: shortest, maximum: longest)
    let slope = g * (1 - turns)
    return [p - length * slope.sign(), slope, length]
  }
}
