/// Views of the same elements: nothing is copied unless stated.
extension NDArray {
  /// The same array with the order of its axes reversed.
  ///
  /// `[2, 3]` gives `[3, 2]`. Negative axes count from the end.
  package func transposed() -> NDArray { permuted(shape.indices.reversed()) }

  /// The same array with two axes exchanged.
  package func transposed(_ first: Int, _ second: Int) -> NDArray {
    let a = View.axis(first, rank, "transposed")
    let b = View.axis(second, rank, "transposed")
    var order = Array(shape.indices)
    order.swapAt(a, b)
    return permuted(order)
  }

  /// The axes in another order: axis k of the result is axis `order[k]` of this array.
  package func permuted(_ order: [Int]) -> NDArray { NDArray(view: view.permuted(order), type: type) }

  /// The same elements, in row-major order, in another shape. One extent may be -1, which stands for the remaining count.
  ///
  /// Copies only where no strides describe the result, as after a transposition.
  package func reshaped(_ shape: Shape) -> NDArray {
    NDArray(view: view.reshapedOrCopied(shape, type.size), type: type)
  }

  /// Repeats axes of extent one, and adds leading axes, to reach the given shape.
  package func broadcast(to shape: Shape) -> NDArray {
    guard let result = view.broadcast(to: shape) else {
      stop("broadcast: shape \(self.shape) does not broadcast to \(shape)")
    }
    return NDArray(view: result, type: type)
  }

  /// The array with a new axis of extent one before `axis`; -1 adds it after the last.
  package func expandingAxis(_ axis: Int) -> NDArray {
    NDArray(view: view.insertingAxis(View.axis(axis, rank + 1, "expandingAxis")), type: type)
  }

  /// The array without an axis of extent one.
  package func squeezingAxis(_ axis: Int) -> NDArray {
    let position = View.axis(axis, rank, "squeezingAxis")
    require(shape[position] == 1, "squeezingAxis: axis \(axis) of shape \(shape) has extent \(shape[position]), not 1")
    return NDArray(view: view.removingAxis(position), type: type)
  }

  /// The array without all axes of extent one.
  package func squeezed() -> NDArray {
    var result = view
    for axis in shape.indices.reversed() where shape[axis] == 1 { result = result.removingAxis(axis) }
    return NDArray(view: result, type: type)
  }

  /// The array with the given axes reversed.
  package func flipped(_ axes: Int...) -> NDArray { flipped(axes) }

  /// The array with the axes of a list reversed.
  package func flipped(_ axes: [Int]) -> NDArray {
    var result = view
    for axis in axes {
      result = result.slicing(View.axis(axis, rank, "flipped"), from: nil, to: nil, step: -1)
    }
    return NDArray(view: result, type: type)
  }

  /// The diagonal of the last two axes: `[..., n, m]` gives `[..., min(n, m)]`.
  package func diagonal() -> NDArray {
    require(rank >= 2, "diagonal: an array of shape \(shape) has fewer than two axes")
    var (extents, steps) = (shape.removing(rank - 1), view.strides.removing(rank - 1))
    extents[rank - 2] = Swift.min(shape[rank - 2], shape[rank - 1])
    steps[rank - 2] += view.strides[rank - 1]
    return NDArray(view: View(view, offset: view.offset, extents, strides: steps), type: type)
  }

  /// The same elements in row-major order without gaps: this array if it is contiguous, a copy otherwise.
  package func contiguous() -> NDArray { NDArray(view: view.contiguous(type.size), type: type) }
}

extension View {
  /// A reshaped view, of a copy where necessary. One extent may be -1.
  func reshapedOrCopied(_ shape: Shape, _ size: Int) -> View {
    let target = self.shape.resolving(shape)
    return reshaped(target) ?? contiguous(size).reshaped(target) ?? self
  }
}

extension Shape {
  /// The requested shape, with an extent of -1 replaced by the one that makes the element counts equal.
  func resolving(_ wish: Shape) -> Shape {
    let unknown = wish.indices.filter { wish[$0] == -1 }
    require(
      unknown.count <= 1 && wish.allSatisfy { $0 >= -1 }, "reshaped: shape \(wish) has negative extents; at most one may be -1")
    var result = wish
    if let axis = unknown.first {
      let known = wish.removing(axis).elementCount
      require(
        known != 0 && elementCount % known == 0,
        "reshaped: shape \(self) cannot become \(wish): \(elementCount) elements do not divide evenly")
      result[axis] = elementCount / known
    }
    require(
      result.elementCount == elementCount,
      "reshaped: shape \(self) has \(elementCount) elements, shape \(wish) has \(result.elementCount)")
    return result
  }
}
