public import UnrollArrays

struct Reshaping: LinearMap {
  let shape: Shape
  var name: String { "reshaped" }
  func value(_ x: NDArray) -> NDArray { x.reshaped(shape) }
  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor { g.reshaped(shape) }
}

struct Permutation: LinearMap {
  let order: [Int]
  var name: String { "permuted" }
  func value(_ x: NDArray) -> NDArray { x.permuted(order) }

  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor {
    var inverse = order
    for (position, axis) in order.enumerated() { inverse[axis < 0 ? axis + order.count : axis] = position }
    return g.permuted(inverse)
  }
}

/// Equal numbers along new or longer axes. The walk sums the cotangent back to the input's shape.
struct Broadcasting: LinearMap {
  let shape: Shape
  var name: String { "broadcast" }
  func value(_ x: NDArray) -> NDArray { x.broadcast(to: shape) }
  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor { g }
}

/// A part of a tensor.
struct Slicing: LinearMap {
  let selections: [AxisSelection]
  var name: String { "subscript" }
  func value(_ x: NDArray) -> NDArray { x.selecting(selections) }
  var addsPart: (@Sendable (NDArray, inout NDArray) -> Void)? { { [selections] in $1.add($0, to: selections) } }
  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor { Placing(selections: selections, shape: shape)(g) }
}

/// A part in its place among zeros: the transpose of slicing.
struct Placing: LinearMap {
  let selections: [AxisSelection]
  let shape: Shape

  func value(_ x: NDArray) -> NDArray {
    var result = NDArray.zeros(shape, x.type)
    result.add(x, to: selections)
    return result
  }

  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor { Slicing(selections: selections)(g) }
}

struct Flip: LinearMap {
  let axes: [Int]
  var name: String { "flipped" }
  func value(_ x: NDArray) -> NDArray { x.flipped(axes) }
  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor { g.flipped(axes) }
}

/// Views of the same elements.
extension Tensor {
  /// The same elements, in row-major order, in another shape; one extent may be -1.
  ///
  ///     let x = Tensor([1, 2, 3, 4]).reshaped([2, 2])
  public func reshaped(_ shape: Shape) -> Tensor { self.shape == shape ? self : Reshaping(shape: shape)(self) }

  /// The axes in another order: axis k of the result is axis `order[k]`.
  ///
  ///     Tensor.zeros([2, 3, 4]).permuted([2, 0, 1])  // [4, 2, 3]
  public func permuted(_ order: [Int]) -> Tensor { Permutation(order: order)(self) }

  /// The tensor with the order of its axes reversed.
  ///
  ///     let a = Tensor.zeros([2, 3, 4])
  ///     a.transposed()       // [4, 3, 2]
  ///     a.transposed(0, -1)  // [4, 3, 2]
  public func transposed() -> Tensor { permuted(shape.indices.reversed()) }

  /// Two axes exchanged.
  public func transposed(_ first: Int, _ second: Int) -> Tensor {
    var order = Array(shape.indices)
    for axis in [first, second] {
      require(axis >= -rank && axis < rank, "transposed: axis \(axis) is out of range for \(rank) axes")
    }
    order.swapAt(first < 0 ? first + rank : first, second < 0 ? second + rank : second)
    return permuted(order)
  }

  /// Repeats axes of extent one, and adds leading axes, to reach the given shape.
  ///
  ///     Tensor.range(3).broadcast(to: [2, 3])  // two equal rows
  public func broadcast(to shape: Shape) -> Tensor { self.shape == shape ? self : Broadcasting(shape: shape)(self) }

  /// The selected part, with one selection for each axis from the first on.
  ///
  ///     let x = Tensor.ones([3, 4])
  ///     let row = x[0]
  ///     let part = x[.all, 1...2]
  public subscript(_ selectors: any AxisSelector...) -> Tensor { Slicing(selections: selectors.map(\.selection))(self) }

  /// The tensor with the given axes reversed.
  ///
  ///     Tensor.range(3).flipped(0)  // 2, 1, 0
  public func flipped(_ axes: Int...) -> Tensor { flipped(axes) }

  /// The tensor with the axes of a list reversed.
  public func flipped(_ axes: [Int]) -> Tensor { Flip(axes: axes)(self) }

  /// The tensor with a new axis of extent one before `axis`; -1 adds it after the last.
  public func expandingAxis(_ axis: Int) -> Tensor { reshaped(numbers.array.expandingAxis(axis).shape) }

  /// The tensor without an axis of extent one.
  public func squeezingAxis(_ axis: Int) -> Tensor { reshaped(numbers.array.squeezingAxis(axis).shape) }

  /// The tensor without all axes of extent one.
  public func squeezed() -> Tensor { reshaped(numbers.array.squeezed().shape) }
}
