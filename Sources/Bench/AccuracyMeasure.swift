package import UnrollKernelTemplates

/// The largest observed error, in units in the last place, and its argument.
package struct WorstError: Sendable {
  package var ulps = 0.0
  package var argument = 0.0
  package var count = 0

  mutating func note(_ error: Double, at x: Double) {
    count += 1
    if !(error <= ulps) {
      ulps = error.isNaN ? .infinity : error
      argument = x
    }
  }
}

/// The distance between a value and the exact one, in units in the last place of T. An infinite value whose exact value is
/// finite counts as the number after the largest; NaN matches only NaN, and the sign of zero matters.
package func ulps<T: BinaryFloatingPoint>(_ value: T, _ exact: Exact) -> Double {
  if exact.isNaN || value.isNaN { return exact.isNaN && value.isNaN ? 0 : .infinity }
  let rounded = T(exact)
  if value == rounded { return value != 0 || exact != 0 || value.sign == exact.sign ? 0 : .infinity }
  let beyond = Exact(T.greatestFiniteMagnitude) + Exact(T.greatestFiniteMagnitude.ulp)
  let got = value.isInfinite ? (value < 0 ? -beyond : beyond) : Exact(value)
  if exact.isInfinite { return Double(abs(abs(got) - beyond) / Exact(T.greatestFiniteMagnitude.ulp)) }
  let spacing = rounded.isInfinite ? Exact(T.greatestFiniteMagnitude.ulp) : Exact(T(exact).ulp)
  return Double(abs(got - exact) / spacing)
}

/// SplitMix64, so that samples are the same everywhere.
struct SampleBits {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + Double(next() >> 11) * 0x1p-53 * (range.upperBound - range.lowerBound)
  }
}

/// A type that samples can be drawn from, also as random bit patterns.
package protocol SampledType: BinaryFloatingPoint {
  init(pattern: UInt64)
  static func kernels(of table: KernelTable) -> Kernels
}

extension Float: SampledType {
  package init(pattern: UInt64) { self.init(bitPattern: UInt32(truncatingIfNeeded: pattern)) }
  package static func kernels(of table: KernelTable) -> Kernels { table.float32 }
}

extension Double: SampledType {
  package init(pattern: UInt64) { self.init(bitPattern: pattern) }
  package static func kernels(of table: KernelTable) -> Kernels { table.float64 }
}

/// Values at which functions are likely to fail.
func specialValues<T: BinaryFloatingPoint>(_: T.Type) -> [T] {
  let positive: [T] = [
    0, .leastNonzeroMagnitude, .leastNormalMagnitude, .leastNormalMagnitude.nextDown, .ulpOfOne, T.ulpOfOne / 2, 0.5,
    (1 as T).nextDown, 1, (1 as T).nextUp, 2, 3, 4, 88.5, 104, 709.5, 746, 0x1p20, (0x1p20 as T).nextUp, 0x1p24, 0x1p54,
    .greatestFiniteMagnitude, .infinity,
  ]
  return positive + positive.map { -$0 } + [.nan]
}

/// The largest error of a function over special values and samples, half of which are uniform in the case's range, and half
/// random bits.
package func worstError<T: SampledType>(
  _ operation: UnaryOperation, _ type: T.Type, on table: KernelTable, samples: Int
) -> WorstError {
  let reference = AccuracyCase(operation)
  let kernel = T.kernels(of: table).elements.unary(operation)
  var worst = WorstError()
  var bits = SampleBits(state: 7)
  var x = specialValues(T.self)
  var remaining = samples
  while !x.isEmpty {
    var y = x
    let n = x.count
    x.withUnsafeBytes { x in
      y.withUnsafeMutableBytes { y in
        kernel.run(
          x.baseAddress.unsafelyUnwrapped, y.baseAddress.unsafelyUnwrapped, n, reference.parameters.a, reference.parameters.b)
      }
    }
    for (x, y) in zip(x, y) { worst.note(ulps(y, reference.exact(Exact(x))), at: Double(x)) }
    x = (0..<min(remaining, 4096)).map { index in
      index % 2 == 0 ? T(bits.uniform(reference.range)) : T(pattern: bits.next())
    }
    remaining -= x.count
  }
  return worst
}
