package import UnrollArrays

/// What a traced tensor is to a program on rows.
package enum RowMeaning: Sendable {
  /// `[rows, width]`, every row from the same row of the inputs; or the same numbers for all rows, of any of the shapes `[width]`,
  /// `[1, width]` and `[]`.
  case row(RowValue)
  /// `[rows]`: one number of every row, on its way to becoming `[rows, 1]`.
  case column(RowValue)
  /// A matrix that is known when a sequence begins, or its transpose.
  case matrix(Int, isTransposed: Bool)
  /// Rows, transposed: on their way into the cotangent of a matrix.
  case turned(RowValue)
  /// Sums over rows: the cotangent of something that is the same for all of them.
  case sum(RowValue)
  /// The cotangent of a matrix: sums of left, transposed, times right.
  case outer([(left: RowValue, right: RowValue)])
}

/// A translation of traced operations into a graph of rows.
package struct RowTranslation {
  package var graph = RowGraph()
  package let rowCount: Int
  package var matrixShapes: [(rows: Int, columns: Int)] = []
  package var parameterWidths: [Int] = []
  /// Constants of the computation that are rows: parameters of the program after those of the caller.
  package var constants: [NDArray] = []
  private var meanings: [TraceName: RowMeaning] = [:]

  package init(rowCount: Int) { self.rowCount = rowCount }

  package mutating func set(_ tensor: Tensor, _ meaning: RowMeaning) {
    if let name = tensor.traceName { meanings[name] = meaning }
  }

  /// What a tensor means; nil where rows cannot say it.
  package mutating func meaning(_ tensor: Tensor) -> RowMeaning? {
    if let name = tensor.traceName { return meanings[name] }
    return constant(tensor.numbersOfConstant)
  }

  package mutating func row(_ tensor: Tensor) -> RowValue? {
    if case .row(let value)? = meaning(tensor) { value } else { nil }
  }

  /// Puts an operation into the graph; false where rows cannot do it.
  package mutating func add(_ entry: Trace.Entry) -> Bool {
    guard let operation = entry.operation as? any RowOperation, entry.outputs.count == 1,
      let meaning = operation.translated(entry, &self)
    else { return false }
    set(entry.outputs[0], meaning)
    return true
  }

  /// A constant: a number, or a row that is the same for all.
  private mutating func constant(_ array: NDArray) -> RowMeaning? {
    if array.count == 1 { return .row(graph.number(array.reshaped([]).item)) }
    var row = array
    if array.rank == 2 {
      // The same row again and again is that row.
      guard array.shape[0] > 0 else { return nil }
      row = array[0]
      let isSame = array.shape[0] == 1 || (array - row).magnitude().sum().item == 0
      guard isSame else { return nil }
    }
    guard row.rank == 1, row.count > 0 else { return nil }
    let first = row[0]
    if (row .== first).values.allSatisfy({ $0 }) {
      let number = graph.number(first.item)
      return .row(RowValue([number.pieces[0].wide(row.count)]))
    }
    constants.append(row.contiguous())
    parameterWidths.append(row.count)
    return .row(graph.parameter(parameterWidths.count - 1, width: row.count))
  }
}

/// An operation that can be done row by row.
package protocol RowOperation: Operation {
  /// What the result means, given what the inputs do; nil where rows cannot do this.
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning?
}
