/// A number with the given number of significant digits, in a readable form: 0.03125, 12.35, 1.2e-07.
///
///     print("loss \(numberText(0.123456789))")  // loss 0.1235
public func numberText(_ value: Double, digits: Int = 4) -> String {
  if !value.isFinite { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
  if value == 0 { return "0" }
  // The order comes from the shortest decimal text of the value, because a logarithm could be off by one.
  let order = decimalOrder(value.magnitude)
  if order < -4 || order >= 7 {
    // A power of ten for a subnormal value may itself underflow.
    let scaled = order < -300 ? value * 1e300 / power(order + 300) : value / power(order)
    let mantissa = fixedText(scaled, decimals: digits - 1)
    if mantissa.hasPrefix("10") || mantissa.hasPrefix("-10") { return numberText((scaled < 0 ? -1 : 1) * power(order + 1)) }
    return mantissa + (order < 0 ? "e-" : "e+") + (abs(order) < 10 ? "0" : "") + "\(abs(order))"
  }
  return fixedText(value, decimals: max(0, digits - 1 - order))
}

/// A fraction as a percentage with one decimal: 98.5 %.
///
///     print("\(percentText(0.985)) are right")  // 98.5 % are right
public func percentText(_ part: Double) -> String {
  part.isFinite ? fixedText(part * 100, decimals: 1) + " %" : numberText(part)
}

/// A number of magnitude below 10¹⁵ with the given number of decimals.
package func fixedText(_ value: Double, decimals: Int) -> String {
  let scaled = (value.magnitude * power(decimals)).rounded()
  if scaled >= 9e18 { return "\(value)" }
  var text = "\(UInt64(scaled))"
  if decimals > 0 {
    text = String(repeating: "0", count: max(0, decimals + 1 - text.utf8.count)) + text
    text.insert(".", at: text.index(text.endIndex, offsetBy: -decimals))
  }
  return (value < 0 && scaled > 0 ? "-" : "") + text
}

/// The exponent of a positive number in scientific notation.
private func decimalOrder(_ value: Double) -> Int {
  var order = 0
  var bound = 1.0
  if value >= 1 {
    while order < 308, value >= power(order + 1) { order += 1 }
  } else {
    while order > -324, value < bound {
      order -= 1
      bound = power(order)
    }
  }
  return order
}

private func power(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 0 }

/// A duration in a readable form: 8 s, 2:05, 1:00:09, 3 d 4 h.
func durationText(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e12 else { return "?" }
  let whole = Int(max(0, seconds).rounded())
  func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return "\(whole / 60):\(two(whole % 60))" }
  if whole < 86_400 { return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))" }
  return "\(whole / 86_400) d \(whole / 3600 % 24) h"
}
