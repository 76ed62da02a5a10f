internal import UnrollKernelTemplates

/// Means, variances and norms along axes. Without axes, all are reduced; `keepingAxes` leaves the reduced axes with extent one.
extension NDArray {
  /// The mean along axes; NaN where there are no elements.
  ///
  /// `[a, b, c]` along axis 1 gives `[a, c]`: y[i, k] = 1/b · Σⱼ x[i, j, k].
  package func mean(axes: Int..., keepingAxes: Bool = false) -> NDArray { mean(axes: axes, keepingAxes: keepingAxes) }

  /// The mean along the axes of a list; of all elements where it is empty.
  package func mean(axes: [Int], keepingAxes: Bool = false) -> NDArray {
    let plan = AxisReduction("mean", self, axes)
    return plan.mean().reshaped(plan.shape(keepingAxes: keepingAxes))
  }

  /// The variance along axes, in two passes: the mean first. With `correction` 0 it is the variance of these n numbers, with 1
  /// the estimate from a sample.
  ///
  /// `[a, b, c]` along axis 1 gives `[a, c]`: y[i, k] = 1/(b − correction) · Σⱼ (x[i, j, k] − mean[i, k])².
  package func variance(axes: Int..., correction: Int = 0, keepingAxes: Bool = false) -> NDArray {
    let plan = AxisReduction("variance", self, axes)
    return plan.variance("variance", correction).reshaped(plan.shape(keepingAxes: keepingAxes))
  }

  /// The square root of the variance along axes.
  ///
  /// `[a, b, c]` along axis 1 gives `[a, c]`: y = √variance.
  package func standardDeviation(axes: Int..., correction: Int = 0, keepingAxes: Bool = false) -> NDArray {
    let plan = AxisReduction("standardDeviation", self, axes)
    let squares = plan.variance("standardDeviation", correction)
    squares.becomeRoots(dividedBy: nil)
    return squares.reshaped(plan.shape(keepingAxes: keepingAxes))
  }

  /// A norm along axes; 0 where there are no elements. Accumulated in float64 and scaled by a power of two, so that no square
  /// overflows or underflows.
  ///
  /// `[a, b, c]` along axis 1 gives `[a, c]`: Σⱼ |x[i, j, k]| for `.one`, √Σⱼ x[i, j, k]² for `.two`, maxⱼ |x[i, j, k]| for
  /// `.infinity`.
  package func norm(order: NormOrder = .two, axes: Int..., keepingAxes: Bool = false) -> NDArray {
    norm(order: order, axes: axes, keepingAxes: keepingAxes)
  }

  /// A norm along the axes of a list; of all elements where it is empty.
  package func norm(order: NormOrder = .two, axes: [Int], keepingAxes: Bool = false) -> NDArray {
    norm(order, axes, keepingAxes)
  }

  /// The mean of the squares of all elements; NaN where there are none.
  package func meanOfSquares() -> NDArray {
    let one = NDArray(1, type)
    return AxisReduction("meanOfSquares", self, []).reduce(.sumOfScaledSquares, parameters: one, divisor: Double(count))
  }

  /// The norm of all elements, in float64.
  package func wholeNorm(_ order: NormOrder) -> Double {
    if type == .float64 || count == 0 || order == .infinity { return cast(to: .float64).norm(order: order).item }
    let sum = sumOfParts(order == .two ? .sumOfScaledSquares : .sumOfMagnitudes)
    return order == .two ? sum.squareRoot() : sum
  }

  /// A sum over float32 numbers in float64, where no square overflows or underflows. It runs in parts, so that their float64
  /// copies stay in the first-level cache.
  private func sumOfParts(_ reduction: Reduction) -> Double {
    let part = 1 << 11
    let parts = (count - 1) / part + 1
    let kernels = Machine.kernels(for: .float64)
    let (convert, fold) = (kernels.movement.convert, kernels.reductions.foldRows(reduction))
    let sums = NDArray(uninitialized: [parts], .float64)
    contiguous().read { x in
      sums.fill { sums in
        parallel(parts, grain: 32) { share in
          withScratch(byteCount: part * 8) { scratch in
            for i in share {
              let n = Swift.min(part, count - i * part)
              convert(x + 4 * i * part, scratch, n)
              withUnsafeBytes(of: 1.0) { fold(scratch, n, 1, n, $0.baseAddress, 1, sums + 8 * i) }
            }
          }
        }
      }
    }
    return sums.sum().item
  }

  private func norm(_ order: NormOrder, _ axes: [Int], _ keepingAxes: Bool) -> NDArray {
    if type == .float32 && order != .infinity { return cast(to: .float64).norm(order, axes, keepingAxes).cast(to: .float32) }
    let plan = AxisReduction("norm", self, axes)
    let shape = plan.shape(keepingAxes: keepingAxes)
    switch order {
    case .one: return plan.reduce(.sumOfMagnitudes).reshaped(shape)
    case .infinity: return plan.reduce(.largestMagnitude).reshaped(shape)
    case .two:
      let scales = plan.reduce(.largestMagnitude)
      scales.becomeScales()
      let squares = plan.reduce(.sumOfScaledSquares, parameters: scales)
      squares.becomeRoots(dividedBy: scales)
      return squares.reshaped(shape)
    }
  }
}

/// The order of a norm: the exponent p of (Σ |x|ᵖ)^(1/p).
public enum NormOrder: Sendable, Equatable {
  /// The sum of magnitudes.
  case one
  /// The Euclidean norm.
  case two
  /// The largest magnitude.
  case infinity
}

extension AxisReduction {
  func mean() -> NDArray { reduce(.sum, divisor: Double(length)) }

  func variance(_ operation: String, _ correction: Int) -> NDArray {
    require(
      correction >= 0 && (correction == 0 || correction < length),
      "\(operation): a correction of \(correction) is too large for \(length) elements along axes \(axes) of shape \(source.shape)"
    )
    return reduce(.sumOfSquaredDeviations, parameters: mean(), divisor: Double(length - correction))
  }
}

extension NDArray {
  /// Replaces each element of a new contiguous array by its square root, divided by the scale.
  fileprivate func becomeRoots(dividedBy scales: NDArray?) {
    let kernel = kernels.reductions.squareRoots
    scales.reading { scales in
      fill { y in
        parallel(count, grain: 1 << 15) { run in
          let start = run.lowerBound * type.size
          kernel(y + start, scales.map { $0 + start }, run.count)
        }
      }
    }
  }

  /// Replaces each magnitude in a new contiguous array by the power of two that scales it to about one.
  fileprivate func becomeScales() {
    let kernel = kernels.reductions.scales
    fill { y in
      parallel(count, grain: 1 << 15) { run in kernel(y + run.lowerBound * type.size, run.count) }
    }
  }
}
