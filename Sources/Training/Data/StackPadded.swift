public import UnrollArrays
public import UnrollAutograd

extension Indices {
  /// Lists of different lengths as the rows of `[rows, longest]`, padded at the end, and their lengths.
  ///
  ///     let (ids, lengths) = Indices.stackPadded([[1, 2, 3], [4]])
  ///     print(ids.values, lengths)  // 1, 2, 3, 4, 0, 0 and 3, 1
  public static func stackPadded(_ rows: [[Int]], with filling: Int = 0) -> (indices: Indices, lengths: [Int]) {
    require(!rows.isEmpty, "stackPadded: there are no rows")
    let lengths = rows.map(\.count)
    let longest = lengths.max() ?? 0
    let values = rows.flatMap { $0 + Array(repeating: filling, count: longest - $0.count) }
    return (Indices(values, shape: [rows.count, longest]), lengths)
  }
}

extension Tensor {
  /// Sequences `[time, ...]` of different lengths as the rows of `[rows, longest, ...]`, padded at the end, and their lengths.
  /// Differentiable.
  ///
  ///     let (batch, lengths) = Tensor.stackPadded([Tensor.ones([5, 3]), Tensor.ones([2, 3])])
  ///     let (outputs, _) = LSTM(3, 4, using: &generator)(batch, lengths: lengths)
  public static func stackPadded(_ rows: [Tensor], with filling: Double = 0) -> (tensor: Tensor, lengths: [Int]) {
    guard let first = rows.first else { stop("stackPadded: there are no rows") }
    for (i, row) in rows.enumerated() {
      require(
        row.rank > 0 && row.type == first.type && Shape(row.shape.dropFirst()) == Shape(first.shape.dropFirst()),
        "stackPadded: row \(i), \(row.type) of shape \(row.shape), does not fit row 0, \(first.type) of shape \(first.shape)")
    }
    let lengths = rows.map { $0.shape[0] }
    let longest = lengths.max() ?? 0
    let none = Array(repeating: (before: 0, after: 0), count: first.rank - 1)
    let filled = rows.map { row in
      row.shape[0] == longest ? row : row.padded([(before: 0, after: longest - row.shape[0])] + none, with: filling)
    }
    return (Tensor.stack(filled), lengths)
  }
}
