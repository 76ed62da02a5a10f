internal import UnrollKernelTemplates

// Arithmetic of arrays. Shapes broadcast as in NumPy (aligned at the last axis, extents of 1 are stretched); element types
// never mix. Division by zero and overflow give infinities and NaN, as in IEEE 754.
extension NDArray {
  /// The sums of corresponding elements; shapes broadcast: `[2, 3]` and `[3]` give `[2, 3]`.
  package static func + (x: NDArray, y: NDArray) -> NDArray { combined(.addition, x, y) }

  /// The differences of corresponding elements; shapes broadcast: `[2, 3]` and `[2, 1]` give `[2, 3]`.
  package static func - (x: NDArray, y: NDArray) -> NDArray { combined(.subtraction, x, y) }

  /// The products of corresponding elements; shapes broadcast: `[2, 3]` and `[3]` give `[2, 3]`.
  package static func * (x: NDArray, y: NDArray) -> NDArray { combined(.multiplication, x, y) }

  /// The quotients of corresponding elements; shapes broadcast: `[2, 3]` and `[2, 1]` give `[2, 3]`.
  package static func / (x: NDArray, y: NDArray) -> NDArray { combined(.division, x, y) }

  /// The elements with their signs flipped; the same shape.
  package static prefix func - (x: NDArray) -> NDArray { x.mapped(.negation) }

  /// A number added to every element; the same shape.
  package static func + (x: NDArray, number: Double) -> NDArray { x.combined(.addition, number) }

  /// A number added to every element; the same shape.
  package static func + (number: Double, x: NDArray) -> NDArray { x.combined(.addition, number) }

  /// A number taken from every element; the same shape.
  package static func - (x: NDArray, number: Double) -> NDArray { x.combined(.subtraction, number) }

  /// Every element taken from a number; the same shape.
  package static func - (number: Double, x: NDArray) -> NDArray { x.combined(.subtraction, number, reversed: true) }

  /// Every element multiplied by a number; the same shape.
  package static func * (x: NDArray, number: Double) -> NDArray { x.combined(.multiplication, number) }

  /// Every element multiplied by a number; the same shape.
  package static func * (number: Double, x: NDArray) -> NDArray { x.combined(.multiplication, number) }

  /// Every element divided by a number; the same shape.
  package static func / (x: NDArray, number: Double) -> NDArray { x.combined(.division, number) }

  /// A number divided by every element; the same shape.
  package static func / (number: Double, x: NDArray) -> NDArray { x.combined(.division, number, reversed: true) }
}

extension NDArray {
  /// Adds to each element, in place where the storage is uniquely referenced; the shape must not change: `[2, 3] += [3]`.
  package static func += (x: inout NDArray, y: NDArray) { combine(.addition, into: &x, y) }

  /// Subtracts from each element, in place where the storage is uniquely referenced; the shape must not change.
  package static func -= (x: inout NDArray, y: NDArray) { combine(.subtraction, into: &x, y) }

  /// Multiplies each element, in place where the storage is uniquely referenced; the shape must not change.
  package static func *= (x: inout NDArray, y: NDArray) { combine(.multiplication, into: &x, y) }

  /// Divides each element, in place where the storage is uniquely referenced; the shape must not change.
  package static func /= (x: inout NDArray, y: NDArray) { combine(.division, into: &x, y) }

  /// Adds a number to each element, in place where the storage is uniquely referenced.
  package static func += (x: inout NDArray, number: Double) { x.combine(.addition, number) }

  /// Subtracts a number from each element, in place where the storage is uniquely referenced.
  package static func -= (x: inout NDArray, number: Double) { x.combine(.subtraction, number) }

  /// Multiplies each element by a number, in place where the storage is uniquely referenced.
  package static func *= (x: inout NDArray, number: Double) { x.combine(.multiplication, number) }

  /// Divides each element by a number, in place where the storage is uniquely referenced.
  package static func /= (x: inout NDArray, number: Double) { x.combine(.division, number) }
}
