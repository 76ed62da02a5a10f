internal import UnrollNetworks

extension Record {
  /// The part of that name as a number of things that were counted: one that can still grow.
  func count(_ part: String) throws(LoadingError) -> Int {
    let count: Int = try value(part)
    if !Checkpoint.steps.contains(count) { throw unfit("\(count) is not a count from 0 to 2⁵³", part) }
    return count
  }
}
