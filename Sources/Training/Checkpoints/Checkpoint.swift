internal import UnrollArrays
public import UnrollNetworks

/// Everything that a training goes on from, in one file: after so many steps, values with names.
///
/// A model, its optimizer, the generator, a carried state, the position in the data, losses and texts: every `Storable`. What is taken
/// from a checkpoint continues bit for bit what was put in. Schedules are functions of the step and need no place in it.
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
  /// After how many steps it was made.
  public let step: Int
  let record: Record

  /// A checkpoint of values under names, which are free of dots.
  ///
  ///     let checkpoint = Checkpoint(step: 100, ["model": model, "best": 0.25, "note": "first try"])
  public init(step: Int, _ values: KeyValuePairs<String, any Storable>) {
    require(step >= 0, "Checkpoint: a step of \(step) is not at least 0")
    require(Checkpoint.steps.contains(step), "Checkpoint: a step of \(step) is more than 2⁵³")
    var (record, names) = (Record(), Set<String>())
    for (name, value) in values {
      require(
        !name.isEmpty && !name.contains(".") && name != CheckpointFile.reserved,
        "Checkpoint: a value cannot be called \"\(name)\"")
      require(names.insert(name).inserted, "Checkpoint: two values are called \"\(name)\"")
      record.store(value, as: name)
    }
    (self.step, self.record) = (step, record)
  }

  /// A checkpoint of what every training has, under the names of these arguments, and of others.
  public init(
    step: Int, model: some Module, optimizer: some Storable, generator: some Storable,
    _ others: KeyValuePairs<String, any Storable> = [:]
  ) {
    let usual: [(String, any Storable)] = [("model", model), ("optimizer", optimizer), ("generator", generator)]
    var all = Checkpoint(step: step, others).record
    for (name, value) in usual {
      require(!others.contains { $0.key == name }, "Checkpoint: two values are called \"\(name)\"")
      all.store(value, as: name)
    }
    (self.step, self.record) = (step, all)
  }

  /// The steps that there can be: those whose successors can be counted.
  static let steps = 0...1 << 53

  init(step: Int, record: Record) { (self.step, self.record) = (step, record) }
}

/// Taking values out. What does not fit is an error that says what and where.
extension Checkpoint {
  /// The value of that name: numbers, texts, tensors, states, generators, arrays and optionals of such.
  ///
  ///     let best: Double = try Checkpoint(step: 1, ["best": 0.25]).value("best")
  public func value<Value: Restorable>(_ name: String, as type: Value.Type = Value.self) throws(LoadingError) -> Value {
    try record.value(name, as: type)
  }

  /// The value of that name, made from one that is there: a model of the same parameters, an optimizer of the same options.
  ///
  ///     let kept = try Checkpoint(step: 1, ["model": model]).value("model", like: model)
  public func value<Value: Storable>(_ name: String, like value: Value) throws(LoadingError) -> Value {
    try record.value(name, like: value)
  }

  /// Puts the usual values in the place of these, all of them or, where one does not fit, none.
  public func restore<Model: Module, Rule: Storable, Source: Storable>(
    model: inout Model, optimizer: inout Rule, generator: inout Source
  ) throws(LoadingError) {
    (model, optimizer, generator) = (
      try value("model", like: model), try value("optimizer", like: optimizer), try value("generator", like: generator)
    )
  }
}
