public import UnrollArrays

/// A way of gathering by index.
enum Taking: Sendable {
  case rows
  case positions(axis: Int)
  case elements(axis: Int)

  func add(_ values: NDArray, at indices: Indices, to whole: inout NDArray) {
    switch self {
    case .rows: whole.scatterAdd("scatteredAdding(rows:)", values, positions: indices, axis: 0)
    case .positions(let axis): whole.scatterAdd("scatteredAdding(positions:)", values, positions: indices, axis: axis)
    case .elements(let axis): whole.scatterAdd("scatteredAdding(elements:)", values, elements: indices, axis: axis)
    }
  }
}

struct Gather: LinearMap {
  let taking: Taking
  let indices: Indices
  var name: String { "gathered" }

  func value(_ x: NDArray) -> NDArray {
    switch taking {
    case .rows: x.gathered(rows: indices)
    case .positions(let axis): x.gathered(positions: indices, axis: axis)
    case .elements(let axis): x.gathered(elements: indices, axis: axis)
    }
  }

  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor { Scatter(taking: taking, indices: indices, shape: shape)(g) }

  var addsPart: (@Sendable (NDArray, inout NDArray) -> Void)? {
    { [taking, indices] in taking.add($0, at: indices, to: &$1) }
  }
}

/// Values added to zeros by index.
struct Scatter: LinearMap {
  let taking: Taking
  let indices: Indices
  let shape: Shape
  var name: String { "scatteredAdding" }

  func value(_ x: NDArray) -> NDArray {
    var result = NDArray.zeros(shape, x.type)
    taking.add(x, at: indices, to: &result)
    return result
  }

  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor { Gather(taking: taking, indices: indices)(g) }
}

extension Tensor {
  /// Rows of a table by index, as in an embedding.
  ///
  /// A table `[V, D…]` and ids of any shape `[S…]` give `[S…, D…]`.
  ///
  ///     let rows = Tensor.ones([5, 2]).gathered(rows: [3, 1, 3])
  public func gathered(rows ids: Indices) -> Tensor { Gather(taking: .rows, indices: ids)(self) }

  /// Positions of an axis by index, the same ones for all other positions.
  ///
  ///     let x = Tensor.range(6).reshaped([2, 3])
  ///     let positions: Indices = [2, 0]
  ///     print(x.gathered(positions: positions, axis: 1))  // [[2, 0], [5, 3]]
  public func gathered(positions: Indices, axis: Int) -> Tensor {
    Gather(taking: .positions(axis: position(ofAxis: axis, "gathered(positions:)")), indices: positions)(self)
  }

  /// One element along an axis per index. Indices have as many axes as this tensor.
  ///
  ///     let x = Tensor.range(6).reshaped([2, 3])
  ///     let labels = Indices([2, 0], shape: [2, 1])
  ///     print(x.gathered(elements: labels, axis: 1))  // [[2], [3]]
  public func gathered(elements indices: Indices, axis: Int) -> Tensor {
    Gather(taking: .elements(axis: position(ofAxis: axis, "gathered(elements:)")), indices: indices)(self)
  }

  /// This table with values added to rows by index.
  ///
  ///     let table = Tensor.zeros([3, 2])
  ///     let ids: Indices = [2, 2]
  ///     print(table.scatteredAdding(Tensor.ones([2, 2]), rows: ids))  // [[0, 0], [0, 0], [2, 2]]
  public func scatteredAdding(_ values: Tensor, rows ids: Indices) -> Tensor {
    self + Scatter(taking: .rows, indices: ids, shape: shape)(values)
  }

  /// This tensor with values added at positions of an axis, the same ones for all other positions.
  ///
  ///     let x = Tensor.zeros([2, 3])
  ///     let positions: Indices = [2, 0]
  ///     print(x.scatteredAdding(Tensor.ones([2, 2]), positions: positions, axis: 1))  // [[1, 0, 1], [1, 0, 1]]
  public func scatteredAdding(_ values: Tensor, positions: Indices, axis: Int) -> Tensor {
    let taking = Taking.positions(axis: position(ofAxis: axis, "scatteredAdding(positions:)"))
    return self + Scatter(taking: taking, indices: positions, shape: shape)(values)
  }

  /// This tensor with one value added along an axis per index.
  ///
  ///     let x = Tensor.zeros([2, 3])
  ///     let labels = Indices([2, 0], shape: [2, 1])
  ///     print(x.scatteredAdding(Tensor.ones([2, 1]), elements: labels, axis: 1))  // [[0, 0, 1], [1, 0, 0]]
  public func scatteredAdding(_ values: Tensor, elements indices: Indices, axis: Int) -> Tensor {
    let taking = Taking.elements(axis: position(ofAxis: axis, "scatteredAdding(elements:)"))
    return self + Scatter(taking: taking, indices: indices, shape: shape)(values)
  }

  /// Vectors that are 1 at their index and 0 elsewhere: indices `[S…]` give `[S…, count]`.
  public static func oneHot(_ indices: Indices, count: Int, _ type: ElementType = .float32) -> Tensor {
    Tensor(NDArray.identity(count, type).gathered(rows: indices))
  }
}
