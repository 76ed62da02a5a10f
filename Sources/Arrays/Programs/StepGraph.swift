internal import UnrollKernelTemplates

/// A recurrent step as a graph of rows: the next state as a function of the inputs, and all cotangents as functions of the next
/// state's.
///
/// The numbers of `RowGraph.input`: 0 is the step's input x, followed by the parts of the state before the step and by the
/// draws; from `RowGraph.firstCotangent` on the cotangents of the parts of the state after the step.
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
  /// The total cotangents of the parts of the state after the step, contributions through other parts included; nil where zero.
  /// Empty where they are not requested.
  package var byNext: [RowValue?]
  /// The contribution of every step to the cotangent of a parameter row, summed over rows.
  package var byParameter: [(parameter: Int, value: RowValue)]
  /// The contribution of every step to the cotangent of a matrix: leftᵀ · right.
  package var byMatrix: [(matrix: Int, left: RowValue, right: RowValue)]
  /// The widths of parameters: the caller's, then the step's constants.
  package var parameterWidths: [Int]
  package var constants: [NDArray]
  /// The shapes of the caller's matrices.
  package var matrixShapes: [(rows: Int, columns: Int)]

  /// A cotangent: a value (nil where it is zero) plus products of rows with transposed matrices.
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

  /// All results of the step.
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
  /// The step in the form that a program is compiled from: products cut into the parts that are read and summed as gates, and
  /// the arithmetic of derivatives fused.
  package var rewritten: StepGraph { separatingProducts.cuttingSums.cuttingProducts.addingProducts.fusing }

  /// Removes products that only contribute to a cotangent of x or of the state from the graph: they run once for all rows after
  /// the step.
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

  /// The views through which each node is read; results count too.
  func readers() -> [[RowGraph.View]] {
    var readers = [[RowGraph.View]](repeating: [], count: rows.nodes.count)
    let live = live()
    for (i, node) in rows.nodes.enumerated() where live[i] {
      for view in RowGraph.operands(node.operation) where !view.isZero { readers[view.node].append(view) }
    }
    for value in results { for piece in value.pieces where !piece.isZero { readers[piece.node].append(piece) } }
    return readers
  }

  /// Which nodes contribute to a result.
  func live() -> [Bool] {
    var live = [Bool](repeating: false, count: rows.nodes.count)
    for value in results { for piece in value.pieces where !piece.isZero { live[piece.node] = true } }
    for i in rows.nodes.indices.reversed() where live[i] {
      for view in RowGraph.operands(rows.nodes[i].operation) where !view.isZero { live[view.node] = true }
    }
    return live
  }

  /// Rebuilds the graph node by node; `change` may replace a node.
  private func rebuilt(
    _ change: (
      _ i: Int, _ operation: RowGraph.Operation, _ graph: inout RowGraph, _ moved: (RowGraph.View) -> RowValue
    ) -> RowValue?
  ) -> StepGraph {
    var graph = RowGraph()
    var places = [RowValue?](repeating: nil, count: rows.nodes.count)
    let live = live()
    func moved(_ view: RowGraph.View) -> RowValue {
      if view.isZero { return RowValue([view]) }
      guard let place = places[view.node] else { stop("RowGraph: node \(view.node) is read before it is computed") }
      if view.isWide { return RowValue([place.part(view.start..<(view.start + 1)).pieces[0].repeated(view.count)]) }
      return place.part(view.start..<(view.start + view.count))
    }
    for (i, node) in rows.nodes.enumerated() where live[i] {
      let operation = RowGraph.replacing(node.operation) { graph.wholeOrNumber(moved($0)) }
      places[i] = change(i, operation, &graph, moved) ?? RowValue([graph.node(operation, width: node.width)])
    }
    return mapping(graph, moved)
  }

  /// Cuts sums of products that are read in parts into one sum per part, so that each part can be merged with its other terms.
  private var cuttingSums: StepGraph {
    let live = live()
    // First the products and the sums that contain some; then, from the last reader to the first, the parts in which each is
    // read.
    var holdsProduct = [Bool](repeating: false, count: rows.nodes.count)
    for (i, node) in rows.nodes.enumerated() where live[i] && !node.isBackward {
      switch node.operation {
      case .product: holdsProduct[i] = true
      case .binary(.addition, let x, let y):
        holdsProduct[i] = [x, y].contains { !$0.isZero && holdsProduct[$0.node] && $0.count == rows.nodes[$0.node].width }
      default: break
      }
    }
    var parts = [Set<Range<Int>>](repeating: [], count: rows.nodes.count)
    func read(_ view: RowGraph.View) { if !view.isZero { parts[view.node].insert(view.start..<(view.start + view.count)) } }
    for value in results { value.pieces.forEach(read) }
    func isCut(_ i: Int) -> Bool {
      guard holdsProduct[i], parts[i].count > 1, case .binary = rows.nodes[i].operation else { return false }
      let sorted = parts[i].sorted { $0.lowerBound < $1.lowerBound }
      return zip(sorted, sorted.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound }
        && sorted.first?.lowerBound == 0 && sorted.last?.upperBound == rows.nodes[i].width
    }
    var cut = [Bool](repeating: false, count: rows.nodes.count)
    for i in rows.nodes.indices.reversed() where live[i] {
      cut[i] = isCut(i)
      for view in RowGraph.operands(rows.nodes[i].operation) where !view.isZero {
        if cut[i] && !view.isWide && view.count == rows.nodes[i].width {
          for part in parts[i] { read(view.part(part)) }
        } else {
          read(view)
        }
      }
    }
    return rebuilt { i, _, graph, moved in
      guard cut[i], case .binary(let f, let x, let y) = rows.nodes[i].operation else { return nil }
      let width = rows.nodes[i].width
      return RowValue(
        parts[i].sorted { $0.lowerBound < $1.lowerBound }.map { part in
          let operands = [x, y].map { view in
            graph.wholeOrNumber(moved(view.isWide || view.isZero || view.count < width ? view : view.part(part)))
          }
          return graph.node(.binary(f, operands[0], operands[1]), width: part.count)
        })
    }
  }

  /// Cuts products that are read in parts into one product per part.
  private var cuttingProducts: StepGraph {
    let readers = readers()
    return rebuilt { i, operation, graph, _ in
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

  /// Merges products that are added to each other or to a parameter, and have no other reader, into one `affine` node.
  private var addingProducts: StepGraph {
    let readers = readers()
    /// The terms that a view contributes to a sum, if it is a product, or a sum of products, without another reader.
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
    return rebuilt { i, operation, graph, _ in
      switch operation {
      case .product(let row, let matrix, false, let columns):
        // Every product becomes a gate, alone or with others.
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

  /// Fuses g y (1 − y), g (1 − y²) and x y + z into one instruction each; g may be a product of two.
  private var fusing: StepGraph {
    let readers = readers()
    return rebuilt { i, operation, graph, _ in
      guard case .binary(let f, let x, let y) = operation, case .binary(_, let oldX, let oldY) = rows.nodes[i].operation else {
        return nil
      }
      let width = rows.nodes[i].width
      /// The factors of a product that has no other reader.
      func factors(_ view: RowGraph.View, _ old: RowGraph.View) -> (RowGraph.View, RowGraph.View)? {
        guard !view.isZero, case .binary(.multiplication, let a, let b) = graph.nodes[view.node].operation,
          readers[old.node].count == 1, view.count == graph.nodes[view.node].width, view.count == width
        else { return nil }
        return (a, b)
      }
      for (g, other, old) in [(x, y, oldX), (y, x, oldY)] {
        switch f {
        case .multiplication:
          guard let (slope, value) = graph.slope(other, of: g) else { continue }
          if let (a, b) = factors(g, old) {
            let both: TernaryOperation = slope == .sigmoidSlope ? .sigmoidSlope : .tanhSlope
            return RowValue([graph.node(.ternary(both, a, b, value), width: width)])
          }
          return RowValue([graph.node(.binary(slope, g, value), width: width)])
        case .addition:
          guard let (a, b) = factors(g, old) else { continue }
          return RowValue([graph.node(.ternary(.multiplyAdd, a, b, other), width: width)])
        default: return nil
        }
      }
      return nil
    }
  }
}

extension RowGraph {
  /// A row as an operand: one view, or a number where the whole row is zero.
  fileprivate mutating func wholeOrNumber(_ value: RowValue) -> View {
    let merged = value.merged
    if merged.pieces.count == 1 {
      let piece = merged.pieces[0]
      return piece.isZero ? node(.number(0), width: 1).repeated(piece.count) : piece
    }
    return whole(value)
  }

  /// y where d, a factor of a row g, is y (1 − y) or 1 − y².
  fileprivate func slope(_ d: View, of g: View) -> (BinaryOperation, View)? {
    guard !d.isZero, !g.isZero, d.count == nodes[d.node].width, d.count == g.count else { return nil }
    switch nodes[d.node].operation {
    case .binary(.multiplication, let y, let rest):
      if let inner = oneLess(rest), inner == y { return (.sigmoidSlope, y) }
      if let inner = oneLess(y), inner == rest { return (.sigmoidSlope, rest) }
      return nil
    case .binary(.subtraction, _, _):
      guard let square = oneLess(d), !square.isZero, square.count == nodes[square.node].width,
        case .unary(.square, let y, _, _) = nodes[square.node].operation
      else { return nil }
      return (.tanhSlope, y)
    default: return nil
    }
  }

  /// y where a view is 1 − y.
  private func oneLess(_ view: View) -> View? {
    guard !view.isZero, view.count == nodes[view.node].width,
      case .binary(.subtraction, let one, let y) = nodes[view.node].operation, number(one) == 1, !y.isZero
    else { return nil }
    return y
  }
}
