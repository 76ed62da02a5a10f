import Testing
import UnrollArrays
import UnrollAutograd

/// A public operation as the generic tests see it: a function, where to look at it, and what it allows.
struct OperationRow: Sendable, CustomTestStringConvertible {
  /// The name of the Swift function, and what distinguishes this row from others of it.
  let name: String
  let draws: [Draw]
  /// Shapes without elements that the inputs may have; nil where the operation wants some.
  let empty: [Shape]?
  /// Whether the derivative is zero wherever there is one.
  let isFlat: Bool
  let function: @Sendable ([Tensor]) -> [Tensor]

  var testDescription: String { name }

  /// The name of the Swift function alone.
  var baseName: String { String(name.prefix { $0 != " " }) }

  init(
    _ name: String, _ draws: [Draw], empty: [Shape]? = nil, isFlat: Bool = false,
    _ function: @escaping @Sendable ([Tensor]) -> [Tensor]
  ) {
    self.name = name
    self.draws = draws
    self.empty = empty
    self.isFlat = isFlat
    self.function = function
  }

  /// Every element on its own.
  static func elements(
    _ name: String, _ range: Range<Double>, kinks: [Double] = [], isFlat: Bool = false,
    _ f: @escaping @Sendable (Tensor) -> Tensor
  ) -> OperationRow {
    OperationRow(name, [Draw([3, 4], range, kinks: kinks)], empty: [[0, 3]], isFlat: isFlat) { [f($0[0])] }
  }

  /// Pairs of elements, broadcast.
  static func pairs(
    _ name: String, _ first: Range<Double>, _ second: Range<Double>, _ f: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) -> OperationRow {
    OperationRow(name, [Draw([2, 3, 4], first), Draw([3, 1], second)], empty: [[0, 3, 4], [3, 1]]) { [f($0[0], $0[1])] }
  }

  /// One tensor in, one out.
  static func one(
    _ name: String, _ draw: Draw, empty: Shape? = nil, _ f: @escaping @Sendable (Tensor) -> Tensor
  ) -> OperationRow {
    OperationRow(name, [draw], empty: empty.map { [$0] }) { [f($0[0])] }
  }

  /// Two tensors in, one out.
  static func two(
    _ name: String, _ first: Draw, _ second: Draw, empty: [Shape]? = nil, _ f: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) -> OperationRow {
    OperationRow(name, [first, second], empty: empty) { [f($0[0], $0[1])] }
  }
}

/// Where the elements of an input lie.
struct Draw: Sendable {
  let shape: Shape
  let range: Range<Double>
  /// Numbers that elements keep away from, because the function is not smooth there.
  let kinks: [Double]
  /// Whether all elements are far from each other.
  let isSpaced: Bool

  init(_ shape: Shape, _ range: Range<Double> = -2..<2, kinks: [Double] = [], isSpaced: Bool = false) {
    self.shape = shape
    self.range = range
    self.kinks = kinks
    self.isSpaced = isSpaced
  }

  /// Numbers that float32 holds, as float64.
  func tensor(_ generator: inout Generator) -> Tensor {
    let width = range.upperBound - range.lowerBound
    var numbers: [Float]
    if isSpaced {
      numbers = (0..<shape.elementCount).map { Float(range.lowerBound + width * Double($0) / Double(shape.elementCount)) }
      generator.shuffle(&numbers)
    } else {
      numbers = NDArray.uniform([shape.elementCount], in: range, .float32, using: &generator).scalars()
    }
    for i in numbers.indices where kinks.contains(where: { abs(Double(numbers[i]) - $0) < 0.05 }) { numbers[i] += 0.1 }
    return Tensor(numbers.map { Double($0) }, shape: shape)
  }
}

/// A row at a place: inputs, directions for them, and cotangents of the results, always the same ones.
struct Place {
  var row: OperationRow
  var inputs: [Tensor]
  var directions: [Tensor]
  var cotangents: [Tensor]

  init(_ row: OperationRow) {
    self.row = row
    var generator = Generator(seed: 7)
    inputs = row.draws.map { $0.tensor(&generator) }
    directions = inputs.map { Draw($0.shape, -1..<1).tensor(&generator) }
    cotangents = row.function(inputs).map { Draw($0.shape, -1..<1).tensor(&generator) }
  }

  func pulled() -> [Tensor] { pullback(at: inputs, of: row.function).pullback(cotangents) }
  func pushed() -> [Tensor] { tangent(at: inputs, along: directions, of: row.function).tangent }

  /// All tensors of the place changed in the same way.
  func mapped(_ change: (Tensor) -> Tensor) -> Place {
    var place = self
    place.inputs = inputs.map(change)
    place.directions = directions.map(change)
    place.cotangents = cotangents.map(change)
    return place
  }
}
