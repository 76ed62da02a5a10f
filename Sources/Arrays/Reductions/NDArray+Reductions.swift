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
