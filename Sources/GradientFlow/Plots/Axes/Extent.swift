/// The range of some numbers, from the smallest to the largest; initially empty.
struct Extent: Hashable {
  var lower = Double.infinity
  var upper = -Double.infinity

  /// Numbers of larger magnitude are drawn as infinite, because differences between them could overflow.
  static let limit = 1e300

  var isEmpty: Bool { lower > upper }

  mutating func include(_ value: Double) {
    lower = min(lower, value)
    upper = max(upper, value)
  }

  mutating func include(_ other: Extent) {
    lower = min(lower, other.lower)
    upper = max(upper, other.upper)
  }

  /// The extent with a margin at both ends: a share of its length, with a minimum for an extent of almost no length.
  func widened(by share: Double) -> Extent {
    if isEmpty { return Extent(lower: 0, upper: 1) }
    let middle = lower + (upper - lower) / 2
    let least = max(middle.magnitude * 1e-9, 1e-290)
    if upper - lower < least {
      let half = middle.magnitude < 1e-280 ? 0.5 : middle.magnitude * 0.05
      return Extent(lower: middle - half, upper: middle + half)
    }
    let room = (upper - lower) * share
    return Extent(lower: lower - room, upper: upper + room)
  }
}
