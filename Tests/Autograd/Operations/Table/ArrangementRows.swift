import UnrollArrays
import UnrollAutograd

/// Other arrangements of the same elements.
let arrangementRows: [OperationRow] = [
  .one("reshaped", cube, empty: [0, 3, 4]) { $0.reshaped([6, -1]) },
  .one("permuted", cube, empty: [2, 0, 3]) { $0.permuted([2, 0, -2]) },
  .one("transposed", cube, empty: [2, 0, 3]) { $0.transposed() },
  .one("transposed of two axes", cube, empty: [2, 0, 3]) { $0.transposed(0, -1) },
  .one("broadcast", Draw([3, 1]), empty: [3, 0]) { $0.broadcast(to: [2, 3, $0.shape[1] * 4]) },
  .one("broadcast of a scalar", Draw([])) { $0.broadcast(to: [2, 3]) },
  .one("subscript of ranges", cube, empty: [2, 0, 3]) { $0[1..., 0..<2] },
  .one("subscript of a position", cube, empty: [2, 0, 3]) { $0[.rest, -1] },
  .one("subscript of steps", cube, empty: [2, 0, 3]) { $0[.all, .every(-2), .every(2, from: 1)] },
  .one("subscript of a new axis", cube, empty: [2, 0, 3]) { $0[1, .new, .all, 2...2] },
  .one("flipped", cube, empty: [2, 0, 3]) { $0.flipped(0, -1) },
  .one("flipped list", cube, empty: [2, 0, 3]) { $0.flipped([1]) },
  .one("expandingAxis", cube, empty: [2, 0, 3]) { $0.expandingAxis(1) },
  .one("squeezingAxis", Draw([2, 1, 3]), empty: [0, 1, 3]) { $0.squeezingAxis(-2) },
  .one("squeezed", Draw([1, 3, 1, 2]), empty: [1, 0, 1]) { $0.squeezed() },
  .one("rolled", cube, empty: [2, 0, 3]) { $0.rolled(2, axis: 1) },
  .one("rolled back", cube, empty: [2, 0, 3]) { $0.rolled(-1, axis: -1) },
  .one("tiled", Draw([2, 3]), empty: [2, 0]) { $0.tiled([2, 3]) },
  .one("tiled along new axes", Draw([2, 3]), empty: [2, 0]) { $0.tiled([2, 1, 3]) },
  .one("repeated", Draw([2, 3]), empty: [2, 0]) { $0.repeated(2, axis: 1) },
  .one("repeated never", Draw([2, 3])) { Tensor.concatenate([$0.repeated(0, axis: 0), $0], axis: 0) },
  .one("padded", Draw([2, 3]), empty: [0, 3]) { $0.padded([(1, 0), (2, 1)], with: 0.5) },
  .one("lowerTriangle", cube, empty: [2, 0, 3]) { $0.lowerTriangle(diagonal: 1) },
  .one("upperTriangle", cube, empty: [2, 0, 3]) { $0.upperTriangle(diagonal: -1) },
  .one("diagonal", cube, empty: [2, 0, 3]) { $0.diagonal() },
  .one("diagonalMatrix", Draw([2, 3]), empty: [2, 0]) { $0.diagonalMatrix() },
  .one("trace", cube, empty: [2, 0, 3]) { $0.trace() },
]

/// Joining, taking apart, and elements taken by number.
let joiningRows: [OperationRow] = [
  .two("concatenate", Draw([2, 3]), Draw([2, 4]), empty: [[2, 0], [2, 3]]) { Tensor.concatenate([$0, $1, $0], axis: -1) },
  .two("stack", Draw([2, 3]), Draw([2, 3]), empty: [[2, 0], [2, 0]]) { Tensor.stack([$0, $1], axis: 1) },
  OperationRow("split", [Draw([2, 6])], empty: [[0, 6]]) { $0[0].split([2, 0, 1, 3], axis: 1) },
  OperationRow("chunks", [Draw([2, 5])], empty: [[0, 5]]) { $0[0].chunks(2, axis: -1) },
  OperationRow("unstacked", [Draw([3, 2])], empty: [[3, 0]]) { $0[0].unstacked() },
  .one("gathered rows", Draw([4, 3]), empty: [4, 0]) { $0.gathered(rows: Indices([3, 1, 3, 0], shape: [2, 2])) },
  .one("gathered positions", Draw([2, 4, 2]), empty: [0, 4, 2]) { $0.gathered(positions: [3, 1, 3], axis: -2) },
  .one("gathered elements", Draw([2, 4])) { $0.gathered(elements: Indices([3, 1, 3, 0, 0, 2], shape: [2, 3]), axis: -1) },
  .one("gathered nothing", Draw([4, 3]), empty: [4, 0]) { x in
    Tensor.concatenate([x.gathered(rows: Indices([Int](), shape: [0])), x.gathered(rows: [2])], axis: 0)
  },
  .two("scatteredAdding rows", Draw([4, 3]), Draw([3, 3]), empty: [[4, 0], [3, 0]]) {
    $0.scatteredAdding($1, rows: [3, 1, 3])
  },
  .two("scatteredAdding positions", Draw([2, 4]), Draw([2, 3]), empty: [[0, 4], [0, 3]]) {
    $0.scatteredAdding($1, positions: [3, 1, 3], axis: -1)
  },
  .two("scatteredAdding elements", Draw([2, 4]), Draw([2, 3])) {
    $0.scatteredAdding($1, elements: Indices([3, 1, 3, 0, 0, 2], shape: [2, 3]), axis: 1)
  },
]

private let cube = Draw([2, 3, 4])
