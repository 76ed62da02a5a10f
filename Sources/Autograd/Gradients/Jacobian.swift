internal import UnrollArrays

/// All partial derivatives of a function: `[output..., input...]`.
///
/// Takes one walk per element of the input or of the output, whichever has fewer.
///
///     let j = jacobian(at: Tensor([1, 2])) { x in x * x }
///     print(j)  // 2, 0 and 0, 4
public func jacobian(at x: Tensor, of f: (Tensor) throws -> Tensor) rethrows -> Tensor {
  let record = try Recording(x, f)
  let y = record.value
  if x.count < y.count {
    let columns = unitTensors(like: x).map { record.pushed($0) }
    guard !columns.isEmpty else { return Tensor.zeros(y.shape.joined(x.shape), y.type) }
    return Tensor.stack(columns, axis: y.rank).reshaped(y.shape.joined(x.shape))
  }
  let rows = unitTensors(like: y).map { record.pulled($0) }
  guard !rows.isEmpty else { return Tensor.zeros(y.shape.joined(x.shape), y.type) }
  return Tensor.stack(rows, axis: 0).reshaped(y.shape.joined(x.shape))
}

/// All second derivatives of a scalar function: `[input..., input...]`.
///
/// `allowingNoPath` as for `gradient`.
///
///     let h = hessian(at: Tensor([1, 2])) { x in (x * x * x).sum() }
///     print(h)  // 6, 0 and 0, 12
public func hessian(at x: Tensor, allowingNoPath: Bool = false, of f: (Tensor) throws -> Tensor) rethrows -> Tensor {
  try jacobian(at: x) { x in try gradient(at: x, allowingNoPath: allowingNoPath, of: f) }
}

/// The Hessian of a scalar function times a direction, without forming the Hessian: the tangent of the gradient.
///
/// `allowingNoPath` as for `gradient`.
///
///     let hv = hessianVectorProduct(at: Tensor([1, 2]), along: Tensor([1, 1])) { x in (x * x * x).sum() }
///     print(hv)  // 6, 12
public func hessianVectorProduct<T: TensorGroup>(
  at x: T, along direction: T, allowingNoPath: Bool = false, of f: (T) throws -> Tensor
) rethrows -> T {
  try tangent(at: x, along: direction) { x in try gradient(at: x, allowingNoPath: allowingNoPath, of: f) }.tangent
}

/// For every element, a tensor that is one there and zero elsewhere.
private func unitTensors(like x: Tensor) -> [Tensor] {
  (0..<x.count).map { i in
    var unit = NDArray.zeros([x.count], x.type)
    unit.fill(1, at: i)
    return Tensor(unit.reshaped(x.shape))
  }
}

extension Shape {
  func joined(_ other: Shape) -> Shape { Shape(Array(self) + Array(other)) }
}
