#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Android)
  internal import Android
#elseif canImport(WASILibc)
  internal import WASILibc
#endif

/// A scale and the visible range. Positions on a logarithmic axis are decimal logarithms.
struct Axis: Equatable {
  let scale: Plot.Scale
  let extent: Extent

  /// The place of a number between the ends, from 0 to 1; nil if the axis cannot show it.
  func fraction(_ value: Double) -> Double? {
    scale.position(value).map(fraction(position:))
  }

  func fraction(position: Double) -> Double {
    min(max((position - extent.lower) / (extent.upper - extent.lower), 0), 1)
  }
}

extension Plot.Scale {
  /// The position of a number; nil if the axis cannot show it.
  func position(_ value: Double) -> Double? {
    guard value.magnitude <= Extent.limit else { return nil }
    switch self {
    case .linear: return value
    case .logarithmic: return value > 0 ? log10(value) : nil
    }
  }
}

/// The largest power of ten at or below a number, exactly.
func decimalExponent(_ value: Double) -> Int {
  var exponent = Int(log10(value).rounded(.down))
  if Numeral(1, exponent: exponent + 1).value <= value { exponent += 1 }
  if Numeral(1, exponent: exponent).value > value { exponent -= 1 }
  return exponent
}

func powerOfTen(_ position: Double) -> Double { pow(10, position) }

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

/// A tick of an axis: a major tick with a label, or a minor tick without.
struct Tick: Equatable {
  /// The position on the axis: the decimal logarithm, if the axis is logarithmic.
  let position: Double
  /// The label; empty for a minor tick.
  let label: String
}

extension Axis {
  /// Ticks of which at most `count` are labelled.
  func ticks(atMost count: Int, _ characters: PlotCharacters) -> [Tick] {
    switch scale {
    case .linear:
      let numerals = NiceStep(span: extent.upper - extent.lower, atMost: count).multiples(in: extent)
      return zip(numerals, Axis.labels(numerals, characters)).map { Tick(position: $0.value, label: $1) }
    case .logarithmic:
      let first = Int((extent.lower - 1e-9).rounded(.up))
      let last = Int((extent.upper + 1e-9).rounded(.down))
      return last - first >= 1 ? decades(first...last, atMost: count, characters) : withinDecade(atMost: count, characters)
    }
  }

  /// As many labelled ticks as fit, given the length of the axis and the extents of labels along it.
  func ticks(
    _ characters: PlotCharacters, length: Double, least spacing: Double, gap: Double, extent labelExtent: (String) -> Double
  ) -> [Tick] {
    for count in stride(from: max(2, Int(length / spacing)), to: 2, by: -1) {
      let ticks = ticks(atMost: count, characters)
      let labelled = ticks.filter { !$0.label.isEmpty }
      let fits = zip(labelled, labelled.dropFirst()).allSatisfy { a, b in
        let distance = (fraction(position: b.position) - fraction(position: a.position)) * length
        return distance >= (labelExtent(a.label) + labelExtent(b.label)) / 2 + gap
      }
      if fits { return ticks }
    }
    return sparse(ticks(atMost: 2, characters), length: length, gap: gap, labelExtent)
  }

  /// If space is very short, the labels that fit, starting at the lower end.
  private func sparse(_ ticks: [Tick], length: Double, gap: Double, _ labelExtent: (String) -> Double) -> [Tick] {
    var free = -Double.infinity
    return ticks.map { tick in
      let (place, half) = (fraction(position: tick.position) * length, labelExtent(tick.label) / 2)
      if tick.label.isEmpty || place - half < free { return Tick(position: tick.position, label: "") }
      free = place + half + gap
      return tick
    }
  }

  private static func labels(_ numerals: [Numeral], _ characters: PlotCharacters) -> [String] {
    let isPlain =
      numerals.allSatisfy(\.isPlain) || (numerals.contains(where: \.isDetailed) && numerals.allSatisfy(\.isWritable))
    let decimals = max(0, -(numerals.map(\.exponent).min() ?? 0))
    return numerals.map { $0.text(characters, decimals: decimals, plain: isPlain) }
  }

  /// Powers of ten. Minor ticks are the multiples between adjacent powers, or the powers that were left out.
  private func decades(_ range: ClosedRange<Int>, atMost count: Int, _ characters: PlotCharacters) -> [Tick] {
    let stride = [1, 2, 5, 10, 20, 50, 100, 200, 500].first { range.count <= count * $0 } ?? 1000
    var ticks: [Tick] = []
    for exponent in range.lowerBound - 1...range.upperBound {
      let isLabelled = exponent.isMultiple(of: stride)
      if range.contains(exponent) {
        let label = isLabelled ? Numeral(1, exponent: exponent, isPower: true).text(characters) : ""
        ticks.append(Tick(position: Double(exponent), label: label))
      }
      guard stride == 1 && range.count <= 7 else { continue }
      for digit in 2...9 {
        let position = Double(exponent) + logarithms[digit]
        if position >= extent.lower && position <= extent.upper { ticks.append(Tick(position: position, label: "")) }
      }
    }
    return ticks
  }

  /// Less than a decade: 1, 2 and 5, or if those are too few, round numbers as on a linear axis.
  private func withinDecade(atMost count: Int, _ characters: PlotCharacters) -> [Tick] {
    let first = Int(extent.lower.rounded(.down))
    let last = Int(extent.upper.rounded(.down))
    var found: [(position: Double, numeral: Numeral)] = []
    for exponent in first...last {
      for digit in [1, 2, 5] {
        let position = Double(exponent) + logarithms[digit]
        if position >= extent.lower && position <= extent.upper { found.append((position, Numeral(digit, exponent: exponent))) }
      }
    }
    if found.count < 3 || found.count > count {
      let (lower, upper) = (powerOfTen(extent.lower), powerOfTen(extent.upper))
      let numerals = NiceStep(span: upper - lower, atMost: count).multiples(in: Extent(lower: lower, upper: upper))
      found = numerals.compactMap { numeral in scale.position(numeral.value).map { ($0, numeral) } }
    }
    return zip(found, Axis.labels(found.map(\.numeral), characters)).map { Tick(position: $0.position, label: $1) }
  }
}

/// The decimal logarithms of the digits 1 to 9.
private let logarithms = [
  0, 0, 0.30102999566398120, 0.47712125471966244, 0.60205999132796239, 0.69897000433601880, 0.77815125038364363,
  0.84509804001425683, 0.90308998699194359, 0.95424250943932487,
]
