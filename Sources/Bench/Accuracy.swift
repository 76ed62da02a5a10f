internal import UnrollArrays
internal import UnrollKernelTemplates

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
