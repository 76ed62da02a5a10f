/// The common format of an array's numbers, which aligns their decimal points.
struct NumberFormat {
  enum Style: Equatable {
    /// Whole numbers: digits and a point.
    case whole
    /// Digits after the point.
    case decimals(Int)
    /// One digit, so many after the point, and an exponent.
    case scientific(Int)
  }

  var style: Style

  /// The largest number of digits after the point.
  static let precision = 4

  /// The most readable style for these numbers. Scientific where the largest is 10⁸ or more, the smallest below 10⁻⁴, or the
  /// largest more than a thousand times the smallest; whole where all are whole; else with as few decimals, at most four, as
  /// show all of them.
  init(_ numbers: [DecimalNumber]) {
    let finite = numbers.filter { $0.isFinite && !$0.isZero }
    guard let largest = finite.map(\.exponent).max(), let smallest = finite.map(\.exponent).min() else {
      style = .whole
      return
    }
    let isWhole = finite.allSatisfy { $0.digits.count <= $0.exponent + 1 }
    if largest >= 8 || smallest < -4 || (!isWhole && NumberFormat.spans(finite)) {
      style = .scientific(min(NumberFormat.precision, finite.map { $0.digits.count - 1 }.max() ?? 0))
    } else if isWhole {
      style = .whole
    } else {
      style = .decimals(min(NumberFormat.precision, finite.map { $0.digits.count - 1 - $0.exponent }.max() ?? 0))
    }
  }

  /// Whether the largest magnitude is more than a thousand times the smallest.
  private static func spans(_ numbers: [DecimalNumber]) -> Bool {
    guard let largest = numbers.max(by: DecimalNumber.isSmaller), let smallest = numbers.min(by: DecimalNumber.isSmaller) else {
      return false
    }
    var thousandfold = smallest
    thousandfold.exponent += 3
    return DecimalNumber.isSmaller(thousandfold, largest)
  }

  func text(_ number: DecimalNumber) -> String {
    guard number.isFinite else { return number.special }
    let sign = number.isNegative ? "-" : ""
    switch style {
    case .whole: return sign + number.rounded(decimals: 0).fixed(decimals: 0) + "."
    case .decimals(let count): return sign + number.rounded(decimals: count).fixed(decimals: count)
    case .scientific(let count):
      let rounded = number.rounded(decimals: count - number.exponent)
      let exponent = rounded.isZero ? 0 : rounded.exponent
      var mantissa = rounded
      mantissa.exponent = 0
      let magnitude = String(abs(exponent))
      return sign + mantissa.fixed(decimals: count) + (exponent < 0 ? "e-" : "e+")
        + (magnitude.count < 2 ? "0" : "") + magnitude
    }
  }
}
