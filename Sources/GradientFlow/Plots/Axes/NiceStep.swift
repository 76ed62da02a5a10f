/// A step of 1, 2 or 5 times a power of ten.
struct NiceStep: Equatable {
  let digit: Int
  let exponent: Int

  /// The smallest nice step that divides a span into at most `parts` parts.
  init(span: Double, atMost parts: Int) {
    let least = span / Double(max(parts, 1))
    var exponent = decimalExponent(least)
    var digit = 10
    for candidate in [1, 2, 5] where Numeral(candidate, exponent: exponent).value >= least * (1 - 1e-12) {
      digit = candidate
      break
    }
    if digit == 10 { (digit, exponent) = (1, exponent + 1) }
    self.digit = digit
    self.exponent = exponent
  }

  private var size: Double { Numeral(digit, exponent: exponent).value }

  /// The multiples within an extent; a multiple that lies on an end up to rounding is included.
  func multiples(in extent: Extent) -> [Numeral] {
    let first = Int((extent.lower / size - 1e-9).rounded(.up))
    let last = Int((extent.upper / size + 1e-9).rounded(.down))
    return first > last ? [] : (first...last).map { Numeral($0 * digit, exponent: exponent) }
  }

  /// The multiples from the last one at or below an extent to the first one at or above it; at least two.
  func multiples(around extent: Extent) -> [Numeral] {
    let first = Int((extent.lower / size).rounded(.down))
    let last = max(first + 1, Int((extent.upper / size).rounded(.up)))
    return (first...last).map { Numeral($0 * digit, exponent: exponent) }
  }
}
