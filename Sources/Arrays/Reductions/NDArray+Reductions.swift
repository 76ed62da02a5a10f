internal import UnrollKernelTemplates

/// Sums and extrema along axes. Without axes, all are reduced; negative axes count from the end; `keepingAxes` leaves the
/// reduced axes with extent one.
extension NDArray {
  /// The sum along axes; 0 where there are no elements. The error grows only with the logarithm of the count.
  ///
  /// `[a, b, c]` along axis 1 gives `[a, c]`: y[i, k] = Σⱼ x[i, j, k].
  package func sum(axes: Int..., keepingAxes: Bool = false) -> NDArray { sum(axes: axes, keepingAxes: keepingAxes) }

  /// The sum along the axes of a list; all of them where it is empty.
  package func sum(axes: [Int], keepingAxes: Bool = false) -> NDArray { reduced("sum", .sum, axes, keepingAxes) }

  /// The product along axes; 1 where there are no elements.
  ///
  /// `[a, b, c]` along axis 1 gives `[a, c]`: y[i, k] = Πⱼ x[i, j, k].
  package func product(axes: Int..., keepingAxes: Bool = false) -> NDArray {
    reduced("product", .product, axes, keepingAxes)
  }

  /// The largest element along axes; NaN if any element is NaN.
  ///
  /// `[a, b, c]` along axis 1 gives `[a, c]`: y[i, k] = maxⱼ x[i, j, k].
  package func max(axes: Int..., keepingAxes: Bool = false) -> NDArray { max(axes: axes, keepingAxes: keepingAxes) }

  /// The largest element along the axes of a list; along all of them where it is empty.
  package func max(axes: [Int], keepingAxes: Bool = false) -> NDArray {
    reduced("max", .maximum, axes, keepingAxes, mayBeEmpty: false)
  }

  /// The smallest element along axes; NaN if any element is NaN.
  ///
  /// `[a, b, c]` along axis 1 gives `[a, c]`: y[i, k] = minⱼ x[i, j, k].
  package func min(axes: Int..., keepingAxes: Bool = false) -> NDArray { min(axes: axes, keepingAxes: keepingAxes) }

  /// The smallest element along the axes of a list; along all of them where it is empty.
  package func min(axes: [Int], keepingAxes: Bool = false) -> NDArray {
    reduced("min", .minimum, axes, keepingAxes, mayBeEmpty: false)
  }

  private func reduced(
    _ operation: String, _ reduction: Reduction, _ axes: [Int], _ keepingAxes: Bool, mayBeEmpty: Bool = true
  ) -> NDArray {
    let plan = AxisReduction(operation, self, axes)
    if !mayBeEmpty { plan.requireElements(operation) }
    return plan.reduce(reduction).reshaped(plan.shape(keepingAxes: keepingAxes))
  }
}

extension AxisReduction {
  /// Stops where there are results but no elements to reduce.
  func requireElements(_ operation: String) {
    require(
      length > 0 || outputShape.elementCount == 0,
      "\(operation): there are no elements along axes \(axes) of shape \(source.shape)")
  }
}

/// Positions of extremes, and running sums.
extension NDArray {
  /// The position of the largest element along an axis: the first of equal ones, and the first NaN where there is one.
  ///
  /// `[a, b, c]` along axis 1 gives indices `[a, c]`: y[i, k] = argmaxⱼ x[i, j, k].
  package func argmax(axis: Int = -1) -> Indices { positions("argmax", axis, largest: true) }

  /// The position of the smallest element along an axis: the first of equal ones, and the first NaN where there is one.
  ///
  /// `[a, b, c]` along axis 1 gives indices `[a, c]`: y[i, k] = argminⱼ x[i, j, k].
  package func argmin(axis: Int = -1) -> Indices { positions("argmin", axis, largest: false) }

  /// Running sums along an axis, or from its end if `reversed`.
  ///
  /// Any shape gives the same shape: y[j] = x[0] + … + x[j], or x[j] + … + x[n − 1].
  package func cumulativeSum(axis: Int = -1, reversed: Bool = false) -> NDArray {
    let axis = View.axis(axis, rank, "cumulativeSum")
    if reversed { return flipped(axis).cumulativeSum(axis: axis).flipped(axis) }
    let source = contiguous()
    let (n, size) = (shape[axis], type.size)
    let outer = Shape(shape[..<axis]).elementCount
    let inner = Shape(shape[(axis + 1)...]).elementCount
    let result = NDArray(uninitialized: shape, type)
    if count == 0 { return result }
    source.read { x in
      result.fill { y in
        parallel(outer, grain: Swift.max(1, (1 << 15) / (n * inner))) { run in
          for i in run {
            let start = i * n * inner * size
            kernels.reductions.accumulate(x + start, n, inner, y + start)
          }
        }
      }
    }
    return result
  }

  private func positions(_ operation: String, _ axis: Int, largest: Bool) -> Indices {
    let plan = AxisReduction(operation, self, [axis])
    plan.requireElements(operation)
    let (n, size) = (plan.length, type.size)
    require(n <= Int(Int32.max), "\(operation): positions up to \(n) do not fit 32 bits")
    let rows = plan.rows.contiguous()
    let result = Indices(uninitialized: plan.outputShape)
    rows.read { x in
      result.view.fill(4) { y in
        let y = y.assumingMemoryBound(to: Int32.self)
        parallel(result.count, grain: Swift.max(1, (1 << 14) / Swift.max(n, 1))) { run in
          let start = run.lowerBound
          kernels.reductions.findExtremes(largest, x + start * n * size, n, run.count, n, y + start)
        }
      }
    }
    return result
  }
}

/// Softmax and related functions: exponentials, shifted by the largest element so that none overflows.
extension NDArray {
  /// Probabilities from scores along an axis; they add up to one.
  ///
  /// Any shape gives the same shape: y[j] = exp(x[j]) / Σₖ exp(x[k]).
  package func softmax(axis: Int = -1) -> NDArray {
    mappingRows("softmax", axis) { source, target, row, count, n in
      kernels.reductions.softmaxRows(source, row, count, n, target)
    }
  }

  /// The logarithm of `softmax` along an axis, accurate where probabilities vanish.
  ///
  /// Any shape gives the same shape: y[j] = x[j] − ln Σₖ exp(x[k]).
  package func logSoftmax(axis: Int = -1) -> NDArray {
    mappingRows("logSoftmax", axis) { source, target, row, count, n in
      kernels.reductions.logSoftmaxRows(source, row, count, n, target)
    }
  }

  /// The logarithm of the sum of exponentials along axes; −∞ where all elements are −∞ or there are none.
  ///
  /// `[a, b, c]` along axis 1 gives `[a, c]`: y[i, k] = ln Σⱼ exp(x[i, j, k]).
  package func logSumExp(axes: Int..., keepingAxes: Bool = false) -> NDArray {
    logSumExp(axes: axes, keepingAxes: keepingAxes)
  }

  /// The logarithm of the sum of exponentials along the axes of a list; of all elements where it is empty.
  package func logSumExp(axes: [Int], keepingAxes: Bool = false) -> NDArray {
    let plan = AxisReduction("logSumExp", self, axes)
    let (n, size) = (plan.length, type.size)
    let rows = plan.rows.contiguous()
    let result = NDArray(uninitialized: plan.outputShape, type)
    rows.read { x in
      result.fill { y in
        parallel(result.count, grain: Swift.max(1, (1 << 13) / Swift.max(n, 1))) { run in
          withScratch(byteCount: Swift.max(n, 1) * size) { scratch in
            let start = run.lowerBound
            kernels.reductions.logSumExpRows(x + start * n * size, n, run.count, n, y + start * size, scratch)
          }
        }
      }
    }
    return result.reshaped(plan.shape(keepingAxes: keepingAxes))
  }

  /// Calls a kernel for contiguous rows of an axis.
  private func mappingRows(
    _ operation: String, _ axis: Int,
    _ kernel: (_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ row: Int, _ rows: Int, _ n: Int) -> Void
  ) -> NDArray {
    let axis = View.axis(axis, rank, operation)
    let source = exchangingLast(axis).contiguous()
    let (n, size) = (shape[axis], type.size)
    let result = NDArray(uninitialized: source.shape, type)
    if n > 0 {
      source.read { x in
        result.fill { y in
          parallel(count / n, grain: Swift.max(1, (1 << 13) / n)) { run in
            let start = run.lowerBound * n * size
            kernel(x + start, y + start, n, run.count, n)
          }
        }
      }
    }
    return result.exchangingLast(axis)
  }

  /// An axis exchanged with the last one.
  func exchangingLast(_ axis: Int) -> NDArray { axis == rank - 1 ? self : transposed(axis, rank - 1) }
}
