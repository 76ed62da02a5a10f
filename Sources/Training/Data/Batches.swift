public import UnrollArrays
public import UnrollAutograd

/// Examples divided into batches: each batch is a list of positions, and each position is in exactly one batch.
///
///     let lengths = [5, 90, 6, 88, 4, 91]
///     for batch in Batches(lengths: lengths, size: 2, using: &generator) {
///       print(batch.map { lengths[$0] })  // 4 and 5 together, 6 and 88, 90 and 91: batches in random order
///     }
public struct Batches: RandomAccessCollection, Sendable {
  package let lists: [[Int]]

  /// The positions `0..<count` in order.
  public init(count: Int, size: Int) { self.init(Array(0..<Batches.checked(count)), size) }

  /// The positions `0..<count` in random order.
  public init(count: Int, size: Int, using generator: inout Generator) {
    self.init(generator.shuffled(Array(0..<Batches.checked(count))), size)
  }

  /// Batches of examples with similar lengths, to minimise padding: sorted by length with ties in random order, cut into
  /// batches, and the batches shuffled.
  public init(lengths: [Int], size: Int, using generator: inout Generator) {
    // Swift's sort is not documented to be stable, so the random order is part of the sort key.
    let order = generator.shuffled(Array(0..<Batches.checked(lengths.count))).enumerated().sorted { a, b in
      (lengths[a.element], a.offset) < (lengths[b.element], b.offset)
    }
    let sorted = Batches(order.map(\.element), size)
    lists = generator.shuffled(sorted.lists)
  }

  private init(_ positions: [Int], _ size: Int) {
    require(size > 0, "Batches: a batch size of \(size) is not positive")
    lists = stride(from: 0, to: positions.count, by: size).map { start in
      Array(positions[start..<(start + Swift.min(size, positions.count - start))])
    }
  }

  private init(lists: [[Int]]) { self.lists = lists }

  /// One of `count` parts of every batch: the positions at `part`, `part + count` and so on. A batch of fewer positions than there are
  /// parts is joined to its neighbour; nil if that leaves none.
  package func dealt(to part: Int, of count: Int) -> Batches? {
    var whole: [[Int]] = []
    for list in lists {
      if let last = whole.last, Swift.min(last.count, list.count) < count {
        whole[whole.count - 1] += list
      } else {
        whole.append(list)
      }
    }
    if whole.contains(where: { $0.count < count }) { return nil }
    return Batches(lists: whole.map { list in Swift.stride(from: part, to: list.count, by: count).map { list[$0] } })
  }

  private static func checked(_ count: Int) -> Int {
    require(count > 0, "Batches: \(count) examples do not make a batch")
    return count
  }

  /// The position of the first batch, 0.
  public var startIndex: Int { 0 }

  /// The position after the last batch.
  public var endIndex: Int { lists.count }

  /// The positions of a batch's examples; the last batch may be smaller.
  public subscript(position: Int) -> [Int] { lists[position] }
}

/// A division of examples into training, validation and test sets.
///
///     let split = Split(count: 100, validation: 0.1, test: 0.2, using: &generator)
///     print(split.training.count, split.validation.count, split.test.count)  // 70, 10, 20
public struct Split: Sendable, Equatable {
  /// The positions of the training examples.
  public let training: [Int]
  /// The positions of the validation examples, which decide when to stop and what to keep.
  public let validation: [Int]
  /// The positions of the test examples, for the final evaluation.
  public let test: [Int]

  /// A random split of `0..<count` by fractions; the sizes are rounded to nearest.
  public init(count: Int, validation: Double, test: Double = 0, using generator: inout Generator) {
    Split.check(count, validation, test)
    self.init(generator.shuffled(Array(0..<count)), validation, test)
  }

  /// A split in order, for series that are to be forecast: training first, then validation, then test.
  public init(inOrder count: Int, validation: Double, test: Double = 0) {
    Split.check(count, validation, test)
    self.init(Array(0..<count), validation, test)
  }

  private init(_ order: [Int], _ validation: Double, _ test: Double) {
    let testCount = Int((Double(order.count) * test).rounded())
    let validationCount = min(order.count - testCount, Int((Double(order.count) * validation).rounded()))
    let first = order.count - testCount - validationCount
    training = Array(order[..<first])
    self.validation = Array(order[first..<(first + validationCount)])
    self.test = Array(order[(first + validationCount)...])
  }

  private static func check(_ count: Int, _ validation: Double, _ test: Double) {
    require(count > 0, "Split: \(count) examples cannot be split")
    require(
      validation >= 0 && test >= 0 && validation + test <= 1,
      "Split: fractions of \(validation) and \(test) are negative or sum to more than 1")
  }
}

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
