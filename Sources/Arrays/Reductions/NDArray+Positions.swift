internal import UnrollKernelTemplates

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
