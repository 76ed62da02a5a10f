internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// An invalid number in an optimizer, which no training produces but a file may contain. The next update would stop at it or
/// spread it.
struct OptimizerFault {
  /// The name of the number in the record.
  let name: String
  /// The reason why it is invalid.
  let reason: String

  /// The fault of the first number that violates the condition; nil if there is none.
  init?(_ name: String, _ numbers: [Double], _ wanted: String, _ isGood: (Double) -> Bool) {
    guard let bad = numbers.first(where: { !isGood($0) }) else { return nil }
    self.init(name: name, reason: "\(bad) is not \(wanted)")
  }

  init(name: String, reason: String) { (self.name, self.reason) = (name, reason) }

  /// The largest count that a float64 can exactly increment.
  static let largestCount = 0x1p53

  /// The fault of the first invalid count, which must be an integer of at least `least`; nil if there is none.
  init?(_ name: String, counts: Tensor, from least: Double) {
    self.init(name, counts.array.scalars(as: Double.self), "a count from \(Int(least)) to 2⁵³") {
      $0 >= least && $0 <= OptimizerFault.largestCount && $0 == $0.rounded()
    }
  }
}

extension StepwiseOptimizer {
  var ownFault: OptimizerFault? { nil }

  /// The first fault of the optimizer; nil if its next update can run.
  var fault: OptimizerFault? {
    for (name, path) in Self.adjustable.sorted(by: { $0.key < $1.key }) {
      let number = [self[keyPath: path]]
      let fault =
        name == "momentum"
        ? OptimizerFault(name, number, "in 0..<1") { $0 >= 0 && $0 < 1 }
        : OptimizerFault(name, number, "finite and at least 0") { $0 >= 0 && $0.isFinite }
      if let fault { return fault }
    }
    return OptimizerFault("steps", counts: memory.steps, from: 0) ?? memory.fault ?? ownFault
  }

  /// The full names of the tensors of the optimizer's state.
  var memoryNames: [String] { memory.parameters.map(\.name) }
}

extension OptimizerMemory {
  /// The names of the state models that hold squares, magnitudes or lengths, none of which may be negative.
  private static var magnitudes: [String] { ["second", "largest", "square", "sum", "change", "length"] }

  fileprivate var fault: OptimizerFault? {
    var copy = self
    var fault: OptimizerFault?
    copy.visitParameters { name, tensor in
      if fault != nil || name == "steps" || tensor.count == 0 { return }
      if !tensor.array.isFinite {
        fault = OptimizerFault(name: name, reason: "it holds NaN or infinity, so training cannot resume from it")
      } else if Self.magnitudes.contains(where: { name == $0 || name.hasPrefix($0 + ".") }), tensor.array.min().item < 0 {
        fault = OptimizerFault(name: name, reason: "\(tensor.array.min().item) is negative or not finite")
      }
    }
    return fault
  }
}
