/// A decimal number as integers, significand · 10^exponent, so that its text needs no floating-point formatting.
struct Numeral: Hashable {
  var significand: Int
  var exponent: Int

  /// Whether a logarithmic axis labels it as a power of ten.
  var isPower = false

  init(_ significand: Int, exponent: Int = 0, isPower: Bool = false) {
    self.significand = significand
    self.exponent = exponent
    self.isPower = isPower
    if significand == 0 { self.exponent = 0 }
    while self.significand != 0 && self.significand % 10 == 0 {
      self.significand /= 10
      self.exponent += 1
    }
  }

  /// The nearest double; the standard library's parser rounds correctly.
  var value: Double { Double("\(significand)e\(exponent)") ?? 0 }

  /// The number of digits before the decimal point; at most 0 for numbers below 1.
  private var order: Int { String(significand.magnitude).utf8.count + exponent }

  /// Whether plain digits are more readable than a power of ten.
  var isPlain: Bool { significand == 0 || (order <= 6 && exponent >= -6 && order > -4) }

  /// Whether it has so many digits that a power of ten would not be shorter.
  var isDetailed: Bool { significand.magnitude >= 10_000 }

  /// Whether its digits can be written without many zeros.
  var isWritable: Bool { order <= 15 && exponent >= -15 }

  /// The label of the number on an axis, with the given number of decimals if it is written out.
  func text(_ characters: PlotCharacters, decimals: Int? = nil, plain: Bool = true) -> String {
    let sign = significand < 0 ? (characters == .unicode ? "−" : "-") : ""
    if isPower && !(-2...3).contains(exponent) && significand == 1 { return Numeral.power(exponent, characters, factor: "") }
    if plain { return sign + written(decimals: max(decimals ?? 0, -exponent)) }
    if significand == 0 { return "0" }
    let digits = String(significand.magnitude)
    let fraction = digits.dropFirst()
    let mantissa = digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction)
    return sign + Numeral.power(order - 1, characters, factor: String(mantissa))
  }

  private func written(decimals: Int) -> String {
    var digits = String(significand.magnitude) + String(repeating: "0", count: max(exponent, 0))
    if decimals == 0 { return digits }
    digits += String(repeating: "0", count: decimals - max(-exponent, 0))
    if digits.utf8.count <= decimals { digits = String(repeating: "0", count: decimals + 1 - digits.utf8.count) + digits }
    return digits.dropLast(decimals) + "." + digits.suffix(decimals)
  }

  private static func power(_ exponent: Int, _ characters: PlotCharacters, factor: String) -> String {
    if characters == .ascii { return (factor.isEmpty ? "1" : factor) + "e\(exponent)" }
    let raised = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    let digits = String(exponent.magnitude).compactMap { $0.wholeNumberValue.map { raised[$0] } }
    return (factor.isEmpty || factor == "1" ? "" : factor + "×") + "10" + (exponent < 0 ? "⁻" : "") + String(digits)
  }
}
