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
