internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// What an optimizer remembers between updates: models, and how often each parameter has been updated.
struct OptimizerMemory<Model: Module>: Module {
  private var names: [String]
  /// What is remembered, in the order of the rule.
  var models: [Model]
  /// `[parameters]`, float64, in the order of `visit`.
  var steps: Tensor
  /// What the rule was traced into; copies of an optimizer share it.
  private(set) var programs = RulePrograms()

  /// A memory for models with the parameters of this one: models of a first number each, under their names.
  init(for model: Model, _ first: KeyValuePairs<String, Double>) {
    model.requireComplete()
    names = first.map(\.key)
    models = first.map { model.filled(with: $0.value) }
    steps = Tensor.zeros([model.parameters.count], .float64)
  }

  /// A memory of nothing, in the place of one that is being changed.
  fileprivate init(replacing other: OptimizerMemory) {
    (names, models, steps, programs) = ([], [], Tensor(0), other.programs)
  }

  mutating func visit(_ visitor: Visitor) {
    for i in models.indices { visitor(names[i], &models[i]) }
    visitor("steps", &steps)
  }

  /// The model that is remembered under a name, if there is one.
  subscript(name: String) -> Model? { names.firstIndex(of: name).map { models[$0] } }
}

/// An optimizer that follows the same rule for every parameter, in one pass over the memory of the parameter and of what it
/// remembers.
protocol StepwiseOptimizer: Optimizer {
  associatedtype Rule: UpdateRule

  /// The formulas.
  var rule: Rule { get }

  var memory: OptimizerMemory<Model> { get set }

  /// What is wrong with numbers that no other rule has; nil where nothing is.
  var ownFault: OptimizerFault? { get }

  /// The rule's numbers for the update with this count, counted from 1, of a parameter.
  mutating func numbers(_ parameter: Int, _ count: Double) -> [Double]
}

extension StepwiseOptimizer {
  func numbers(_: Int, _ count: Double) -> [Double] { rule.numbers(rate: learningRate, count: Int(count)) }

  /// Updates those parameters whose names the closure accepts.
  mutating func follow(
    _ gradient: Model, _ model: inout Model, where isUpdated: (_ name: String) -> Bool, _ operation: String
  ) {
    requireNotNegative(learningRate, "the learning rate", operation)
    let rule = rule
    // Taken out, so that everything in it is held once and can be changed in place.
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
}
