import UnrollArrays
import UnrollAutograd

/// Reductions, what is made of them, and products.
let reductionRows: [OperationRow] = [
  .one("sum", cube, empty: [0, 3]) { $0.sum() },
  .one("sum axes", cube, empty: [2, 0, 3]) { $0.sum(axes: 0, -1) },
  .one("sum list", cube, empty: [2, 0, 3]) { $0.sum(axes: [1], keepingAxes: true) },
  .one("mean", cube) { $0.mean() },
  .one("mean axes", cube, empty: [2, 3, 0]) { $0.mean(axes: 0, 1) },
  .one("mean list", cube, empty: [2, 0, 3]) { $0.mean(axes: [-1], keepingAxes: true) },
  .one("max", spaced) { $0.max() },
  .one("max axes", spaced, empty: [2, 0, 3]) { $0.max(axes: 0, -1) },
  .one("max kept", spaced, empty: [2, 3, 0]) { $0.max(axes: 1, keepingAxes: true) },
  .one("max list", spaced, empty: [2, 0, 3]) { $0.max(axes: [0, 2]) },
  .one("min", spaced) { $0.min() },
  .one("min axes", spaced, empty: [2, 0, 3]) { $0.min(axes: 0, -1) },
  .one("min kept", spaced, empty: [2, 3, 0]) { $0.min(axes: 1, keepingAxes: true) },
  .one("min list", spaced, empty: [2, 0, 3]) { $0.min(axes: [0, 2]) },
  .one("norm", cube, empty: [0, 3]) { $0.norm() },
  .one("norm axes", cube, empty: [2, 0, 3]) { $0.norm(axes: 0, -1) },
  .one("norm kept", cube, empty: [2, 0, 3]) { $0.norm(axes: 1, keepingAxes: true) },
  .one("norm list", cube, empty: [2, 0, 3]) { $0.norm(axes: [0, 2]) },
  .one("norm of order one", Draw([2, 3, 4], kinks: [0]), empty: [2, 0, 3]) { $0.norm(order: .one, axes: 1) },
  .one("norm of order infinity", Draw([2, 3, 4], 0.5..<2, isSpaced: true), empty: [2, 0, 3]) {
    $0.norm(order: .infinity, axes: -1)
  },
  .one("logSumExp", cube) { $0.logSumExp() },
  .one("logSumExp axes", cube, empty: [2, 0, 3]) { $0.logSumExp(axes: 0, -1) },
  .one("logSumExp kept", cube, empty: [2, 3, 0]) { $0.logSumExp(axes: 1, keepingAxes: true) },
  .one("logSumExp list", cube, empty: [2, 0, 3]) { $0.logSumExp(axes: [0, 2]) },
  .one("variance", cube) { $0.variance() },
  .one("variance axes", cube, empty: [2, 0, 3]) { $0.variance(axes: 0, -1, correction: 1) },
  .one("variance kept", cube, empty: [2, 3, 0]) { $0.variance(axes: 1, keepingAxes: true) },
  .one("variance list", cube, empty: [2, 0, 3]) { $0.variance(axes: [0, 2]) },
  .one("standardDeviation", cube) { $0.standardDeviation() },
  .one("standardDeviation axes", cube, empty: [2, 0, 3]) { $0.standardDeviation(axes: 0, -1, correction: 1) },
  .one("standardDeviation list", cube, empty: [2, 0, 3]) { $0.standardDeviation(axes: [0, 2]) },
  .one("meanOfSquares", cube, empty: [2, 0]) { $0.meanOfSquares() },
  .one("product", Draw([2, 3], 0.5..<2), empty: [0, 3]) { $0.product() },
  .one("product axis", Draw([2, 3, 4]), empty: [2, 0, 3]) { $0.product(axis: 1) },
  .one("product kept", Draw([2, 3, 4]), empty: [2, 3, 0]) { $0.product(axis: -1, keepingAxes: true) },
  .one("cumulativeSum", cube, empty: [2, 0, 3]) { $0.cumulativeSum(axis: 1) },
  .one("cumulativeSum reversed", cube, empty: [2, 0]) { $0.cumulativeSum(reversed: true) },
  .one("softmax", cube, empty: [0, 3]) { $0.softmax() },
  .one("softmax axis", cube, empty: [2, 3, 0]) { $0.softmax(axis: 1) },
  .one("logSoftmax", cube, empty: [0, 3]) { $0.logSoftmax() },
  .one("logSoftmax axis", cube, empty: [2, 3, 0]) { $0.logSoftmax(axis: 1) },
  .one("layerNorm", cube, empty: [0, 4]) { $0.layerNorm(epsilon: 0.1) },
  .two("layerNorm with a scale", cube, Draw([4]), empty: [[0, 4], [4]]) { $0.layerNorm(scale: $1, epsilon: 0.1) },
  .two("layerNorm with a shift", cube, Draw([4]), empty: [[2, 0], [0]]) { $0.layerNorm(shift: $1, epsilon: 0.1) },
  OperationRow("layerNorm with both", [cube, Draw([4]), Draw([4])], empty: [[2, 0, 4], [4], [4]]) {
    [$0[0].layerNorm(scale: $0[1], shift: $0[2], epsilon: 0.1)]
  },
  .one("layerNorm of long rows", Draw([3, 37]), empty: [2, 0]) { $0.layerNorm() },
]

let productRows: [OperationRow] = [
  .two("matmul", Draw([2, 3]), Draw([3, 4]), empty: [[0, 3], [3, 4]]) { $0.matmul($1) },
  .two("matmul over nothing", Draw([3, 5]), Draw([5, 2]), empty: [[2, 0], [0, 4]]) { $0.matmul($1) },
  .two("matmul of batches", Draw([2, 2, 3]), Draw([2, 3, 2]), empty: [[0, 2, 3], [0, 3, 2]]) { $0.matmul($1) },
  .two("matmul of a broadcast batch", Draw([2, 1, 2, 3]), Draw([3, 3, 2]), empty: [[0, 1, 2, 3], [3, 3, 2]]) { $0.matmul($1) },
  .two("matmul of a batch by a matrix", Draw([2, 2, 3]), Draw([3, 2]), empty: [[0, 2, 3], [3, 2]]) { $0.matmul($1) },
  .two("matmul of a matrix by a batch", Draw([2, 3]), Draw([2, 3, 2]), empty: [[2, 3], [0, 3, 2]]) { $0.matmul($1) },
  .two("matmul of vectors", Draw([5]), Draw([5]), empty: [[0], [0]]) { $0.matmul($1) },
  .two("matmul of a vector by a matrix", Draw([3]), Draw([3, 4]), empty: [[0], [0, 4]]) { $0.matmul($1) },
  .two("matmul of a batch by a vector", Draw([2, 2, 3]), Draw([3]), empty: [[2, 2, 0], [0]]) { $0.matmul($1) },
  affine("affine", [2, 3], empty: [0, 3]),
  affine("affine of a batch", [2, 2, 3], empty: [0, 2, 3]),
  .two("dot", Draw([4]), Draw([4]), empty: [[0], [0]]) { $0.dot($1) },
  .two("outer", Draw([3]), Draw([4]), empty: [[0], [4]]) { $0.outer($1) },
  .two("einsum", Draw([2, 3]), Draw([4, 3, 5]), empty: [[2, 0], [4, 0, 5]]) { Tensor.einsum("bi,oij->boj", $0, $1) },
  .one("einsum of equal letters", Draw([2, 3, 3]), empty: [0, 3, 3]) { Tensor.einsum("aii->ia", $0) },
  OperationRow("einsum of three", [Draw([2, 3]), Draw([3, 4]), Draw([4, 2])], empty: [[2, 0], [0, 4], [4, 2]]) {
    [Tensor.einsum("ij,jk,ki", $0)]
  },
  OperationRow("qr", [Draw([2, 4, 3])], empty: [[0, 4, 3]]) { x in
    let (q, r) = x[0].qr()
    return [q, r]
  },
  .one("matrixExponential", Draw([2, 3, 3], -0.4..<0.4), empty: [0, 3, 3]) { $0.matrixExponential() },
  .one("matrixExponential of larger numbers", Draw([3, 3])) { $0.matrixExponential() },
  .one("qr of its Q", Draw([3, 3])) { $0.qr().q },
  .one("qr of its R", Draw([3, 2])) { $0.qr().r },
  .two("solvedTriangular upper", Draw([3, 3]), Draw([3, 2]), empty: [[0, 0], [0, 2]]) {
    ($0 + dominant($0)).solvedTriangular($1, upper: true)
  },
  .two("solvedTriangular lower", Draw([2, 3, 3]), Draw([2, 3, 1]), empty: [[2, 0, 0], [2, 0, 1]]) {
    ($0 + dominant($0)).solvedTriangular($1, upper: false)
  },
  .two("solvedTriangular transposed", Draw([3, 3]), Draw([3, 2]), empty: [[3, 3], [3, 0]]) {
    ($0 + dominant($0)).solvedTriangular($1, upper: true, transposed: true)
  },
  .two("solvedTriangular lower transposed", Draw([3, 3]), Draw([3, 2]), empty: [[0, 0], [0, 2]]) {
    ($0 + dominant($0)).solvedTriangular($1, upper: false, transposed: true)
  },
]

private let cube = Draw([2, 3, 4])
private let spaced = Draw([2, 3, 4], isSpaced: true)

private func affine(_ name: String, _ shape: Shape, empty: Shape) -> OperationRow {
  OperationRow(name, [Draw(shape), Draw([3, 4]), Draw([4])], empty: [empty, [3, 4], [4]]) { [$0[0].affine($0[1], bias: $0[2])] }
}

/// A diagonal that makes a triangle easy to solve.
private func dominant(_ x: Tensor) -> Tensor { 4 * Tensor.identity(x.shape[x.rank - 1], x.type) }
