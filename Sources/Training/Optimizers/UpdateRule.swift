public import UnrollAutograd

/// How an optimizer changes a parameter: the formulas, in tensor arithmetic.
///
/// A rule is traced once and runs in one pass over memory, in place, as the rules of the library do, if every number that it
/// gives depends on the corresponding numbers of the parameter, the gradient and what is remembered, and on single numbers. A
/// rule that mixes numbers (a norm), or looks at them (`item`, a comparison), runs operation by operation with the same results:
/// `RuleOptimizer.ways(for:)` tells. Equal rules must have equal formulas. What changes from update to update belongs into
/// `numbers`.
///
///     struct MyAdam: UpdateRule {
///       var memories: KeyValuePairs<String, Double> { ["first": 0, "second": 0] }
///
///       func numbers(rate: Double, count: Int) -> [Double] {
///         var (first, second) = (1.0, 1.0)
///         for _ in 0..<count { (first, second) = (first * 0.9, second * 0.999) }
///         return [rate / (1 - first), 1 / (1 - second).squareRoot()]
///       }
///
///       func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
///         let m = memories[0] * 0.9 + g * 0.1
///         let v = memories[1] * 0.999 + g.square() * 0.001
///         return [p - m * numbers[0] / (v.squareRoot() * numbers[1] + 1e-8), m, v]
///       }
///     }
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = RuleOptimizer(MyAdam(), for: model, learningRate: 0.001)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public protocol UpdateRule: Equatable, Sendable {
  /// The names of the arrays that are remembered of each parameter, and the number that fills each at first. Without any, none
  /// is.
  ///
  /// What is remembered becomes 0 where it fades below the smallest normal number, since arithmetic on such numbers is slow.
  var memories: KeyValuePairs<String, Double> { get }

  /// The single numbers that an update needs: they may be others at every update. `count` is 1 at the first one of a parameter.
  /// Without this function, the rate alone.
  func numbers(rate: Double, count: Int) -> [Double]

  /// The parameter after an update, and behind it what is to be remembered, from the parameter p, its gradient g, what was
  /// remembered, and the numbers, each a tensor of shape `[]`. All others have the shape of the parameter, before and after.
  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor]
}

extension UpdateRule {
  /// Nothing.
  public var memories: KeyValuePairs<String, Double> { [:] }

  /// The rate.
  public func numbers(rate: Double, count: Int) -> [Double] { [rate] }
}
