internal import UnrollArrays
public import UnrollNetworks

/// Everything needed to resume a training, in one file: a step and named values.
///
/// The values are `Storable`s: a model, its optimizer, the generator, a carried state, the position in the data, losses and
/// texts. A resumed training continues bit for bit. Schedules need not be stored because they are functions of the step.
///
///     var (step, optimizer, epoch) = (0, Adam(for: model), 0)
///     if let checkpoint = try Checkpoint.latest(in: "run") {
///       try checkpoint.restore(model: &model, optimizer: &optimizer, generator: &generator)
///       step = checkpoint.step
///       epoch = try checkpoint.value("epoch")
///     }
///     try Checkpoint(step: step, model: model, optimizer: optimizer, generator: generator, ["epoch": epoch])
///       .save(to: "run", keeping: 3)
public struct Checkpoint: Sendable {
  /// The number of steps before the checkpoint.
  public let step: Int
  package let record: Record

  /// A checkpoint with named values; names must not contain dots.
  ///
  ///     let checkpoint = Checkpoint(step: 100, ["model": model, "best": 0.25, "note": "first try"])
  public init(step: Int, _ values: KeyValuePairs<String, any Storable>) {
    require(step >= 0, "Checkpoint: a step of \(step) is negative")
    require(Checkpoint.steps.contains(step), "Checkpoint: a step of \(step) is greater than 2⁵³")
    var (record, names) = (Record(), Set<String>())
    for (name, value) in values {
      require(
        !name.isEmpty && !name.contains(".") && name != CheckpointFile.reserved,
        "Checkpoint: a value cannot have the name \"\(name)\"")
      require(names.insert(name).inserted, "Checkpoint: two values have the name \"\(name)\"")
      record.store(value, as: name)
    }
    (self.step, self.record) = (step, record)
  }

  /// A checkpoint with the usual values, named after the arguments, and others.
  public init(
    step: Int, model: some Module, optimizer: some Storable, generator: some Storable,
    _ others: KeyValuePairs<String, any Storable> = [:]
  ) {
    let usual: [(String, any Storable)] = [("model", model), ("optimizer", optimizer), ("generator", generator)]
    var all = Checkpoint(step: step, others).record
    for (name, value) in usual {
      require(!others.contains { $0.key == name }, "Checkpoint: two values have the name \"\(name)\"")
      all.store(value, as: name)
    }
    (self.step, self.record) = (step, all)
  }

  /// The valid steps; every one of them is exact in float64, and so is its successor.
  static let steps = 0...1 << 53

  package init(step: Int, record: Record) { (self.step, self.record) = (step, record) }
}

/// Restoring values. An incompatible value throws an error that names it.
extension Checkpoint {
  /// The value with the given name: a number, text, tensor, state, generator, or an array or optional of these.
  ///
  ///     let best: Double = try Checkpoint(step: 1, ["best": 0.25]).value("best")
  public func value<Value: Restorable>(_ name: String, as type: Value.Type = Value.self) throws(LoadingError) -> Value {
    try record.value(name, as: type)
  }

  /// The value with the given name, restored with a compatible one: a model of the same structure, an optimizer with the same
  /// options.
  ///
  ///     let kept = try Checkpoint(step: 1, ["model": model]).value("model", like: model)
  public func value<Value: Storable>(_ name: String, like value: Value) throws(LoadingError) -> Value {
    try record.value(name, like: value)
  }

  /// Restores model, optimizer and generator: all of them, or none if one is incompatible.
  public func restore<Model: Module, Rule: Storable, Source: Storable>(
    model: inout Model, optimizer: inout Rule, generator: inout Source
  ) throws(LoadingError) {
    (model, optimizer, generator) = (
      try value("model", like: model), try value("optimizer", like: optimizer), try value("generator", like: generator)
    )
  }
}
