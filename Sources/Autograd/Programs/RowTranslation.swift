package import UnrollArrays

/// The meaning of a traced tensor in a program on rows.
package enum RowMeaning: Sendable {
  /// `[rows, width]`, each row computed from the same row of the inputs; or numbers shared by all rows, of shape `[width]`,
  /// `[1, width]` or `[]`.
  case row(RowValue)
  /// `[rows]`: one number per row, before it is reshaped to `[rows, 1]`.
  case column(RowValue)
  /// A matrix that is known when a sequence begins, or its transpose.
  case matrix(Int, isTransposed: Bool)
  /// Transposed rows: the left factor of a matrix's cotangent.
  case turned(RowValue)
  /// Sums over rows: the cotangent of a value shared by all rows.
  case sum(RowValue)
  /// The cotangent of a matrix: a sum of products leftᵀ · right.
  case outer([(left: RowValue, right: RowValue)])
}

/// A translation of traced operations into a graph of rows.
package struct RowTranslation {
  package var graph = RowGraph()
  package let rowCount: Int
  package var matrixShapes: [(rows: Int, columns: Int)] = []
  package var parameterWidths: [Int] = []
  /// Constant rows of the computation: parameters of the program that follow the caller's.
  package var constants: [NDArray] = []
  private var meanings: [TraceName: RowMeaning] = [:]

  package init(rowCount: Int) { self.rowCount = rowCount }

  package mutating func set(_ tensor: Tensor, _ meaning: RowMeaning) {
    if let name = tensor.traceName { meanings[name] = meaning }
  }

  /// The meaning of a tensor; nil where rows cannot express it.
  package mutating func meaning(_ tensor: Tensor) -> RowMeaning? {
    if let name = tensor.traceName { return meanings[name] }
    return constant(tensor.numbersOfConstant)
  }

  package mutating func row(_ tensor: Tensor) -> RowValue? {
    if case .row(let value)? = meaning(tensor) { value } else { nil }
  }

  /// Adds an operation to the graph; false where rows cannot express it.
  package mutating func add(_ entry: Trace.Entry) -> Bool {
    guard let operation = entry.operation as? any RowOperation, entry.outputs.count == 1,
      let meaning = operation.translated(entry, &self)
    else { return false }
    set(entry.outputs[0], meaning)
    return true
  }

  /// A constant: a number, or a row shared by all rows.
  private mutating func constant(_ array: NDArray) -> RowMeaning? {
    if array.count == 1 { return .row(graph.number(array.reshaped([]).item)) }
    var row = array
    if array.rank == 2 {
      // Equal rows are one shared row.
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

/// An operation that works row by row.
package protocol RowOperation: Operation {
  /// The meaning of the result, given those of the inputs; nil where rows cannot express it.
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning?
}
