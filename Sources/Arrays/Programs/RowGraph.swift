package import UnrollKernelTemplates

/// A computation on rows as a graph of values, from which a recurrent step is compiled.
///
/// Every value is a row that depends on the same row of the inputs only, or is the same for all rows. Slices and joined rows
/// are views and cost nothing; equal values are one node.
package struct RowGraph: Sendable {
  /// A contiguous part of a node's row.
  package struct View: Hashable, Sendable {
    package var node: Int
    package var start: Int
    package var count: Int
    /// Whether one number is repeated `count` times.
    package var isWide = false

    /// A view of zeros, without a node.
    static func zeros(_ count: Int) -> View { View(node: -1, start: 0, count: count) }
    var isZero: Bool { node < 0 }

    func part(_ range: Range<Int>) -> View {
      View(node: node, start: isWide ? start : start + range.lowerBound, count: range.count, isWide: isWide)
    }

    /// The one number of a wide view.
    var narrow: View { View(node: node, start: start, count: 1) }
  }

  package enum Operation: Hashable, Sendable {
    /// A row given to a step: an input, a state, a draw or a cotangent.
    case input(Int)
    /// A row that is the same for all rows of the batch and is known when a sequence begins.
    case parameter(Int)
    /// One number.
    case number(Double)
    case unary(UnaryOperation, View, Double, Double)
    case binary(BinaryOperation, View, View)
    case ternary(TernaryOperation, View, View, View)
    /// The sum of a row's numbers.
    case sum(View)
    /// The largest of a row's numbers.
    case maximum(View)
    /// The mean of a row and r = 1/√(variance + ε), for LN(x) = (x − mean) r.
    case moments(View, Double)
    /// The cotangent of x, given x, its moments and the cotangent of LN(x).
    case normalizationBack(View, moments: View, View)
    /// A row times a matrix or a transposed matrix, restricted to some columns of the result.
    case product(View, matrix: Int, isTransposed: Bool, columns: Range<Int>)
    /// A gate: the sum of several products and of a parameter.
    case affine([Factor], bias: View?)
    /// Rows concatenated.
    case join([View])
  }

  /// A row times some columns of a matrix.
  package struct Factor: Hashable, Sendable {
    let row: View
    let matrix: Int
    let columns: Range<Int>
  }

  package struct Node: Sendable {
    var operation: Operation
    var width: Int
    /// Whether all rows of the batch have the same numbers.
    var isShared: Bool
    /// Whether it depends on a cotangent.
    var isBackward: Bool
  }

  package private(set) var nodes: [Node] = []
  private var known: [Operation: Int] = [:]

  package init() {}

  /// The node of an operation: an existing equal one, or a new one.
  mutating func node(_ operation: Operation, width: Int) -> View {
    if let found = known[operation] { return View(node: found, start: 0, count: width) }
    let operands = Self.operands(operation).filter { !$0.isZero }
    var isShared = operands.allSatisfy { nodes[$0.node].isShared }
    var isBackward = operands.contains { nodes[$0.node].isBackward }
    switch operation {
    case .input(let place): (isShared, isBackward) = (false, place >= RowGraph.firstCotangent)
    case .product, .affine: isShared = false
    default: break
    }
    known[operation] = nodes.count
    nodes.append(Node(operation: operation, width: width, isShared: isShared, isBackward: isBackward))
    return View(node: nodes.count - 1, start: 0, count: width)
  }

  /// Inputs from this number on are cotangents.
  package static let firstCotangent = 1 << 16

  /// The operands of an operation.
  static func operands(_ operation: Operation) -> [View] {
    switch operation {
    case .input, .parameter, .number: []
    case .unary(_, let x, _, _), .sum(let x), .maximum(let x), .moments(let x, _): [x]
    case .binary(_, let x, let y): [x, y]
    case .ternary(_, let x, let y, let z), .normalizationBack(let x, let y, let z): [x, y, z]
    case .product(let x, _, _, _): [x]
    case .affine(let factors, let bias): factors.map(\.row) + (bias.map { [$0] } ?? [])
    case .join(let parts): parts
    }
  }

  /// The operation with its operands replaced.
  static func replacing(_ operation: Operation, _ change: (View) -> View) -> Operation {
    switch operation {
    case .input, .parameter, .number: operation
    case .unary(let f, let x, let a, let b): .unary(f, change(x), a, b)
    case .sum(let x): .sum(change(x))
    case .maximum(let x): .maximum(change(x))
    case .binary(let f, let x, let y): .binary(f, change(x), change(y))
    case .ternary(let f, let x, let y, let z): .ternary(f, change(x), change(y), change(z))
    case .moments(let x, let epsilon): .moments(change(x), epsilon)
    case .normalizationBack(let x, let moments, let g): .normalizationBack(change(x), moments: change(moments), change(g))
    case .product(let x, let matrix, let isTransposed, let columns):
      .product(change(x), matrix: matrix, isTransposed: isTransposed, columns: columns)
    case .affine(let factors, let bias):
      .affine(factors.map { Factor(row: change($0.row), matrix: $0.matrix, columns: $0.columns) }, bias: bias.map(change))
    case .join(let parts): .join(parts.map(change))
    }
  }

  func number(_ view: View) -> Double? {
    if view.isZero { return 0 }
    if case .number(let number) = nodes[view.node].operation { return number }
    return nil
  }
}

/// A row made of pieces, each a view of a node or zeros.
package struct RowValue: Sendable {
  package var pieces: [RowGraph.View]

  package init(_ pieces: [RowGraph.View]) { self.pieces = pieces.filter { $0.count > 0 } }

  package var width: Int { pieces.reduce(0) { $0 + $1.count } }

  /// A part of the row.
  package func part(_ range: Range<Int>) -> RowValue {
    var (parts, start) = ([RowGraph.View](), 0)
    for piece in pieces {
      let here = range.clamped(to: start..<(start + piece.count))
      if !here.isEmpty { parts.append(piece.part((here.lowerBound - start)..<(here.upperBound - start))) }
      start += piece.count
    }
    return RowValue(parts)
  }

  /// The row padded with zeros to a width, beginning at `start`.
  package func placed(_ start: Int, in width: Int) -> RowValue {
    RowValue([.zeros(start)] + pieces + [.zeros(width - start - self.width)])
  }

  package static func joined(_ values: [RowValue]) -> RowValue { RowValue(values.flatMap(\.pieces)) }

  /// The row with pieces that continue each other in one node merged.
  var merged: RowValue {
    var result: [RowGraph.View] = []
    for piece in pieces {
      if let last = result.last, last.node == piece.node, last.isWide == piece.isWide,
        piece.isZero || (piece.isWide ? last.start == piece.start : last.start + last.count == piece.start)
      {
        result[result.count - 1].count += piece.count
      } else {
        result.append(piece)
      }
    }
    return RowValue(result)
  }
}

extension RowGraph {
  /// The operation that a row comes from, if all of it is one node.
  package func operation(of value: RowValue) -> Operation? {
    guard value.pieces.count == 1, let piece = value.pieces.first, !piece.isZero, piece.count == nodes[piece.node].width else {
      return nil
    }
    return nodes[piece.node].operation
  }
}

// MARK: - Building

extension RowGraph {
  package mutating func input(_ place: Int, width: Int) -> RowValue { RowValue([node(.input(place), width: width)]) }
  package mutating func parameter(_ place: Int, width: Int) -> RowValue { RowValue([node(.parameter(place), width: width)]) }
  package mutating func number(_ number: Double) -> RowValue { RowValue([node(.number(number), width: 1)]) }

  package mutating func unary(_ f: UnaryOperation, _ x: RowValue, _ a: Double = 0, _ b: Double = 0) -> RowValue {
    RowValue(
      x.pieces.map { piece in
        if piece.isZero { return node(.unary(f, node(.number(0), width: 1), a, b), width: 1).repeated(piece.count) }
        if piece.isWide { return node(.unary(f, piece.narrow, a, b), width: 1).repeated(piece.count) }
        if f == .negation, case .unary(.negation, let inner, _, _) = nodes[piece.node].operation {
          return inner.count == 1 ? inner : inner.part(piece.start..<(piece.start + piece.count))
        }
        return node(.unary(f, piece, a, b), width: piece.count)
      })
  }

  /// Nil where the widths do not fit.
  package mutating func binary(_ f: BinaryOperation, _ x: RowValue, _ y: RowValue) -> RowValue? {
    let (x, y) = (
      isBetterWhole(x, beside: y) ? RowValue([whole(x)]) : x, isBetterWhole(y, beside: x) ? RowValue([whole(y)]) : y
    )
    guard let pairs = aligned(x, y) else { return nil }
    return RowValue(pairs.map { simplified(f, $0, $1) })
  }

  /// Whether a row of several cotangents is better joined: beside a row in one piece, one instruction then handles all of it.
  private func isBetterWhole(_ x: RowValue, beside y: RowValue) -> Bool {
    let (pieces, other) = (x.merged.pieces, y.merged.pieces)
    return pieces.count > 1 && other.count == 1 && !other[0].isZero
      && pieces.allSatisfy { !$0.isZero && !$0.isWide && nodes[$0.node].isBackward && $0.count == nodes[$0.node].width }
  }

  /// Both rows cut at all boundaries of either; a row of one number pairs with every piece of the other.
  private func aligned(_ x: RowValue, _ y: RowValue) -> [(View, View)]? {
    let (x, y) = (x.merged, y.merged)
    if x.width == y.width {
      var (pairs, start) = ([(View, View)](), 0)
      let bounds = Set(boundaries(x) + boundaries(y)).sorted()
      for end in bounds {
        guard let a = x.part(start..<end).pieces.first, let b = y.part(start..<end).pieces.first else { return nil }
        pairs.append((a, b))
        start = end
      }
      return pairs
    }
    if x.width == 1 { return y.pieces.map { (x.pieces[0], $0) } }
    if y.width == 1 { return x.pieces.map { ($0, y.pieces[0]) } }
    return nil
  }

  private func boundaries(_ x: RowValue) -> [Int] {
    var end = 0
    return x.pieces.map { piece in
      end += piece.count
      return end
    }
  }

  private mutating func simplified(_ f: BinaryOperation, _ x: View, _ y: View) -> View {
    let count = max(x.count, y.count)
    let (a, b) = (number(x), number(y))
    switch f {
    case .addition where a == 0 && y.count == count: return y
    case .addition where b == 0 && x.count == count: return x
    case .subtraction where b == 0 && x.count == count: return x
    case .multiplication where a == 1 && y.count == count: return y
    case .multiplication where b == 1 && x.count == count: return x
    case .division where b == 1 && x.count == count: return x
    case .addition:
      // Common in derivatives: x + −y equals x − y, to the last bit.
      if let opposite = negated(y) { return simplified(.subtraction, x, opposite) }
      if let opposite = negated(x) { return simplified(.subtraction, y, opposite) }
    default: break
    }
    let (x, y) = (real(x, count), real(y, count))
    if count > 1, x.isWide || x.count == 1, y.isWide || y.count == 1 {
      return node(.binary(f, x.narrow, y.narrow), width: 1).repeated(count)
    }
    return node(.binary(f, x, y), width: count)
  }

  /// y where a view is −y.
  private func negated(_ view: View) -> View? {
    guard !view.isZero, case .unary(.negation, let y, _, _) = nodes[view.node].operation, !y.isZero else { return nil }
    if y.count == 1 { return view.isWide ? y.repeated(view.count) : y }
    return view.isWide ? nil : y.part(view.start..<(view.start + view.count))
  }

  /// The number 0 for a view of zeros.
  private mutating func real(_ view: View, _ count: Int) -> View { view.isZero ? node(.number(0), width: 1) : view }

  package mutating func sum(_ x: RowValue) -> RowValue { RowValue([node(.sum(whole(x)), width: 1)]) }
  package mutating func maximum(_ x: RowValue) -> RowValue { RowValue([node(.maximum(whole(x)), width: 1)]) }

  /// LN(x) = (x − mean) r.
  package mutating func normalized(_ x: RowValue, _ epsilon: Double) -> RowValue {
    let (moments, x) = (moments(x, epsilon), whole(x))
    return RowValue([node(.ternary(.deviation, x, moments.part(0..<1), moments.part(1..<2)), width: x.count)])
  }

  /// The cotangent of x, given that of LN(x).
  package mutating func normalizationBack(_ x: RowValue, _ epsilon: Double, _ g: RowValue) -> RowValue {
    let (moments, x) = (moments(x, epsilon), whole(x))
    return RowValue([node(.normalizationBack(x, moments: moments, whole(g)), width: x.count)])
  }

  private mutating func moments(_ x: RowValue, _ epsilon: Double) -> View { node(.moments(whole(x), epsilon), width: 2) }

  package mutating func product(_ x: RowValue, matrix: Int, isTransposed: Bool, width: Int) -> RowValue {
    RowValue([node(.product(whole(x), matrix: matrix, isTransposed: isTransposed, columns: 0..<width), width: width)])
  }

  /// A row as one view.
  package mutating func whole(_ x: RowValue) -> View {
    let merged = x.merged
    if merged.pieces.count == 1, !merged.pieces[0].isZero, !merged.pieces[0].isWide { return merged.pieces[0] }
    let parts = merged.pieces.map { piece in piece.isZero ? node(.number(0), width: 1).repeated(piece.count) : piece }
    return node(.join(parts), width: x.width)
  }
}

extension RowGraph.View {
  /// The one number of a node, repeated.
  func repeated(_ count: Int) -> RowGraph.View { RowGraph.View(node: node, start: start, count: count, isWide: true) }

  /// The same, for a row that is one number.
  package func wide(_ count: Int) -> RowGraph.View { repeated(count) }
}
