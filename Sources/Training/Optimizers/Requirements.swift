internal import UnrollArrays

/// Stops if a number is negative or not finite; `what` names it, such as "the learning rate" or "an epsilon of".
func requireNotNegative(_ value: Double, _ what: String, _ operation: String) {
  require(value >= 0 && value.isFinite, "\(operation): \(what) \(value) is not finite and at least 0")
}

/// Stops if a number is not in 0..<1; `what` names it, such as "the momentum" or "a beta of".
func requireFraction(_ value: Double, _ what: String, _ operation: String) {
  require(value >= 0 && value < 1, "\(operation): \(what) \(value) is not in 0..<1")
}

/// Stops if the options that all Adam-like rules share are invalid.
func requireMoments(_ betas: (first: Double, second: Double), _ epsilon: Double, decays: [Double], _ operation: String) {
  for beta in [betas.first, betas.second] { requireFraction(beta, "a beta of", operation) }
  requireNotNegative(epsilon, "an epsilon of", operation)
  for decay in decays { requireNotNegative(decay, "the weight decay", operation) }
}
