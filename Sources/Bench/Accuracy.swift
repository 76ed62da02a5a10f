internal import UnrollArrays
package import UnrollKernelTemplates

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

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

/// `unroll-bench --accuracy [exp,log,…] [--all] [--table NAME]`: the largest error of every function, type and table. `--all`
/// visits every float32 for exp, log, tanh and sigmoid, and ten million samples for the others.
func accuracyCommand(_ arguments: some Sequence<String>) throws {
  var names: Set<String> = []
  var tables = Machine.availableTables
  var all = false
  var rest = Array(arguments)[...]
  while let argument = rest.popFirst() {
    if argument == "--all" {
      all = true
    } else if argument == "--table" {
      let name = rest.popFirst() ?? ""
      tables = tables.filter { $0.name == name }
      if tables.isEmpty { throw Options.Misuse(description: "this machine has no kernel table \(name)") }
    } else {
      names.formUnion(argument.split(separator: ",").map(String.init))
    }
  }
  let known = UnaryOperation.allCases.map { AccuracyCase($0).name } + ["power"]
  if let unknown = names.first(where: { !known.contains($0) }) {
    throw Options.Misuse(description: "there is no function \(unknown); there are \(known.joined(separator: ", "))")
  }
  var holds = true
  for name in known where names.isEmpty || names.contains(name) {
    for table in tables { holds = measure(name, on: table, all: all) && holds }
  }
  if !holds { throw Options.Misuse(description: "a bound is exceeded") }
}

private func measure(_ name: String, on table: KernelTable, all: Bool) -> Bool {
  let samples = all ? 10_000_000 : 200_000
  var (singleBound, doubleBound) = (2.0, 4.0)
  let single, double: WorstError
  if let operation = UnaryOperation.allCases.first(where: { AccuracyCase($0).name == name }) {
    let reference = AccuracyCase(operation)
    (singleBound, doubleBound) = (reference.single, reference.double)
    let exhaustive: [UnaryOperation] = [.exp, .log, .tanh, .sigmoid]
    single =
      all && exhaustive.contains(operation)
      ? everyFloat(operation, on: table) : worstError(operation, Float.self, on: table, samples: samples)
    double = worstError(operation, Double.self, on: table, samples: samples / 10)
  } else {
    single = worstPower(Float.self, on: table, samples: samples)
    double = worstPower(Double.self, on: table, samples: samples / 10)
  }
  let good = report(name, "float32", table, single, bound: singleBound)
  // Without a 64-bit significand there is no reference for float64.
  return (Exact.significandBitCount < 60 || report(name, "float64", table, double, bound: doubleBound)) && good
}

private func report(_ name: String, _ type: String, _ table: KernelTable, _ worst: WorstError, bound: Double) -> Bool {
  let good = worst.ulps <= bound
  let columns = [name, type, table.name].map { $0 + String(repeating: " ", count: max(1, 22 - $0.count)) }
  let error = "\((worst.ulps * 1000).rounded() / 1000) ulp"
  let padding = String(repeating: " ", count: max(1, 12 - error.count))
  print("\(columns.joined())\(error)\(padding)of \(worst.count), at \(worst.argument)\(good ? "" : "  EXCEEDS \(bound)")")
  return good
}

/// The largest error over all 2³² float32 values, compared with the platform's float64 library.
private func everyFloat(_ operation: UnaryOperation, on table: KernelTable) -> WorstError {
  let exact: @Sendable (Double) -> Double
  switch operation {
  case .exp: exact = { exp($0) }
  case .log: exact = { log($0) }
  case .tanh: exact = { tanh($0) }
  default: exact = { 1 / (1 + exp(-$0)) }
  }
  let kernel = table.float32.elements.unary(operation)
  let block = 1 << 14
  var x = [Float](repeating: 0, count: block)
  var y = x
  var worst = WorstError()
  for first in stride(from: 0, to: 1 << 32, by: block) {
    for i in 0..<block { x[i] = Float(bitPattern: UInt32(truncatingIfNeeded: first + i)) }
    kernel.run(x, &y, block, 0, 0)
    for i in 0..<block {
      let expected = exact(Double(x[i]))
      let rounded = Float(expected)
      // A shortcut for the common cases: equal values, or both NaN.
      if y[i] == rounded && rounded != 0 {
        if rounded.isInfinite { continue }
        let size = (Double(y[i]) - expected).magnitude / Double(rounded.ulp)
        if size > worst.ulps { worst.note(size, at: Double(x[i])) }
      } else if !(y[i].isNaN && expected.isNaN) {
        let size = ulps(y[i], Exact(expected))
        if !(size <= worst.ulps) { worst.note(size, at: Double(x[i])) }
      }
    }
  }
  worst.count = 1 << 32
  return worst
}
