internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollKernelTemplates
internal import UnrollNetworks

/// What an optimizer remembers between updates: up to three models, and how often each parameter has been updated.
struct OptimizerMemory<Model: Module>: Module {
  private var names: [String]
  /// What is remembered, in the order in which the kernel wants it.
  var models: [Model]
  /// `[parameters]`, float64, in the order of `visit`.
  var steps: Tensor

  /// A memory for models with the parameters of this one: models of a first number each, under their names.
  init(for model: Model, _ first: KeyValuePairs<String, Double> = [:]) {
    model.requireComplete()
    names = first.map(\.key)
    models = first.map { model.filled(with: $0.value) }
    steps = Tensor(NDArray.zeros([model.parameters.count], .float64))
  }

  /// A memory of nothing, in the place of one that is being changed.
  fileprivate init() { (names, models, steps) = ([], [], Tensor(0)) }

  mutating func visit(_ visitor: Visitor) {
    for i in models.indices { visitor(names[i], &models[i]) }
    visitor("steps", &steps)
  }

  /// The model that is remembered under a name, if there is one.
  subscript(name: String) -> Model? { names.firstIndex(of: name).map { models[$0] } }

  fileprivate mutating func takeTensors(_ i: Int) -> [Tensor] { i < models.count ? models[i].takeTensors() : [] }
}

/// An optimizer that does the same step on every parameter, in one pass over the memory of the parameter and of what it remembers.
protocol StepwiseOptimizer: Optimizer {
  var memory: OptimizerMemory<Model> { get set }

  /// What is wrong with numbers that no other rule has; nil where nothing is.
  var ownFault: OptimizerFault? { get }

  /// The numbers of the update with this count, counted from 1, of a parameter.
  mutating func step(_ parameter: Int, _ count: Double) -> UpdateKernels.Step
}

extension StepwiseOptimizer {
  /// Updates those parameters whose names the closure accepts.
  mutating func follow(
    _ gradient: Model, _ model: inout Model, where isUpdated: (_ name: String) -> Bool, _ operation: String
  ) {
    requireNotNegative(learningRate, "the learning rate", operation)
    // Taken out, so that everything in it is held once and can be changed in place.
    var memory = OptimizerMemory<Model>()
    swap(&memory, &self.memory)
    var (a, b, c) = (memory.takeTensors(0), memory.takeTensors(1), memory.takeTensors(2))
    model.updateParameters(along: gradient, count: memory.steps.count, where: isUpdated) { i, parameter, slope in
      let step = step(i, memory.steps.modifyArray { $0.modify(at: i) { $0 + 1 } })
      switch memory.models.count {
      case 0: parameter.update(along: slope, step)
      case 1: a[i].modifyArray { parameter.update(along: slope, &$0, step) }
      case 2: a[i].modifyArray { a in b[i].modifyArray { parameter.update(along: slope, &a, &$0, step) } }
      default:
        a[i].modifyArray { a in
          b[i].modifyArray { b in c[i].modifyArray { parameter.update(along: slope, &a, &b, &$0, step) } }
        }
      }
    }
    for (i, tensors) in zip(memory.models.indices, [a, b, c]) { memory.models[i].putBack(tensors) }
    swap(&memory, &self.memory)
  }
}
