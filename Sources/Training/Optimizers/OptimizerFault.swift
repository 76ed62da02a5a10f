internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// A number of an optimizer that no training leads to, and that its next update would stop at or spread: what a file may hold.
struct OptimizerFault {
  /// The number's name in the record.
  let name: String
  /// What is wrong with it.
  let reason: String

  /// The fault of the first number that a condition does not hold for.
  init?(_ name: String, _ numbers: [Double], _ wanted: String, _ isGood: (Double) -> Bool) {
    guard let bad = numbers.first(where: { !isGood($0) }) else { return nil }
    self.init(name: name, reason: "\(bad) is not \(wanted)")
  }

  init(name: String, reason: String) { (self.name, self.reason) = (name, reason) }

  /// The largest count that a float64 can still be raised by one.
  static let largestCount = 0x1p53

  /// The fault of counts from a least one on.
  init?(_ name: String, counts: Tensor, from least: Double) {
    self.init(name, counts.array.scalars(as: Double.self), "a count from \(Int(least)) to 2⁵³") {
      $0 >= least && $0 <= OptimizerFault.largestCount && $0 == $0.rounded()
    }
  }
}

extension StepwiseOptimizer {
  var ownFault: OptimizerFault? { nil }

  /// What is wrong with the optimizer; nil where its next update can come.
  var fault: OptimizerFault? {
    for (name, path) in Self.adjustable.sorted(by: { $0.key < $1.key }) {
      let number = [self[keyPath: path]]
      let fault =
        name == "momentum"
        ? OptimizerFault(name, number, "from 0 to below 1") { $0 >= 0 && $0 < 1 }
        : OptimizerFault(name, number, "a number of at least 0") { $0 >= 0 && $0.isFinite }
      if let fault { return fault }
    }
    return OptimizerFault("steps", counts: memory.steps, from: 0) ?? memory.fault ?? ownFault
  }

  /// The full names of what is remembered of gradients and parameters.
  var memoryNames: [String] { memory.parameters.map(\.name) }
}

extension OptimizerMemory {
  /// Those of the remembered models whose numbers are sums and means of squares, magnitudes or lengths.
  private static var magnitudes: [String] { ["second", "largest", "square", "sum", "change", "length"] }

  fileprivate var fault: OptimizerFault? {
    var copy = self
    var fault: OptimizerFault?
    copy.visitParameters { name, tensor in
      if fault != nil || name == "steps" || tensor.count == 0 { return }
      if !tensor.array.isFinite {
        fault = OptimizerFault(name: name, reason: "it holds NaN or infinity, from which nothing can go on")
      } else if Self.magnitudes.contains(where: { name == $0 || name.hasPrefix($0 + ".") }), tensor.array.min().item < 0 {
        fault = OptimizerFault(name: name, reason: "\(tensor.array.min().item) is not a number of at least 0")
      }
    }
    return fault
  }
}
