public import Arrays
public import Unroll

/// A target of a user's own whose name is also that of a folder of ours, and that uses a target named as another is.
public func trainingReport() -> String {
  let weights: Tensor = [[1, 2], [3, 4]]
  let product = weights.matmul(weights.transposed())
  return "\(nameOfArrays): \(product.scalars(as: Float.self))\n\(Machine.report)"
}
