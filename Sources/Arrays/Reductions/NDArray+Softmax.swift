internal import UnrollKernelTemplates

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
