public import UnrollNetworks

/// A rule that improves a model along its gradient, together with the rule's state: a value.
///
/// The state consists of models, so that an optimizer is itself a module: its tensors have names and can be saved. An update
/// changes parameters in place if their storage is uniquely referenced; earlier copies of the model do not change.
///
///     func step(_ optimizer: inout some Optimizer<Linear>, _ layer: inout Linear, _ input: Tensor) {
///       let slope = gradient(at: layer) { $0(input).square().sum() }
///       optimizer.update(&layer, along: slope)
///     }
public protocol Optimizer<Model>: Module {
  /// The type of the model.
  associatedtype Model: Module

  /// The learning rate; it may be changed between updates.
  var learningRate: Double { get set }

  /// The properties that can be changed between updates, by name; a checkpoint restores them. All other properties must equal
  /// the stored ones.
  static var adjustable: [String: WritableKeyPath<Self, Double>] { get }

  /// Updates the parameters whose names the closure accepts; all others, and the optimizer's state for them, do not change.
  /// Neither do parameters that `freezing` has frozen, in the model or in the function that was differentiated.
  mutating func update(_ model: inout Model, along gradient: Model, where isUpdated: (_ name: String) -> Bool)
}

extension Optimizer {
  /// Updates all parameters of the model.
  public mutating func update(_ model: inout Model, along gradient: Model) {
    update(&model, along: gradient) { _ in true }
  }
}
