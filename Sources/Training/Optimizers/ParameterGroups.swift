internal import UnrollArrays
internal import UnrollAutograd
public import UnrollNetworks

/// Several optimizers for one model. Each parameter is updated by the first optimizer whose closure accepts its name.
///
/// Parameters that no closure accepts do not change. An optimizer's state takes memory only for the parameters that it updates.
///
///     var model = Linear(3, 4, using: &generator)
///     var optimizer = ParameterGroups([
///       ParameterGroup(Adam(for: model, learningRate: 0.01)) { $0.hasSuffix("bias") },
///       ParameterGroup(Adam(for: model, learningRate: 0.001, decoupledDecay: 0.1)),
///     ])
///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
///     optimizer.update(&model, along: slope)
public struct ParameterGroups<Rule: Optimizer>: Optimizer {
  /// The type of the model.
  public typealias Model = Rule.Model

  /// The optimizers, in the order of the groups.
  public private(set) var optimizers: [Rule]
  private let filters: [@Sendable (_ name: String) -> Bool]
  private let proportions: [Double]

  /// The learning rate of the first group. Setting it scales the rates of all groups by the same factor.
  public var learningRate: Double {
    get { optimizers[0].learningRate }
    set { for i in optimizers.indices { optimizers[i].learningRate = newValue * proportions[i] } }
  }

  /// An optimizer with the given groups.
  public init(_ groups: [ParameterGroup<Rule>]) {
    require(!groups.isEmpty, "ParameterGroups: there are no groups")
    let first = groups[0].optimizer.learningRate
    require(first > 0, "ParameterGroups: the first rate must be above 0, not \(first)")
    proportions = groups.map { $0.optimizer.learningRate / first }
    optimizers = groups.map(\.optimizer)
    filters = groups.map(\.accepts)
  }

  mutating func replaceOptimizers(_ optimizers: [Rule]) { self.optimizers = optimizers }

  public mutating func visit(_ visitor: Visitor) { visitor("groups", &optimizers) }

  public mutating func update(_ model: inout Model, along gradient: Model, where isUpdated: (_ name: String) -> Bool) {
    for i in optimizers.indices {
      optimizers[i].update(&model, along: gradient) { name in
        isUpdated(name) && filters.firstIndex { $0(name) } == i
      }
    }
  }
}

/// An optimizer, and a closure that selects the parameters that it updates.
///
///     let biases = ParameterGroup(Adam(for: model, learningRate: 0.01)) { $0.hasSuffix("bias") }
public struct ParameterGroup<Rule: Optimizer>: Sendable {
  let optimizer: Rule
  let accepts: @Sendable (_ name: String) -> Bool

  /// A group of the parameters whose names the closure accepts; by default all.
  public init(_ optimizer: Rule, where accepts: @escaping @Sendable (_ name: String) -> Bool = { _ in true }) {
    self.optimizer = optimizer
    self.accepts = accepts
  }
}
