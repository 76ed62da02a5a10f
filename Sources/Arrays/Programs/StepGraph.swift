internal import UnrollKernelTemplates

/// A recurrent step as a graph of rows: the next state from the inputs, and the cotangents of everything from those of the next state.
///
/// The places of `RowGraph.input`: 0 is the step's input x, then come the parts of the state before the step, then the draws; from
/// `RowGraph.firstCotangent` on the cotangents of the parts of the state after the step.
package struct StepGraph: Sendable {
  package var rows: RowGraph
  /// The width of x, of every part of the state, and of every draw.
  package var inputWidth: Int
  package var stateWidths: [Int]
  package var drawWidths: [Int]
  /// The state after the step.
  package var next: [RowValue]
  /// The cotangents of x and of the parts of the state before the step.
  package var byInput: Cotangent
  package var byState: [Cotangent]
  /// The whole cotangents of the parts of the state after the step, the ways through other parts counted; nil where they are zero. Empty
  /// where nobody asks.
  package var byNext: [RowValue?]
  /// What every step adds to the cotangent of a parameter row, summed over rows.
  package var byParameter: [(parameter: Int, value: RowValue)]
  /// What every step adds to the cotangent of a matrix: left, transposed, times right.
  package var byMatrix: [(matrix: Int, left: RowValue, right: RowValue)]
  /// Numbers of parameters: those that the caller gives, then constants of the step.
  package var parameterWidths: [Int]
  package var constants: [NDArray]
  /// Rows and columns of the matrices that the caller gives.
  package var matrixShapes: [(rows: Int, columns: Int)]

  /// A cotangent: a value, nil where it is zero, and products with transposed matrices that are added to it.
  package struct Cotangent: Sendable {
    package var value: RowValue?
    package var products: [(row: RowValue, matrix: Int)] = []

    package init(value: RowValue?) { self.value = value }
  }

  package init(rows: RowGraph, inputWidth: Int, stateWidths: [Int], drawWidths: [Int]) {
    self.rows = rows
    self.inputWidth = inputWidth
    self.stateWidths = stateWidths
    self.drawWidths = drawWidths
    next = []
    byInput = Cotangent(value: nil)
    byState = []
    byNext = []
    byParameter = []
    byMatrix = []
    parameterWidths = []
    constants = []
    matrixShapes = []
  }

  static let x = 0
  static func state(_ part: Int) -> Int { 1 + part }
  func draw(_ index: Int) -> Int { 1 + stateWidths.count + index }

  /// All values that anybody wants.
  var results: [RowValue] {
    next
      + ([byInput] + byState).flatMap { cotangent in
        (cotangent.value.map { [$0] } ?? []) + cotangent.products.map(\.row)
      } + byNext.compactMap { $0 } + byParameter.map(\.value) + byMatrix.flatMap { [$0.left, $0.right] }
  }

  /// The same step with its values in another graph.
  func mapping(_ rows: RowGraph, _ change: (RowGraph.View) -> RowValue) -> StepGraph {
    func mapped(_ value: RowValue) -> RowValue {
      RowValue.joined(value.pieces.map { $0.isZero ? RowValue([$0]) : change($0) }).merged
    }
    var copy = self
    copy.rows = rows
    copy.next = next.map(mapped)
    func mapped(_ cotangent: Cotangent) -> Cotangent {
      var copy = Cotangent(value: cotangent.value.map(mapped))
      copy.products = cotangent.products.map { (mapped($0.row), $0.matrix) }
      return copy
    }
    copy.byInput = mapped(byInput)
    copy.byState = byState.map(mapped)
    copy.byNext = byNext.map { $0.map(mapped) }
    copy.byParameter = byParameter.map { ($0.parameter, mapped($0.value)) }
    copy.byMatrix = byMatrix.map { ($0.matrix, mapped($0.left), mapped($0.right)) }
    return copy
  }
}

// MARK: - Rewriting

extension StepGraph {
  /// The step in the form that a program is made from: products cut to what is read of them and added up among the gates, and what
  /// derivatives are made of in one instruction each.
  package var rewritten: StepGraph { separatingProducts.cuttingProducts.addingProducts.fusing }

  /// Products that end in a cotangent of x or of the state leave the graph: they run once for all rows when a step is done.
  private var separatingProducts: StepGraph {
    var copy = self
    let readers = readers()
    func separated(_ cotangent: Cotangent) -> Cotangent {
      guard let value = cotangent.value, value.merged.pieces.count == 1, let view = value.merged.pieces.first, !view.isZero
      else { return cotangent }
      var (result, rest) = (Cotangent(value: nil), RowValue([]))
      func collect(_ view: RowGraph.View) {
        let node = copy.rows.nodes[view.node]
        let isOnly = view.count == node.width && readers[view.node].count == 1
        switch node.operation {
        case .binary(.addition, let x, let y) where isOnly && !x.isZero && !y.isZero && x.count == y.count:
          collect(x)
          collect(y)
        case .product(let row, let matrix, true, _) where isOnly:
          if case .join(let parts) = copy.rows.nodes[row.node].operation, row.count == copy.rows.nodes[row.node].width {
            result.products.append((RowValue(parts), matrix))
          } else {
            result.products.append((RowValue([row]), matrix))
          }
        default: rest = rest.width == 0 ? RowValue([view]) : copy.rows.binary(.addition, rest, RowValue([view])) ?? rest
        }
      }
      collect(view)
      result.value = rest.width == 0 ? nil : rest
      return result
    }
    copy.byInput = separated(byInput)
    copy.byState = byState.map(separated)
    return copy
  }

  /// Who reads each node, as views; results count too.
  func readers() -> [[RowGraph.View]] {
    var readers = [[RowGraph.View]](repeating: [], count: rows.nodes.count)
    let live = live()
    for (i, node) in rows.nodes.enumerated() where live[i] {
      for view in RowGraph.operands(node.operation) where !view.isZero { readers[view.node].append(view) }
    }
    for value in results { for piece in value.pieces where !piece.isZero { readers[piece.node].append(piece) } }
    return readers
  }

  /// Which nodes somebody needs.
  func live() -> [Bool] {
    var live = [Bool](repeating: false, count: rows.nodes.count)
    for value in results { for piece in value.pieces where !piece.isZero { live[piece.node] = true } }
    for i in rows.nodes.indices.reversed() where live[i] {
      for view in RowGraph.operands(rows.nodes[i].operation) where !view.isZero { live[view.node] = true }
    }
    return live
  }

  /// Builds the graph again, node by node: `change` may put others in the place of a node.
  private func rebuilt(
    _ change: (_ i: Int, _ operation: RowGraph.Operation, _ graph: inout RowGraph) -> RowValue?
  ) -> StepGraph {
    var graph = RowGraph()
    var places = [RowValue?](repeating: nil, count: rows.nodes.count)
    let live = live()
    func moved(_ view: RowGraph.View) -> RowValue {
      if view.isZero { return RowValue([view]) }
      guard let place = places[view.node] else { stop("RowGraph: node \(view.node) is read before it is made") }
      if view.isWide { return RowValue([place.part(view.start..<(view.start + 1)).pieces[0].repeated(view.count)]) }
      return place.part(view.start..<(view.start + view.count))
    }
    for (i, node) in rows.nodes.enumerated() where live[i] {
      let operation = RowGraph.replacing(node.operation) { graph.wholeOrNumber(moved($0)) }
      places[i] = change(i, operation, &graph) ?? RowValue([graph.node(operation, width: node.width)])
    }
    return mapping(graph, moved)
  }

  /// Products of which only parts are read become a product for each part.
  private var cuttingProducts: StepGraph {
    let readers = readers()
    return rebuilt { i, operation, graph in
      guard case .product(let row, let matrix, let isTransposed, let columns) = operation, !isTransposed else { return nil }
      let parts = Set(readers[i].map { $0.start..<($0.start + $0.count) }).sorted { $0.lowerBound < $1.lowerBound }
      guard parts.count > 1, zip(parts, parts.dropFirst()).allSatisfy({ $0.upperBound <= $1.lowerBound }) else { return nil }
      var (pieces, end) = ([RowGraph.View](), 0)
      func product(_ part: Range<Int>) {
        let here = (columns.lowerBound + part.lowerBound)..<(columns.lowerBound + part.upperBound)
        pieces.append(
          graph.node(.product(row, matrix: matrix, isTransposed: false, columns: here), width: part.count))
      }
      for part in parts {
        if end < part.lowerBound { product(end..<part.lowerBound) }
        product(part)
        end = part.upperBound
      }
      if end < columns.count { product(end..<columns.count) }
      return RowValue(pieces)
    }
  }

  /// Products that are added to others or to a parameter, and read by nobody else, become one sum.
  private var addingProducts: StepGraph {
    let readers = readers()
    /// What a view contributes to a sum, if it is a product that nobody else reads, or such a sum.
    func contribution(_ view: RowGraph.View, _ graph: RowGraph, isOnlyReader: Bool) -> ([RowGraph.Factor], RowGraph.View?)? {
      if view.isZero { return nil }
      let node = graph.nodes[view.node]
      guard isOnlyReader, view.count == node.width, !node.isBackward else { return nil }
      switch node.operation {
      case .product(let row, let matrix, false, let columns):
        return ([RowGraph.Factor(row: row, matrix: matrix, columns: columns)], nil)
      case .affine(let factors, let bias): return (factors, bias)
      default: return nil
      }
    }
    return rebuilt { i, operation, graph in
      switch operation {
      case .product(let row, let matrix, false, let columns):
        // Every product has its place among the gates, alone or with others.
        let width = rows.nodes[i].width
        if rows.nodes[i].isBackward { return nil }
        return RowValue([graph.node(.affine([.init(row: row, matrix: matrix, columns: columns)], bias: nil), width: width)])
      case .binary(.addition, let x, let y):
        guard case .binary(_, let oldX, let oldY) = rows.nodes[i].operation else { return nil }
        func isOnly(_ view: RowGraph.View) -> Bool { !view.isZero && readers[view.node].count == 1 }
        let (a, b) = (
          contribution(x, graph, isOnlyReader: isOnly(oldX)), contribution(y, graph, isOnlyReader: isOnly(oldY))
        )
        let width = rows.nodes[i].width
        if let a, let b, a.1 == nil || b.1 == nil {
          return RowValue([graph.node(.affine(a.0 + b.0, bias: a.1 ?? b.1), width: width)])
        }
        func isParameter(_ view: RowGraph.View) -> Bool {
          if case .parameter = graph.nodes[view.node].operation { return view.count == width } else { return false }
        }
        if let a, a.1 == nil, isParameter(y) { return RowValue([graph.node(.affine(a.0, bias: y), width: width)]) }
        if let b, b.1 == nil, isParameter(x) { return RowValue([graph.node(.affine(b.0, bias: x), width: width)]) }
        return nil
      default: return nil
      }
    }
  }

  /// g y (1 − y), g (1 − y²) and x y + z as one instruction each.
  private var fusing: StepGraph {
    let readers = readers()
    return rebuilt { i, operation, graph in
      switch operation {
      case .binary(.multiplication, let x, let y):
        if let slope = graph.slope(y, times: x) ?? graph.slope(x, times: y) {
          return RowValue([graph.node(slope, width: rows.nodes[i].width)])
        }
        return nil
      case .binary(.addition, let x, let y):
        guard case .binary(_, let oldX, let oldY) = rows.nodes[i].operation else { return nil }
        let width = rows.nodes[i].width
        for (product, old, other) in [(x, oldX, y), (y, oldY, x)] where !product.isZero {
          guard case .binary(.multiplication, let a, let b) = graph.nodes[product.node].operation,
            readers[old.node].count == 1, product.count == graph.nodes[product.node].width, product.count == width
          else { continue }
          return RowValue([graph.node(.multiplyAdd(a, b, other), width: width)])
        }
        return nil
      default: return nil
      }
    }
  }
}

extension RowGraph {
  /// A row as an operand: one view, a number where all of it is one.
  fileprivate mutating func wholeOrNumber(_ value: RowValue) -> View {
    let merged = value.merged
    if merged.pieces.count == 1 {
      let piece = merged.pieces[0]
      return piece.isZero ? node(.number(0), width: 1).repeated(piece.count) : piece
    }
    return whole(value)
  }

  /// g · (y (1 − y)) or g · (1 − y²).
  fileprivate func slope(_ d: View, times g: View) -> Operation? {
    guard !d.isZero, !g.isZero, d.count == nodes[d.node].width, d.count == g.count else { return nil }
    switch nodes[d.node].operation {
    case .binary(.multiplication, let y, let rest):
      if let inner = oneLess(rest), inner == y { return .binary(.sigmoidSlope, g, y) }
      if let inner = oneLess(y), inner == rest { return .binary(.sigmoidSlope, g, rest) }
      return nil
    case .binary(.addition, _, _):
      guard let square = oneLess(d), !square.isZero, square.count == nodes[square.node].width,
        case .unary(.square, let y, _, _) = nodes[square.node].operation
      else { return nil }
      return .binary(.tanhSlope, g, y)
    default: return nil
    }
  }

  /// y where a view is 1 − y.
  private func oneLess(_ view: View) -> View? {
    guard !view.isZero, view.count == nodes[view.node].width,
      case .binary(.addition, let negative, let one) = nodes[view.node].operation, number(one) == 1, !negative.isZero,
      negative.count == nodes[negative.node].width, case .unary(.negation, let y, _, _) = nodes[negative.node].operation
    else { return nil }
    return y
  }
}
