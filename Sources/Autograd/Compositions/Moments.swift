internal import UnrollArrays

extension Tensor {
  /// The mean squared deviation from the mean along axes: the sum of squares divided by the count minus the correction.
  ///
  ///     let x = Tensor.range(6).reshaped([2, 3])
  ///     print(x.variance(axes: 1, correction: 1))  // 1, 1
  public func variance(axes: Int..., correction: Int = 0, keepingAxes: Bool = false) -> Tensor {
    variance(axes: axes, correction: correction, keepingAxes: keepingAxes)
  }

  /// The variance along the axes of a list.
  public func variance(axes: [Int], correction: Int = 0, keepingAxes: Bool = false) -> Tensor {
    variance(axes, correction, keepingAxes, "variance")
  }

  /// The square root of the variance along axes. It has no derivative where it is zero.
  ///
  ///     let x = Tensor.range(6).reshaped([2, 3])
  ///     print(x.standardDeviation(axes: 1, correction: 1))  // 1, 1
  public func standardDeviation(axes: Int..., correction: Int = 0, keepingAxes: Bool = false) -> Tensor {
    standardDeviation(axes: axes, correction: correction, keepingAxes: keepingAxes)
  }

  /// The square root of the variance along the axes of a list.
  public func standardDeviation(axes: [Int], correction: Int = 0, keepingAxes: Bool = false) -> Tensor {
    variance(axes, correction, keepingAxes, "standardDeviation").squareRoot()
  }

  private func variance(_ axes: [Int], _ correction: Int, _ keepingAxes: Bool, _ operation: String) -> Tensor {
    for axis in axes { _ = position(ofAxis: axis, operation) }
    let deviations = self - mean(axes: axes, keepingAxes: true)
    let length = ReducedAxes(axes: axes, keepsAxes: keepingAxes).length(shape)
    require(
      correction >= 0 && (correction == 0 || correction < length),
      "\(operation): a correction of \(correction) is too large for \(length) elements along axes \(axes) of shape \(shape)")
    return deviations.square().sum(axes: axes, keepingAxes: keepingAxes) / Double(length - correction)
  }

  /// The product along an axis, or of all elements, computed by halving: derivatives of any order are right at zeros too.
  ///
  ///     let x = Tensor.full([2, 3], 2)
  ///     print(x.product(axis: 1))  // 8, 8
  public func product(axis: Int? = nil, keepingAxes: Bool = false) -> Tensor {
    guard let axis else {
      let result = reshaped([count]).product(axis: 0)
      return keepingAxes ? result.reshaped(Shape(repeating: 1, count: rank)) : result
    }
    let position = position(ofAxis: axis, "product")
    var factors = self
    while factors.shape[position] > 1 {
      let extent = factors.shape[position]
      let half = extent / 2
      let parts = factors.split([half, half, extent - 2 * half], axis: position)
      let products = parts[0] * parts[1]
      factors = extent % 2 == 0 ? products : Tensor.concatenate([products, parts[2]], axis: position)
    }
    if factors.shape[position] == 0 {
      var one = factors.shape
      one[position] = 1
      factors = Tensor.ones(one, type)
    }
    return keepingAxes ? factors : factors.squeezingAxis(position)
  }
}
