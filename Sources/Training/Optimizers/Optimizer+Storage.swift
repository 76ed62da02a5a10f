internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollFiles
public import UnrollNetworks

extension Optimizer {
  /// The learning rate; optimizers add their other adjustable properties.
  public static var adjustable: [String: WritableKeyPath<Self, Double>] { ["learningRate": \.learningRate] }

  /// Stores the optimizer's state, its adjustable properties and, for comparison, its constants.
  public func store(in record: inout Record) {
    for (name, path) in Self.adjustable { record.store(self[keyPath: path], as: name) }
    for (name, text) in constants { record.store(text, as: name) }
    let finite = Set((self as? any StepwiseOptimizer)?.memoryNames ?? [])
    for (name, tensor) in parameters {
      let array = StoredArray(tensor.array)
      if finite.contains(name) { record.storeFinite(array, as: name) } else { record.arrays[record.fullName(name)] = array }
    }
  }

  /// The same optimizer with the state of the record. The record must come from the same rule with the same options, and its
  /// numbers must be valid: no negative rates, no invalid counts, no state that is not finite.
  public func restored(from record: Record) throws(LoadingError) -> Self {
    try requireConstants(of: record)
    var copy = try withParameters(of: record)
    for (name, path) in Self.adjustable { copy[keyPath: path] = try record.value(name) }
    if let fault = (copy as? any StepwiseOptimizer)?.fault { throw record.unfit(fault.reason, fault.name) }
    return copy
  }

  /// Throws unless the stored optimizer has the same rule and the same constants.
  func requireConstants(of record: Record) throws(LoadingError) {
    var constants = constants
    // The rule is compared first, because another rule may lack some of the constants.
    if let rule = constants.removeValue(forKey: "rule") {
      let stored: String = try record.value("rule")
      if stored != rule {
        throw LoadingError(
          .different, "the stored optimizer is \(stored), this one \(rule)", name: record.fullName("rule"), file: record.file)
      }
    }
    for (name, text) in constants.sorted(by: { $0.key < $1.key }) {
      let stored: String = try record.value(name)
      if stored != text {
        throw LoadingError(
          .different, "the stored optimizer has \(stored), this one \(text)", name: record.fullName(name), file: record.file)
      }
    }
  }

  /// The rule's name, and its constant numeric and Boolean fields, as texts.
  var constants: [String: String] {
    var constants = ["rule": Self.ruleName]
    for child in Mirror(reflecting: self).children {
      if child.value is any UpdateRule { constants["rule"]? += " of \(child.value)" }
      guard let label = child.label, Self.adjustable[label] == nil else { continue }
      let isTuple = Mirror(reflecting: child.value).displayStyle == .tuple
      let isConstant = child.value is Double || child.value is Int || child.value is Bool || child.value is [Double]
      if isTuple || isConstant || child.value is ClosedRange<Double> { constants[label] = "\(child.value)" }
    }
    return constants
  }
}

extension ParameterGroups {
  /// Stores the optimizers of all groups in the record.
  public func store(in record: inout Record) {
    for (name, text) in constants { record.store(text, as: name) }
    for (i, optimizer) in optimizers.enumerated() { record.store(optimizer, as: "groups.\(i)") }
  }

  /// The same groups with the state of the record.
  public func restored(from record: Record) throws(LoadingError) -> ParameterGroups {
    try requireConstants(of: record)
    var all: [Rule] = []
    for (i, optimizer) in optimizers.enumerated() { all.append(try record.value("groups.\(i)", like: optimizer)) }
    var copy = self
    copy.replaceOptimizers(all)
    return copy
  }
}

extension MovingAverage {
  /// Stores the average and its decay in the record.
  public func store(in record: inout Record) {
    record.store(decay, as: "decay")
    record.store(average, as: "average")
  }

  /// The average that is stored in the record.
  public func restored(from record: Record) throws(LoadingError) -> MovingAverage {
    var copy = self
    copy.decay = try record.value("decay")
    if !(copy.decay >= 0 && copy.decay < 1) { throw record.unfit("\(copy.decay) is not in 0..<1", "decay") }
    copy.replaceAverage(try record.value("average", like: average))
    return copy
  }
}
