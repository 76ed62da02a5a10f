internal import UnrollArrays
internal import UnrollAutograd
public import UnrollNetworks

/// Resilient propagation: step lengths that depend only on the signs of gradients, for training with the whole data set at
/// once.
///
/// For each element of a parameter with gradient g: the length grows by the factor `growing` if g has the same sign as before,
/// and shrinks by `shrinking` if the sign has changed, in which case g is replaced by 0 and remembered as 0. The length is
/// clipped to `lengths`; p ← p − length · sign g. `memory` has the latest gradients as "previous" and the lengths as "length".
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = Rprop(for: model)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct Rprop<Model: Module>: StepwiseOptimizer {
  /// The length of the first step of every element; later lengths are not affected by changes.
  public var learningRate: Double
  /// The factors by which lengths shrink and grow.
  let factors: (shrinking: Double, growing: Double)
  /// The range of the lengths.
  let lengths: ClosedRange<Double>
  var memory: OptimizerMemory<Model>

  /// An optimizer for `model` and models of the same structure.
  public init(
    for model: Model, learningRate: Double = 0.01, factors: (shrinking: Double, growing: Double) = (0.5, 1.2),
    lengths: ClosedRange<Double> = 1e-6...50
  ) {
    requireNotNegative(learningRate, "the learning rate", Self.ruleName)
    require(
      factors.shrinking > 0 && factors.shrinking < 1 && factors.growing > 1 && factors.growing.isFinite,
      "Rprop: the factors \(factors.shrinking) and \(factors.growing) do not shrink and grow")
    requireNotNegative(lengths.lowerBound, "a shortest length of", Self.ruleName)
    self.learningRate = learningRate
    self.factors = factors
    self.lengths = lengths
    memory = OptimizerMemory(for: model, ["previous": 0, "length": 0])
  }

  var rule: RpropRule {
    RpropRule(shrinking: factors.shrinking, growing: factors.growing, shortest: lengths.lowerBound, longest: lengths.upperBound)
  }

  func numbers(_: Int, _ count: Double) -> [Double] { [count == 1 ? learningRate : 0] }
}

/// The update rule of `Rprop`.
struct RpropRule: UpdateRule {
  let shrinking, growing, shortest, longest: Double

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    // Signs are multiplied, because the product of two small gradients could underflow. Exactly one of the factor's three terms
    // is not 0.
    let agreement = g.sign() * memories[0].sign()
    let turns = (-agreement).relu()
    let factor = growing * agreement.relu() + shrinking * turns + (1 - agreement.magnitude())
    let length = (memories[1] * factor + numbers[0]).clipped(minimum: shortest, maximum: longest)
    let slope = g * (1 - turns)
    return [p - length * slope.sign(), slope, length]
  }
}
