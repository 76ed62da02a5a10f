/// A number as its shortest round-tripping decimal digits: d.ddd·10ᵉ.
struct DecimalNumber: Equatable {
  var isNegative = false
  /// The digits without leading and trailing zeros; empty for zero.
  var digits: [UInt8] = []
  /// The power of ten of the first digit.
  var exponent = 0
  /// The text of an infinity or NaN.
  var special = ""
  /// The number itself, which the digits identify but may not equal.
  private let value: Double
  /// The number as Swift writes it.
  let shortest: String

  var isFinite: Bool { special.isEmpty }
  var isZero: Bool { digits.isEmpty }

  /// Parses the description of a floating-point number, such as `-12.5`, `1e-05` or `nan`.
  private init(_ description: String, _ value: Double) {
    self.value = value
    shortest = description
    var beforePoint = 0
    var power = 0
    var seenPoint = false
    var text = description.utf8[...]
    if text.first == UInt8(ascii: "-") {
      isNegative = true
      text = text.dropFirst()
    }
    guard let first = text.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
      special = value.isNaN ? "nan" : description
      return
    }
    while let character = text.popFirst() {
      if character == UInt8(ascii: ".") {
        seenPoint = true
      } else if character == UInt8(ascii: "e") {
        power = Int(Substring(text)) ?? 0
        break
      } else {
        digits.append(character - UInt8(ascii: "0"))
        if !seenPoint { beforePoint += 1 }
      }
    }
    let leading = digits.prefix { $0 == 0 }.count
    digits.removeFirst(leading)
    exponent = beforePoint - 1 - leading + power
    trim()
  }

  init(_ number: Float) { self.init(number.description, Double(number)) }
  init(_ number: Double) { self.init(number.description, number) }

  private mutating func trim() {
    while digits.last == 0 { digits.removeLast() }
    if digits.isEmpty { exponent = 0 }
  }

  /// Rounded to so many digits after the point (which may be negative); ties go to the even digit. Where the only dropped digit
  /// is a five, the number's exact value decides whether it is a tie.
  func rounded(decimals: Int) -> DecimalNumber {
    let kept = exponent + 1 + decimals
    if kept >= digits.count { return self }
    var result = self
    if kept < 0 {
      result.digits = []
      result.exponent = 0
      return result
    }
    result.digits.removeLast(digits.count - kept)
    var goesUp = digits[kept] >= 5
    if digits[kept] == 5 && kept + 1 == digits.count {
      let exact = exactly
      if exact.exponent == exponent && exact.digits == digits {
        goesUp = (result.digits.last ?? 0) % 2 == 1
      } else {
        goesUp = !DecimalNumber.isSmaller(exact, self)
      }
    }
    if goesUp { result.increment() }
    result.trim()
    return result
  }

  /// The number's exact digits: m·2ᵉ is m doubled e times, or multiplied by five −e times and divided by ten as often.
  private var exactly: DecimalNumber {
    var result = self
    let power = Int(value.exponent) - value.significandWidth
    var reversed: [UInt8] = []
    var rest = UInt64(value.significand.magnitude * Double(sign: .plus, exponent: value.significandWidth, significand: 1))
    while rest > 0 {
      reversed.append(UInt8(rest % 10))
      rest /= 10
    }
    for _ in 0..<abs(power) {
      var carry: UInt8 = 0
      for i in reversed.indices {
        let product = reversed[i] * (power > 0 ? 2 : 5) + carry
        reversed[i] = product % 10
        carry = product / 10
      }
      if carry > 0 { reversed.append(carry) }
    }
    result.digits = reversed.reversed()
    result.exponent = reversed.count - 1 + min(power, 0)
    result.trim()
    return result
  }

  /// Adds one to the last digit.
  private mutating func increment() {
    var i = digits.count - 1
    while i >= 0 && digits[i] == 9 {
      digits[i] = 0
      i -= 1
    }
    if i >= 0 {
      digits[i] += 1
    } else {
      digits.insert(1, at: 0)
      exponent += 1
    }
  }

  /// The digits with so many of them after the point; the number must be rounded to that already.
  func fixed(decimals: Int) -> String {
    var text = ""
    let first = max(isZero ? 0 : exponent, 0)
    for power in stride(from: first, through: -decimals, by: -1) {
      if power == -1 { text += "." }
      let place = exponent - power
      text += String(place >= 0 && place < digits.count ? digits[place] : 0)
    }
    return text
  }

  static func isSmaller(_ a: DecimalNumber, _ b: DecimalNumber) -> Bool {
    if a.exponent != b.exponent { return a.exponent < b.exponent }
    return a.digits.lexicographicallyPrecedes(b.digits)
  }
}
