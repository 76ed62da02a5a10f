internal import UnrollArrays

/// x to the power of a number.
struct PowerByNumber: Elementwise {
  let exponent: Double
  var name: String { "pow" }
  var reads: Keeps { .allInputs }
  func value(_ x: NDArray) -> NDArray { x.pow(exponent) }

  func derivative(_ context: Context) -> Tensor {
    // The derivative of a constant power is zero; 0 · x⁻¹ would be NaN at zero.
    exponent == 0 ? context.input().zeros : context.input().pow(exponent - 1) * exponent
  }
}

/// z = xʸ: ∂z/∂x = y xʸ⁻¹, ∂z/∂y = z ln x, which is taken as zero where x is zero.
struct Power: TwoInputs {
  var name: String { "pow" }
  func value(_ x: NDArray, _ y: NDArray) -> NDArray { x.pow(y) }
  func keeps(recorded: (Int) -> Bool) -> Keeps { .allInputs + (recorded(1) ? .output : .nothing) }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    guard let g = g[0] else { return [nil, nil] }
    return [context.wants(0) ? g * slope(context) : nil, context.wants(1) ? g * growth(context) : nil]
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [sum(t[0].map { $0 * slope(context) }, t[1].map { $0 * growth(context) })]
  }

  private func slope(_ context: Context) -> Tensor {
    let (x, y) = (context.input(0), context.input(1))
    // Where y is 0, y · xʸ⁻¹ would be NaN if x⁻¹ overflows. Elsewhere it is 0, but its derivative by y is not, so only these
    // are replaced.
    let tiny = context.type == .float32 ? Double(Float.leastNormalMagnitude) : .leastNormalMagnitude
    let overflows = (y.array .== 0) & (x.array.magnitude() .< tiny)
    return y * Tensor.select(overflows, Tensor(1, context.type), x).pow(y - 1)
  }

  private func growth(_ context: Context) -> Tensor {
    let x = context.input(0)
    let isZero = x.array .== 0
    let logarithm = Tensor.select(isZero, Tensor(1, context.type), x).log()
    return Tensor.select(isZero, Tensor(0, context.type), context.output() * logarithm)
  }
}

extension Tensor {
  /// xʸ of every element.
  ///
  ///     let y = Tensor([1, 2, 3]).pow(2)
  public func pow(_ exponent: Double) -> Tensor { PowerByNumber(exponent: exponent)(self) }

  /// xʸ of every pair of elements; shapes broadcast. Where x is zero, the derivative by the exponent is taken as zero.
  public func pow(_ exponents: Tensor) -> Tensor { Power()(self, exponents) }
}
