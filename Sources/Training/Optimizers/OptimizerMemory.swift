internal import UnrollArrays
public import UnrollAutograd
internal import UnrollNetworks

/// The state of an optimizer: models, and the number of updates of each parameter.
struct OptimizerMemory<Model: Module>: Module {
  private var names: [String]
  /// The state models, in the order of the rule.
  var models: [Model]
  /// The number of updates of each parameter: `[parameters]`, float64, in the order of `visit`.
  var steps: Tensor
  /// The compiled programs of the rule, shared by copies of the optimizer.
  private(set) var programs = RulePrograms()

  /// The initial state for `model`: for each name, a model filled with the given number.
  init(for model: Model, _ first: KeyValuePairs<String, Double>) {
    model.requireComplete()
    names = first.map(\.key)
    models = first.map { model.filled(with: $0.value) }
    steps = Tensor.zeros([model.parameters.count], .float64)
  }

  /// What stands for a memory while it is moved out to be changed.
  fileprivate init(replacing other: OptimizerMemory) {
    (names, models, steps, programs) = ([], [], Tensor(0), other.programs)
  }

  mutating func visit(_ visitor: Visitor) {
    for i in models.indices { visitor(names[i], &models[i]) }
    visitor("steps", &steps)
  }

  /// The state model with the given name, if there is one.
  subscript(name: String) -> Model? { names.firstIndex(of: name).map { models[$0] } }
}

/// An optimizer that keeps state for every parameter.
public protocol StatefulOptimizer<Model>: Optimizer {
  /// The number of updates of each parameter, in the order of `visit`: `[parameters]`, float64.
  var steps: Tensor { get }

  /// The state with the given name, as a model that holds one tensor for each parameter; nil if there is none.
  ///
  ///     let optimizer = Adam(for: model)
  ///     print(optimizer.memory("second") == nil, optimizer.memory("velocity") == nil)  // false true
  func memory(_ name: String) -> Model?
}

/// An optimizer that applies one rule to every parameter, in a single pass over the memory of the parameter and its state.
protocol StepwiseOptimizer: StatefulOptimizer {
  associatedtype Rule: UpdateRule

  /// The update rule.
  var rule: Rule { get }

  var memory: OptimizerMemory<Model> { get set }

  /// The properties besides the learning rate that can be changed between updates; by default none.
  static var options: [String: WritableKeyPath<Self, Double>] { get }

  /// A fault that is specific to this optimizer; nil if there is none.
  var ownFault: OptimizerFault? { get }

  /// Stops if a property has been changed to an invalid number; by default the learning rate is checked.
  func checkOptions()

  /// The rule's scalar arguments for update number `count` (from 1) of a parameter.
  mutating func numbers(_ parameter: Int, _ count: Double) -> [Double]
}

extension StepwiseOptimizer {
  public var steps: Tensor { memory.steps }

  public func memory(_ name: String) -> Model? { memory[name] }

  /// The properties that can be changed between updates.
  public static var adjustable: [String: WritableKeyPath<Self, Double>] {
    options.merging(["learningRate": \.learningRate]) { option, _ in option }
  }

  public mutating func visit(_ visitor: Visitor) { memory.visit(visitor) }

  public mutating func update(_ model: inout Model, along gradient: Model, where isUpdated: (_ name: String) -> Bool) {
    checkOptions()
    let rule = rule
    // Moved out, so that its tensors are uniquely referenced and can be changed in place.
    var memory = OptimizerMemory<Model>(replacing: self.memory)
    swap(&memory, &self.memory)
    var columns = memory.models.indices.map { memory.models[$0].takeTensors() }
    var run = RuleRun(rule, memory.programs, parameters: memory.steps.count)
    model.updateParameters(along: gradient, count: memory.steps.count, where: isUpdated) { i, parameter, slope in
      let numbers = numbers(i, memory.steps.modifyArray { $0.modify(at: i) { $0 + 1 } })
      run.update(i, &parameter, &columns, along: slope, numbers)
    }
    run.finish()
    for i in columns.indices { memory.models[i].putBack(columns[i]) }
    swap(&memory, &self.memory)
  }

  static var options: [String: WritableKeyPath<Self, Double>] { [:] }

  func checkOptions() { requireNotNegative(learningRate, "the learning rate", Self.ruleName) }

  func numbers(_: Int, _ count: Double) -> [Double] { rule.numbers(rate: learningRate, count: Int(count)) }
}
