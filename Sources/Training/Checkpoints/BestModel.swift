internal import UnrollArrays
public import UnrollFiles
public import UnrollNetworks

/// The model with the best number of all checks, such as the lowest validation loss: a value that is updated after each check.
///
/// In a checkpoint it is kept with everything else, so that a resumed training remembers it. With a path, the best model's
/// parameters are also in a file of their own, which `Module.load(from:)` reads.
///
///     var best = BestModel(model)
///     for (epoch, loss) in [3.0, 2, 2.5].enumerated() {
///       try best.update(model, loss, at: epoch, savingTo: "best.safetensors")
///     }
///     print(best.number ?? 0, best.step)  // 2.0 1
///     model = best.model
public struct BestModel<Model: Module>: Sendable {
  /// The model of the best check; before the first one, the model that it was made with.
  public private(set) var model: Model
  /// The best number; nil before the first check.
  public private(set) var number: Double?
  /// The step of the best number; 0 before the first check.
  public private(set) var step = 0
  private let goal: Plateau.Goal

  /// No check yet; the goal is a low number, as for a loss, or a high one, as for an accuracy.
  public init(_ model: Model, goal: Plateau.Goal = .minimum) { (self.model, self.goal) = (model, goal) }

  /// Keeps the model if its number is better than all before, and returns whether it is; NaN is not.
  @discardableResult
  public mutating func update(_ model: Model, _ number: Double, at step: Int) -> Bool {
    guard isBetter(number) else { return false }
    (self.model, self.number, self.step) = (model, number, step)
    return true
  }

  /// The same, and a better model is written to a file, atomically: the path holds either the model before or the complete new
  /// one. If the file cannot be written, nothing changes.
  @discardableResult
  public mutating func update(
    _ model: Model, _ number: Double, at step: Int, savingTo path: String
  ) throws(ArrayFileError) -> Bool {
    guard isBetter(number) else { return false }
    try model.save(to: path)
    return update(model, number, at: step)
  }

  private func isBetter(_ number: Double) -> Bool {
    guard let best = self.number else { return !number.isNaN }
    return goal == .minimum ? number < best : number > best
  }
}

extension BestModel: Storable {
  /// Stores the model, its number and its step in the record.
  public func store(in record: inout Record) {
    record.store(model, as: "model")
    record.store(number, as: "number")
    record.store(step, as: "step")
  }

  /// The best model of the record, which must match this model's names, shapes and types.
  public func restored(from record: Record) throws(LoadingError) -> BestModel {
    var copy = self
    copy.model = try record.value("model", like: model)
    copy.number = try record.value("number")
    if copy.number?.isNaN ?? false { throw record.unfit("the best number is nan", "number") }
    copy.step = try record.value("step")
    return copy
  }
}
