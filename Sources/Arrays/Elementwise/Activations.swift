internal import UnrollKernelTemplates

// Activation functions. The result has the argument's shape and type.
extension NDArray {
  /// σ(x) = 1 / (1 + e⁻ˣ) of every element.
  package func sigmoid() -> NDArray { mapped(.sigmoid) }

  /// ln σ(x) of every element; it does not overflow.
  package func logSigmoid() -> NDArray { mapped(.logSigmoid) }

  /// max(x, 0) of every element; NaN stays.
  package func relu() -> NDArray { mapped(.relu) }

  /// λx above 0, λα (eˣ − 1) below, with λ = 1.0507… and α = 1.6733….
  package func selu() -> NDArray { mapped(.selu) }

  /// x Φ(x) of every element, with Φ the cumulative normal distribution.
  package func gelu() -> NDArray { mapped(.gelu) }

  /// The approximation x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2 of GELU.
  package func geluByTanh() -> NDArray { mapped(.geluByTanh) }

  /// x σ(x) of every element, also called swish.
  package func silu() -> NDArray { mapped(.silu) }

  /// x tanh(ln(1 + eˣ)) of every element.
  package func mish() -> NDArray { mapped(.mish) }

  /// x / (1 + |x|) of every element.
  package func softsign() -> NDArray { mapped(.softsign) }

  /// (x + 3) / 6 of every element, clamped to 0…1.
  package func hardSigmoid() -> NDArray { mapped(.hardSigmoid) }
}

extension NDArray {
  /// ln(1 + e^βx) / β of every element, a smooth max(x, 0).
  package func softplus(beta: Double = 1) -> NDArray {
    require(beta > 0, "softplus: beta \(beta) is not positive")
    return beta == 1 ? mapped(.softplus) : mapped(.scaledSoftplus, beta)
  }

  /// 1 above a bound and another number elsewhere, for every element; NaN stays NaN.
  package func step(above bound: Double, elsewhere other: Double) -> NDArray { mapped(.step, bound, other) }

  /// x above 0, slope · x below, of every element.
  package func leakyRelu(slope: Double = 0.01) -> NDArray { mapped(.leakyRelu, slope) }

  /// x above 0, α (eˣ − 1) below, of every element.
  package func elu(alpha: Double = 1) -> NDArray { mapped(.elu, alpha) }

  /// Every element clamped to −1…1; NaN stays NaN.
  package func hardTanh() -> NDArray { mapped(.clipped, -1, 1) }
}
