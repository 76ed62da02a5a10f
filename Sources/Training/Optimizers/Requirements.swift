internal import UnrollArrays

/// Stops where a number is negative or none: `what` is "the learning rate", "an epsilon of".
func requireNotNegative(_ value: Double, _ what: String, _ operation: String) {
  require(value >= 0 && value.isFinite, "\(operation): \(what) \(value) is not a number of at least 0")
}

/// Stops where a number is not from 0 to below 1: `what` is "the momentum", "a beta of".
func requireFraction(_ value: Double, _ what: String, _ operation: String) {
  require(value >= 0 && value < 1, "\(operation): \(what) \(value) is not from 0 to below 1")
}

/// Stops where the numbers that rules in the manner of Adam have in common lead nowhere.
func requireMoments(_ betas: (first: Double, second: Double), _ epsilon: Double, decays: [Double], _ operation: String) {
  for beta in [betas.first, betas.second] { requireFraction(beta, "a beta of", operation) }
  requireNotNegative(epsilon, "an epsilon of", operation)
  for decay in decays { requireNotNegative(decay, "the weight decay", operation) }
}
