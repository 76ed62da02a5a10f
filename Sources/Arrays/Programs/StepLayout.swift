internal import UnrollKernelTemplates

/// Where the rows of a step lie.
struct Place: Hashable, Sendable {
  /// Which memory: see `Memory`.
  var memory: Int
  /// Elements from the beginning of a row.
  var offset: Int
  /// Elements from one row to the next; 0 where all rows share one.
  var pitch: Int
}

/// The memories that a step's instructions name, as numbers: first the fixed ones, then those of x, of the parts of the state and of the
/// draws.
enum Memory {
  /// What products leave, and what forward keeps for backward: a record for each row of each step.
  static let record = 0
  /// Intermediate rows of a block.
  static let scratch = 1
  /// Parameters and constants.
  static let parameters = 2
  /// The cotangents of products: a record for each row of each step.
  static let cotangents = 3
  /// Sums over rows for parameters' cotangents.
  static let sums = 4
  static let x = 5
  static let byInput = 6
  static let first = 7
  static func before(_ part: Int) -> Int { first + 3 * part }
  static func after(_ part: Int) -> Int { first + 3 * part + 1 }
  /// The cotangent of a part of the state on its way back.
  static func byState(_ part: Int) -> Int { first + 3 * part + 2 }
  static func draw(_ index: Int, parts: Int) -> Int { first + 3 * parts + index }
  /// The whole cotangent of a part of the state after the step, where somebody asks for it.
  static func byNext(_ part: Int, parts: Int, draws: Int) -> Int { first + 3 * parts + draws + part }
}

/// The width of rows that hold so many elements, begin with a line of the cache, and do not lie a multiple of 1 KB apart, where
/// neighbours would meet in few of the cache's places.
func spreadWidth(_ count: Int) -> Int {
  let line = 16
  let whole = ((count - 1) / line + 1) * line
  return whole % (16 * line) == 0 ? whole + line : whole
}
