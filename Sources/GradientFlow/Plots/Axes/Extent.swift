/// From the least to the greatest of some numbers; at first it holds none.
struct Extent: Hashable {
  var lower = Double.infinity
  var upper = -Double.infinity

  /// Numbers of a larger magnitude are drawn as infinite ones are: the differences between them may overflow.
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

  /// An extent with room at both ends: a share of its length, and enough where there is hardly any length.
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
