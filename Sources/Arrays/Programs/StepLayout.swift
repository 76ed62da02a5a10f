internal import UnrollKernelTemplates

/// The location of a node's rows.
struct Place: Hashable, Sendable {
  /// The memory, an index: see `Memory`.
  var memory: Int
  /// Elements from the beginning of a row.
  var offset: Int
  /// Elements from one row to the next; 0 where all rows share one.
  var pitch: Int
}

/// The memories that a step's instructions use, by number: first the fixed ones, then three for each part of the state, then
/// the draws, and the cotangents that are reported.
enum Memory {
  /// The gates that products write, and the values that forward keeps for backward: one record for each row of each step.
  static let record = 0
  /// Intermediate rows of a block.
  static let scratch = 1
  /// Parameters and constants.
  static let parameters = 2
  /// The cotangents of products: one record for each row of each step.
  static let cotangents = 3
  /// Sums over rows for the cotangents of parameters.
  static let sums = 4
  static let x = 5
  static let byInput = 6
  static let first = 7
  static func before(_ part: Int) -> Int { first + 3 * part }
  static func after(_ part: Int) -> Int { first + 3 * part + 1 }
  /// The cotangent of a part of the state, in the backward pass.
  static func byState(_ part: Int) -> Int { first + 3 * part + 2 }
  static func draw(_ index: Int, parts: Int) -> Int { first + 3 * parts + index }
  /// The total cotangent of a part of the state after the step, where it is requested.
  static func byNext(_ part: Int, parts: Int, draws: Int) -> Int { first + 3 * parts + draws + part }
}

/// The pitch of rows of `count` elements that begin on a cache line. It is not a multiple of 1 KB (of float32), since rows at
/// such distances share few sets of a cache.
func spreadWidth(_ count: Int) -> Int {
  let line = 16
  let whole = ((count - 1) / line + 1) * line
  return whole % (16 * line) == 0 ? whole + line : whole
}
