#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif
internal import UnrollArrays
internal import UnrollKernelTemplates

/// `unroll-bench --accuracy [exp,log,…] [--all]`: the largest error of every function, type and table. `--all` visits every
/// float32 for exp, log, tanh and sigmoid. False where a bound is exceeded or a name is unknown.
func accuracyCommand(_ arguments: [String]) -> Bool {
  let names = Set(arguments.filter { !$0.hasPrefix("--") }.flatMap { $0.split(separator: ",").map(String.init) })
  let known = Set(UnaryOperation.allCases.map { AccuracyCase($0).name } + ["power"])
  if let unknown = names.first(where: { !known.contains($0) }) {
    print("there is no function \(unknown); there are \(known.sorted().joined(separator: ", "))")
    return false
  }
  let all = arguments.contains("--all")
  let exhaustive: [UnaryOperation] = [.exp, .log, .tanh, .sigmoid]
  var holds = true
  for operation in UnaryOperation.allCases {
    let reference = AccuracyCase(operation)
    if !names.isEmpty && !names.contains(reference.name) { continue }
    for table in Machine.availableTables {
      let single =
        all && exhaustive.contains(operation)
        ? everyFloat(operation, on: table) : worstError(operation, Float.self, on: table, samples: all ? 10_000_000 : 200_000)
      holds = report(reference.name, "float32", table, single, bound: reference.single) && holds
      #if arch(x86_64)
        let double = worstError(operation, Double.self, on: table, samples: all ? 1_000_000 : 200_000)
        holds = report(reference.name, "float64", table, double, bound: reference.double) && holds
      #endif
    }
  }
  if names.isEmpty || names.contains("power") {
    for table in Machine.availableTables {
      let samples = all ? 10_000_000 : 200_000
      holds = report("power", "float32", table, worstPower(Float.self, on: table, samples: samples), bound: 2) && holds
      #if arch(x86_64)
        holds = report("power", "float64", table, worstPower(Double.self, on: table, samples: samples / 10), bound: 4) && holds
      #endif
    }
  }
  return holds
}

private func report(_ name: String, _ type: String, _ table: KernelTable, _ worst: WorstError, bound: Double) -> Bool {
  let good = worst.ulps <= bound
  let columns = [name, type, table.name].map { $0 + String(repeating: " ", count: max(1, 22 - $0.count)) }
  let error = "\((worst.ulps * 1000).rounded() / 1000) ulp"
  let padding = String(repeating: " ", count: max(1, 12 - error.count))
  print("\(columns.joined())\(error)\(padding)of \(worst.count), at \(worst.argument)\(good ? "" : "  EXCEEDS \(bound)")")
  return good
}

/// The largest error over all 2³² float32, against the platform's float64 library.
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
      // The frequent cases without a call: equal, or both NaN.
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
