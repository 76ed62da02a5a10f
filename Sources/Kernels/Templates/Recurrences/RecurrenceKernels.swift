/// Linear recurrences over time at one width: h_t = a_t h_{t−1} + b_t, for each column of its own.
///
/// Each sequence is read and written once. Time is the outer loop, so that memory is passed in the order of the rows, and the
/// state, which is the row of the step before, is in a near cache as long as the caller gives few thousand columns at a time.
public struct RecurrenceKernels: Sendable {
  /// h from a and b. The step before the first is `before`; nil is zero.
  public typealias Forward =
    @Sendable (
      _ extent: RecurrenceExtent, _ a: RecurrencePlace, _ b: RecurrencePlace, _ before: RecurrencePlace?, _ h: RecurrencePlace
    ) -> Void

  /// The cotangents of some steps, the last first: ĝ_t = g_t + ā_{t+1} ĝ_{t+1}, which is that of b_t, and ĝ_t h̄_{t−1}, that of
  /// a_t, which is added to its place if that is the same for all steps.
  public typealias Backward =
    @Sendable (
      _ extent: RecurrenceExtent, _ steps: Range<Int>, _ a: RecurrencePlace, _ h: RecurrencePlace, _ before: RecurrencePlace?,
      _ g: RecurrencePlace, _ byA: RecurrencePlace, _ byB: RecurrencePlace
    ) -> Void

  public let forward: Forward
  public let backward: Backward
  /// The same for complex numbers, whose imaginary parts lie `extent.imaginary` behind their real parts.
  public let complexForward: Forward
  public let complexBackward: Backward

  @inlinable @inline(__always)
  public init<V: Vector>(_: V.Type) {
    forward = { extent, a, b, before, h in recur(RealRecurrence<V>.self, extent, a, b, before, h) }
    complexForward = { extent, a, b, before, h in recur(ComplexRecurrence<V>.self, extent, a, b, before, h) }
    backward = { extent, steps, a, h, before, g, byA, byB in
      recurBack(RealRecurrence<V>.self, extent, steps, a, h, before, g, byA, byB)
    }
    complexBackward = { extent, steps, a, h, before, g, byA, byB in
      recurBack(ComplexRecurrence<V>.self, extent, steps, a, h, before, g, byA, byB)
    }
  }
}

/// The size of a recurrence.
@frozen
public struct RecurrenceExtent: Sendable {
  public var steps: Int
  public var rows: Int
  public var columns: Int
  /// The distance from a real part to its imaginary part, in elements.
  public var imaginary: Int
  /// Whether a is conjugated.
  public var conjugates: Bool

  @inlinable
  public init(steps: Int, rows: Int, columns: Int, imaginary: Int = 0, conjugates: Bool = false) {
    self.steps = steps
    self.rows = rows
    self.columns = columns
    self.imaginary = imaginary
    self.conjugates = conjugates
  }
}

/// A sequence in memory: the first row of the first step, and the distances of steps, rows and columns in elements, which are 0
/// where one serves all.
@frozen
public struct RecurrencePlace {
  public var start: UnsafeMutableRawPointer
  public var time: Int
  public var row: Int
  public var column: Int

  @inlinable
  public init(_ start: UnsafeMutableRawPointer, time: Int, row: Int, column: Int = 1) {
    self.start = start
    self.time = time
    self.row = row
    self.column = column
  }

  @inlinable @inline(__always)
  func address<Scalar>(_ step: Int, _ row: Int, _: Scalar.Type) -> UnsafeMutablePointer<Scalar> {
    start.assumingMemoryBound(to: Scalar.self) + (step &* time &+ row &* self.row)
  }
}

/// One row of a recurrence, forward and back.
public protocol RecurrenceArithmetic: SendableMetatype {
  associatedtype Width: Vector
  typealias Row = UnsafeMutablePointer<Width.Scalar>

  /// h ← a · before + b; a missing `before` is zero.
  static func advance(_ extent: RecurrenceExtent, _ a: Row, _ column: Int, _ before: Row?, _ b: Row, _ h: Row)

  /// byB ← g + ā · after, where the step after has the coefficient a, and byA ← byB · h̄, or its sum with byA.
  static func retreat(
    _ extent: RecurrenceExtent, _ a: Row, _ column: Int, _ after: Row?, _ h: Row?, _ g: Row, _ byA: Row, _ adds: Bool,
    _ byB: Row)
}

@inlinable @inline(__always)
func recur<R: RecurrenceArithmetic>(
  _: R.Type, _ extent: RecurrenceExtent, _ a: RecurrencePlace, _ b: RecurrencePlace, _ before: RecurrencePlace?,
  _ h: RecurrencePlace
) {
  let type = R.Width.Scalar.self
  var t = 0
  while t < extent.steps {
    var row = 0
    while row < extent.rows {
      let last = t > 0 ? h.address(t &- 1, row, type) : before.map { $0.address(0, row, type) }
      R.advance(extent, a.address(t, row, type), a.column, last, b.address(t, row, type), h.address(t, row, type))
      row &+= 1
    }
    t &+= 1
  }
}

@inlinable @inline(__always)
func recurBack<R: RecurrenceArithmetic>(
  _: R.Type, _ extent: RecurrenceExtent, _ steps: Range<Int>, _ a: RecurrencePlace, _ h: RecurrencePlace,
  _ before: RecurrencePlace?, _ g: RecurrencePlace, _ byA: RecurrencePlace, _ byB: RecurrencePlace
) {
  let type = R.Width.Scalar.self
  var t = steps.upperBound
  while t > steps.lowerBound {
    t &-= 1
    var row = 0
    while row < extent.rows {
      let after = t &+ 1 < extent.steps ? byB.address(t &+ 1, row, type) : nil
      let last = t > 0 ? h.address(t &- 1, row, type) : before.map { $0.address(0, row, type) }
      R.retreat(
        extent, a.address(t &+ 1, row, type), a.column, after, last, g.address(t, row, type), byA.address(t, row, type),
        byA.time == 0, byB.address(t, row, type))
      row &+= 1
    }
  }
}
