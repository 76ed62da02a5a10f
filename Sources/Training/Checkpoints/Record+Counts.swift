internal import UnrollNetworks

extension Record {
  /// The count with the given name, which must be in the range of steps so that it can be incremented.
  func count(_ part: String) throws(LoadingError) -> Int {
    let count: Int = try value(part)
    if !Checkpoint.steps.contains(count) { throw unfit("\(count) is not a count from 0 to 2⁵³", part) }
    return count
  }
}
