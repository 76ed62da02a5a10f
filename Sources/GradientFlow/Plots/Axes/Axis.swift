#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
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
