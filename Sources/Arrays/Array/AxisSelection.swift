/// The selection of a subscript along one axis: a position, a range with a step, or everything; or a new axis, or all axes in
/// between.
///
/// Integers and ranges can be written directly. Negative positions count from the end, and ranges are clamped to the axis:
///
///     let x = Tensor.range(24).reshaped([2, 3, 4])
///     x[0]                    // [3, 4]
///     x[.rest, -1]            // [2, 3]: the last of the last axis
///     x[.all, 1...]           // [2, 2, 4]
///     x[.all, .all, .every(2)]  // [2, 3, 2]
///     x[.all, .every(-1)]     // the second axis reversed
///     x[.new]                 // [1, 2, 3, 4]
public enum AxisSelection: Sendable, Equatable {
  /// One position; the axis is removed.
  case index(Int)
  /// Every `step`-th position from `start` up to, not including, `end`; nil extends to the end in that direction.
  case range(start: Int?, end: Int?, step: Int)
  /// A new axis of extent one.
  case newAxis
  /// All axes that the other selections do not name.
  case others
}

/// A value that a subscript accepts for an axis.
public protocol AxisSelector {
  /// Its selection along the axis.
  var selection: AxisSelection { get }
}

extension AxisSelection: AxisSelector {
  /// Itself.
  public var selection: AxisSelection { self }
}

extension AxisSelector where Self == AxisSelection {
  /// The whole axis.
  public static var all: AxisSelection { .range(start: nil, end: nil, step: 1) }
  /// A new axis of extent one.
  public static var new: AxisSelection { .newAxis }
  /// All axes that the other selections do not name.
  public static var rest: AxisSelection { .others }

  /// Every `step`-th position, from `start` up to `end` where given; a negative step runs backwards.
  public static func every(_ step: Int, from start: Int? = nil, to end: Int? = nil) -> AxisSelection {
    .range(start: start, end: end, step: step)
  }
}

extension Int: AxisSelector {
  /// One position, whose axis is removed; negative ones count from the end.
  public var selection: AxisSelection { .index(self) }
}

extension Range<Int>: AxisSelector {
  /// The positions of the range.
  public var selection: AxisSelection { .range(start: lowerBound, end: upperBound, step: 1) }
}

extension ClosedRange<Int>: AxisSelector {
  /// The positions of the range.
  public var selection: AxisSelection { .range(start: lowerBound, end: behind(upperBound), step: 1) }
}

extension PartialRangeFrom<Int>: AxisSelector {
  /// The positions of the range.
  public var selection: AxisSelection { .range(start: lowerBound, end: nil, step: 1) }
}

extension PartialRangeUpTo<Int>: AxisSelector {
  /// The positions of the range.
  public var selection: AxisSelection { .range(start: nil, end: upperBound, step: 1) }
}

extension PartialRangeThrough<Int>: AxisSelector {
  /// The positions of the range.
  public var selection: AxisSelection { .range(start: nil, end: behind(upperBound), step: 1) }
}

/// The end of a closed range as that of a half-open range: nil after the last position.
private func behind(_ position: Int) -> Int? { position == -1 || position == .max ? nil : position + 1 }
