public import UnrollNetworks

/// A rule that improves a model along its gradient, and what the rule remembers between updates: a value.
///
/// What is remembered is made of models, so that an optimizer is a module itself: its tensors have names and can be saved. An
/// update changes the parameters in their own memory where nobody else holds it; a copy of the model that was made before keeps
/// its numbers.
///
///     func step(_ optimizer: inout some Optimizer<Linear>, _ layer: inout Linear, _ input: Tensor) {
///       let slope = gradient(at: layer) { $0(input).square().sum() }
///       optimizer.update(&layer, along: slope)
///     }
public protocol Optimizer<Model>: Module {
  /// What is updated.
  associatedtype Model: Module

  /// How far an update goes; it may be changed between updates.
  var learningRate: Double { get set }

  /// The numbers that may be changed between updates, by name: what a checkpoint gives back. All others must be as they were.
  static var adjustable: [String: WritableKeyPath<Self, Double>] { get }

  /// Improves those parameters of the model whose names the closure accepts; all others, and what is remembered of them, stay. So do
  /// those that `freezing` has frozen, in the model or in the function whose gradient this is.
  mutating func update(_ model: inout Model, along gradient: Model, where isUpdated: (_ name: String) -> Bool)
}

extension Optimizer {
  /// Improves all parameters of the model.
  public mutating func update(_ model: inout Model, along gradient: Model) {
    update(&model, along: gradient) { _ in true }
  }
}
