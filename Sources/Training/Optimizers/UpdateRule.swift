public import UnrollAutograd

/// The formulas by which an optimizer updates a parameter, in tensor arithmetic.
///
/// A rule is traced once, and then runs in place in one pass over memory, like the library's own rules. This requires that
/// every element of a result depend only on the corresponding elements of the parameter, the gradient and the state, and on
/// scalars. A rule that mixes elements (a norm) or reads them (`item`, a comparison) runs operation by operation with the same
/// results; `RuleOptimizer.ways(for:)` reports this. Equal rules must have equal formulas. Anything that changes from update to
/// update belongs in `numbers`.
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
  /// The names of the state tensors of each parameter, and the number that initially fills each; by default none.
  ///
  /// Elements of the state that fall below the smallest normal number are set to 0, because arithmetic with subnormal numbers
  /// is slow.
  var memories: KeyValuePairs<String, Double> { get }

  /// The scalars of an update, which may differ from update to update; by default the learning rate alone. `count` is 1 at the
  /// first update of a parameter.
  func numbers(rate: Double, count: Int) -> [Double]

  /// The updated parameter, followed by the updated state tensors. The arguments are the parameter p, its gradient g, the
  /// state, and the scalars, each a tensor of shape `[]`. Results must have the parameter's shape, which g and the state have
  /// too.
  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor]
}

extension UpdateRule {
  /// No state.
  public var memories: KeyValuePairs<String, Double> { [:] }

  /// The learning rate alone.
  public func numbers(rate: Double, count: Int) -> [Double] { [rate] }
}
