internal import UnrollArrays
internal import UnrollAutograd
public import UnrollNetworks

/// An optimizer with a custom rule, written as formulas.
///
///     struct Descent: UpdateRule {
///       func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
///         [p - numbers[0] * g]
///       }
///     }
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = RuleOptimizer(Descent(), for: model, learningRate: 0.1)
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct RuleOptimizer<Model: Module, Rule: UpdateRule>: StepwiseOptimizer {
  /// The learning rate, which is passed to the rule's `numbers`.
  public var learningRate: Double
  /// The update rule.
  public let rule: Rule
  var memory: OptimizerMemory<Model>

  /// An optimizer for `model` and models of the same structure.
  public init(_ rule: Rule, for model: Model, learningRate: Double) {
    requireNotNegative(learningRate, "the learning rate", Self.ruleName)
    self.rule = rule
    self.learningRate = learningRate
    memory = OptimizerMemory(for: model, rule.memories)
  }

  /// The rule's state with the given name, if there is one.
  public func memory(_ name: String) -> Model? { memory[name] }

  /// How the rule runs over each parameter of a model, by name: in one pass, or operation by operation with the reason.
  ///
  ///     struct Descent: UpdateRule {
  ///       func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
  ///         [p - numbers[0] * g]
  ///       }
  ///     }
  ///     let model = Linear(3, 4, using: &generator)
  ///     let optimizer = RuleOptimizer(Descent(), for: model, learningRate: 0.1)
  ///     print(optimizer.ways(for: model))  // ["weight": in one pass, "bias": in one pass]
  public func ways(for model: Model) -> [String: UpdateWay] {
    var ways: [String: UpdateWay] = [:]
    let count = numberCount
    for (name, tensor) in model.parameters {
      ways[name] = UpdateWay(memory.programs.traced(rule, tensor.shape, tensor.type, memory.models.count, count))
    }
    return ways
  }

  private var numberCount: Int { rule.numbers(rate: learningRate, count: 1).count }
}

/// How a rule runs over a parameter; see `RuleOptimizer.ways`.
public enum UpdateWay: Sendable, Equatable, CustomStringConvertible {
  /// In one pass over memory.
  case onePass
  /// Operation by operation: the same numbers, but slower. The text is the reason.
  case operationByOperation(String)

  /// The way as text, with the reason.
  public var description: String {
    switch self {
    case .onePass: "in one pass"
    case .operationByOperation(let reason): "operation by operation: \(reason)"
    }
  }

  init(_ program: Result<ElementProgram, ElementObstacle>) {
    self =
      switch program {
      case .success: .onePass
      case .failure(.readsNumbers): .operationByOperation("the rule reads numbers")
      case .failure(.capturesRecorded): .operationByOperation("the rule uses a recorded tensor that it was not given")
      case .failure(.operation(let name)): .operationByOperation("the rule uses \(name)")
      }
  }
}
