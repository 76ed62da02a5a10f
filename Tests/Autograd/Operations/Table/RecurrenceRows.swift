import UnrollArrays
import UnrollAutograd

/// Linear recurrences over time: with every way to share coefficients, in both directions, real and complex.
let recurrenceRows: [OperationRow] = [
  row("linearRecurrence", [4, 2, 3], from: [2, 3], empty: [[0, 2, 3], [0, 2, 3], [2, 3]]) { a, b, initial in
    Tensor.linearRecurrence(a, b, from: initial)
  },
  .two("linearRecurrence from zero", Draw([4, 2, 3]), Draw([4, 2, 3]), empty: [[3, 0, 2], [3, 0, 2]]) {
    Tensor.linearRecurrence($0, $1)
  },
  row("linearRecurrence reversed", [4, 2, 3], from: [2, 3]) { Tensor.linearRecurrence($0, $1, from: $2, isReversed: true) },
  row("linearRecurrence of one step", [1, 2, 3], [1, 2, 3], from: [2, 3]) { Tensor.linearRecurrence($0, $1, from: $2) },
  row("linearRecurrence of shared features", [3], from: [3], empty: [[3], [0, 2, 3], [3]]) {
    Tensor.linearRecurrence($0, $1, from: $2)
  },
  row("linearRecurrence of shared features, reversed", [1, 2, 3], from: [2, 3]) {
    Tensor.linearRecurrence($0, $1, from: $2, isReversed: true)
  },
  row("linearRecurrence of shared rows", [4, 1, 3], from: [2, 3]) { Tensor.linearRecurrence($0, $1, from: $2) },
  row("linearRecurrence of shared columns", [4, 2, 1], from: [2, 1]) { Tensor.linearRecurrence($0, $1, from: $2) },
  row("linearRecurrence of shared columns, reversed", [4, 1, 1], from: [2, 3]) {
    Tensor.linearRecurrence($0, $1, from: $2, isReversed: true)
  },
  row("linearRecurrence of one number", [], from: []) { Tensor.linearRecurrence($0, $1, from: $2) },
  row("linearRecurrence of a vector", [5], [5], from: []) { Tensor.linearRecurrence($0, $1, from: $2) },
  row("linearRecurrence of two axes", [4, 1], [4, 3], from: [3]) { Tensor.linearRecurrence($0, $1, from: $2) },
  row("linearRecurrence of four axes", [2, 1, 3], [3, 2, 2, 3], from: [2, 2, 3]) {
    Tensor.linearRecurrence($0, $1, from: $2)
  },
  row("linearRecurrence of many steps", [1, 2], [70, 1, 2], from: [1, 2], 0.2..<0.9) {
    Tensor.linearRecurrence($0, $1, from: $2)
  },
  row("linearRecurrence of complex numbers", [4, 2, 4], [4, 2, 4], from: [2, 4], empty: [[4, 0, 2], [4, 0, 2], [0, 2]]) {
    Tensor.linearRecurrence($0, $1, from: $2, isComplex: true)
  },
  row("linearRecurrence of complex numbers, reversed", [1, 2, 4], [4, 2, 4], from: [2, 4]) {
    Tensor.linearRecurrence($0, $1, from: $2, isReversed: true, isComplex: true)
  },
  row("linearRecurrence of shared complex numbers", [6], [4, 2, 6], from: [6]) {
    Tensor.linearRecurrence($0, $1, from: $2, isComplex: true)
  },
  row("linearRecurrence of a mask", [4, 1, 3], from: [2, 3]) {
    Tensor.linearRecurrence($0, $1, from: $2, mask: holes)
  },
  row("linearRecurrence of complex numbers and a mask", [4], [4, 2, 4], from: [2, 4]) {
    Tensor.linearRecurrence($0, $1, from: $2, isReversed: true, isComplex: true, mask: holes)
  },
]

private let holes = Mask([true, false, true, true, false, true, false, true], shape: [4, 2, 1])

private func row(
  _ name: String, _ a: Shape, _ b: Shape = [4, 2, 3], from initial: Shape, _ range: Range<Double> = -1.2..<1.2,
  empty: [Shape]? = nil, _ f: @escaping @Sendable (_ a: Tensor, _ b: Tensor, _ initial: Tensor) -> Tensor
) -> OperationRow {
  OperationRow(name, [Draw(a, range), Draw(b), Draw(initial)], empty: empty) { [f($0[0], $0[1], $0[2])] }
}
