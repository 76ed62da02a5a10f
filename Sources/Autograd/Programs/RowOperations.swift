internal import UnrollArrays
internal import UnrollKernelTemplates

// The meaning of operations on rows. Only these operations can become part of a program; all others run step by step.

extension ElementFunction: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    switch rows.meaning(entry.inputs[0]) {
    case .row(let x)?: .row(rows.graph.unary(function, x, a, b))
    case .column(let x)?: .column(rows.graph.unary(function, x, a, b))
    default: nil
    }
  }
}

extension Negation: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    switch rows.meaning(entry.inputs[0]) {
    case .row(let x)?: .row(rows.graph.unary(.negation, x))
    case .column(let x)?: .column(rows.graph.unary(.negation, x))
    case .sum(let x)?: .sum(rows.graph.unary(.negation, x))
    default: nil
    }
  }
}

extension Quotient: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    guard let x = rows.row(entry.inputs[0]) else { return nil }
    let number = rows.graph.number(number)
    return rows.graph.binary(.division, number, x).map { .row($0) }
  }
}

// MARK: Arithmetic of two

/// A function of pairs of elements that has a kernel.
protocol RowPairFunction: RowOperation {
  var pairFunction: BinaryOperation { get }
}

extension RowPairFunction {
  package func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    let (x, y) = (rows.meaning(entry.inputs[0]), rows.meaning(entry.inputs[1]))
    switch (x, y) {
    case (.row(let x)?, .row(let y)?):
      // A row of one number is broadcast to the width of the other.
      return rows.graph.binary(pairFunction, x, y).map { .row($0) }
    case (.column(let x)?, .column(let y)?):
      return rows.graph.binary(pairFunction, x, y).map { .column($0) }
    case (.sum(let x)?, .sum(let y)?) where pairFunction == .addition:
      return rows.graph.binary(.addition, x, y).map { .sum($0) }
    case (.outer(let x)?, .outer(let y)?) where pairFunction == .addition: return .outer(x + y)
    default: return nil
    }
  }
}

extension Sum: RowPairFunction { var pairFunction: BinaryOperation { .addition } }
extension Difference: RowPairFunction { var pairFunction: BinaryOperation { .subtraction } }
extension Multiplication: RowPairFunction { var pairFunction: BinaryOperation { .multiplication } }
extension Division: RowPairFunction { var pairFunction: BinaryOperation { .division } }
extension Extremum: RowPairFunction { var pairFunction: BinaryOperation { isMaximum ? .maximum : .minimum } }
extension Power: RowPairFunction { var pairFunction: BinaryOperation { .power } }

/// Arithmetic with a constant number.
protocol RowNumberFunction: RowOperation {
  var numberFunction: (function: BinaryOperation, number: Double) { get }
}

extension RowNumberFunction {
  package func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    let (f, number) = numberFunction
    let operand = rows.graph.number(number)
    switch rows.meaning(entry.inputs[0]) {
    case .row(let x)?: return rows.graph.binary(f, x, operand).map { .row($0) }
    case .column(let x)?: return rows.graph.binary(f, x, operand).map { .column($0) }
    case .sum(let x)? where f != .addition: return rows.graph.binary(f, x, operand).map { .sum($0) }
    default: return nil
    }
  }
}

extension Shift: RowNumberFunction { var numberFunction: (function: BinaryOperation, number: Double) { (.addition, number) } }
extension Scaling: RowNumberFunction {
  var numberFunction: (function: BinaryOperation, number: Double) { (.multiplication, number) }
}
extension ScalingByQuotient: RowNumberFunction {
  var numberFunction: (function: BinaryOperation, number: Double) { (.division, number) }
}
extension PowerByNumber: RowOperation {
  /// Uses the same kernels as arrays do.
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    guard let x = rows.row(entry.inputs[0]) else { return nil }
    switch exponent {
    case 2: return .row(rows.graph.unary(.square, x))
    case -1: return .row(rows.graph.unary(.reciprocal, x))
    default:
      let number = rows.graph.number(exponent)
      return rows.graph.binary(.power, x, number).map { .row($0) }
    }
  }
}

// MARK: Views

extension Slicing: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    guard case .row(let x)? = rows.meaning(entry.inputs[0]), let range = rowRange(entry.inputs[0].shape) else { return nil }
    return .row(x.part(range))
  }

  /// The columns that are taken of a row, if nothing else is selected.
  private func rowRange(_ shape: Shape) -> Range<Int>? { columns(selections, shape) }
}

/// The columns that selections take of every row; nil if they select anything else.
private func columns(_ selections: [AxisSelection], _ shape: Shape) -> Range<Int>? {
  guard shape.count > 0, selections.count == shape.count else { return nil }
  for selection in selections.dropLast() {
    guard case .range(nil, nil, 1) = selection else { return nil }
  }
  guard case .range(let start, let end, 1)? = selections.last else { return nil }
  let extent = shape[shape.count - 1]
  func position(_ i: Int) -> Int { min(max(i < 0 ? i + extent : i, 0), extent) }
  let (first, last) = (position(start ?? 0), position(end ?? extent))
  return first < last ? first..<last : nil
}

extension Placing: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    guard let range = columns(selections, shape) else { return nil }
    let width = shape[shape.count - 1]
    switch rows.meaning(entry.inputs[0]) {
    case .row(let x)? where x.width == range.count: return .row(x.placed(range.lowerBound, in: width))
    case .sum(let x)? where x.width == range.count: return .sum(x.placed(range.lowerBound, in: width))
    case .outer(let terms)?:
      return .outer(terms.map { ($0.left, $0.right.placed(range.lowerBound, in: width)) })
    default: return nil
    }
  }
}

extension Concatenation: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    guard axis == entry.outputs[0].rank - 1 else { return nil }
    var parts: [RowValue] = []
    for input in entry.inputs {
      guard let part = rows.row(input), part.width == input.shape[input.rank - 1] else { return nil }
      parts.append(part)
    }
    return .row(.joined(parts))
  }
}

extension Broadcasting: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    guard let width = shape.last, shape.count <= 2, let x = rows.row(entry.inputs[0]) else { return nil }
    if x.width == width { return .row(x) }
    guard x.width == 1, let piece = x.pieces.first else { return nil }
    return .row(RowValue([piece.wide(width)]))
  }
}

extension Reshaping: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    let from = entry.inputs[0].shape
    switch rows.meaning(entry.inputs[0]) {
    case .column(let x)? where shape == [rows.rowCount, 1]: return .row(x)
    case .row(let x)? where shape == [rows.rowCount] && from == [rows.rowCount, 1]: return .column(x)
    // The same row with another number of leading axes of extent one.
    case .row(let x)? where shape.last == from.last && shape.elementCount == from.elementCount && shape.count <= 2:
      return .row(x)
    case .row(let x)? where shape.elementCount == 1: return .row(x)
    case .sum(let x)?: return .sum(x)
    default: return nil
    }
  }
}

extension Permutation: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    guard entry.inputs[0].rank == 2, order.map({ $0 < 0 ? $0 + 2 : $0 }) == [1, 0] else { return nil }
    switch rows.meaning(entry.inputs[0]) {
    case .matrix(let i, let isTransposed)?: return .matrix(i, isTransposed: !isTransposed)
    case .row(let x)?: return .turned(x)
    default: return nil
    }
  }
}

// MARK: Sums

extension SumAlong: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    sumOfRow(entry, along, 1, &rows)
  }
}

extension MeanAlong: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    sumOfRow(entry, along, Double(along.length(entry.inputs[0].shape)), &rows)
  }
}

private func sumOfRow(
  _ entry: Trace.Entry, _ along: ReducedAxes, _ divisor: Double, _ rows: inout RowTranslation
) -> RowMeaning? {
  let shape = entry.inputs[0].shape
  guard shape.count == 2, case .row(let x)? = rows.meaning(entry.inputs[0]) else { return nil }
  let axes = Set(along.axes.isEmpty ? [0, 1] : along.axes.map { $0 < 0 ? $0 + 2 : $0 })
  // A sum over rows is the cotangent of a value shared by all rows. Only a plain sum is one, not a mean.
  if axes.contains(0) {
    guard shape[0] == rows.rowCount, divisor == 1 else { return nil }
    return .sum(axes.contains(1) && x.width > 1 ? rows.graph.sum(x) : x)
  }
  guard axes == [1], x.width == shape[1] else { return nil }
  let sum = rows.graph.sum(x)
  let number = rows.graph.number(divisor)
  guard let result = rows.graph.binary(.division, sum, number) else { return nil }
  return along.keepsAxes ? .row(result) : .column(result)
}

extension Hook: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? { rows.meaning(entry.inputs[0]) }
}

extension Detachment: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? { rows.meaning(entry.inputs[0]) }
}

// MARK: Products

extension MatrixProduct: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    switch (rows.meaning(entry.inputs[0]), rows.meaning(entry.inputs[1])) {
    case (.row(let x)?, .matrix(let matrix, let isTransposed)?):
      return .row(rows.graph.product(x, matrix: matrix, isTransposed: isTransposed, width: entry.outputs[0].shape[1]))
    case (.turned(let left)?, .row(let right)?): return .outer([(RowValue([rows.graph.whole(left)]), right)])
    default: return nil
    }
  }
}

extension Affine: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    guard case .row(let x)? = rows.meaning(entry.inputs[0]),
      case .matrix(let matrix, false)? = rows.meaning(entry.inputs[1]), let bias = rows.row(entry.inputs[2])
    else { return nil }
    let product = rows.graph.product(x, matrix: matrix, isTransposed: false, width: entry.outputs[0].shape[1])
    return rows.graph.binary(.addition, product, bias).map { .row($0) }
  }
}

// MARK: Normalisation

extension LayerNormalization: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    guard let x = rows.row(entry.inputs[0]), x.width == entry.inputs[0].shape.last else { return nil }
    var result = rows.graph.normalized(x, epsilon)
    for (index, f) in zip(
      1..., [hasScale ? BinaryOperation.multiplication : nil, hasShift ? .addition : nil].compactMap { $0 })
    {
      guard let operand = rows.row(entry.inputs[index]), let next = rows.graph.binary(f, result, operand) else { return nil }
      result = next
    }
    return .row(result)
  }
}

extension NormalizationCotangent: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    guard let x = rows.row(entry.inputs[0]), x.width == entry.inputs[0].shape.last, let g = rows.row(entry.inputs[1]) else {
      return nil
    }
    return .row(rows.graph.normalizationBack(x, epsilon, g))
  }
}

extension Softmax: RowOperation {
  func translated(_ entry: Trace.Entry, _ rows: inout RowTranslation) -> RowMeaning? {
    let shape = entry.inputs[0].shape
    guard shape.count == 2, axis == 1 || axis == -1, let x = rows.row(entry.inputs[0]), x.width == shape[1] else { return nil }
    let largest = rows.graph.maximum(x)
    guard let below = rows.graph.binary(.subtraction, x, largest) else { return nil }
    let powers = rows.graph.unary(.exp, below)
    let total = rows.graph.sum(powers)
    return rows.graph.binary(.division, powers, total).map { .row($0) }
  }
}
