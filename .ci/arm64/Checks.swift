// Every kernel of the portable table, compiled for arm64, against its plain loop, and every function against the system's.
import UnrollKernelTemplates

/// See `Table`.
@_extern(c, "portable_table") func portableTable() -> UnsafeRawPointer

struct Run {
  let portable = portableTable().assumingMemoryBound(to: KernelTable.self).pointee
  var failures = 0

  mutating func compareWithLoops() {
    for check in KernelCheck.all {
      let findings = Findings()
      check.run(portable, findings)
      if !findings.mistakes.isEmpty || findings.comparisons == 0 { failures += 1 }
      print("\(check.name): \(findings.comparisons) comparisons")
      for mistake in findings.mistakes { print("  WRONG: \(mistake)") }
    }
  }

  /// The reference is the system's float64 function, which is off by up to a unit of its own. What is composed of several loses more,
  /// or overflows: there float64 results are compared as float32.
  mutating func compareFunctions() {
    for operation in UnaryOperation.allCases {
      let reference = AccuracyCase(operation)
      let single = worstError(operation, Float.self, on: portable, samples: 4096)
      report(reference.name, "float32", single, bound: reference.single)
      if AccuracyCase.elementary(operation) != nil {
        let double = worstError(operation, Double.self, on: portable, samples: 4096)
        report(reference.name, "float64", double, bound: reference.double + 1)
      } else {
        report(reference.name, "float64 as float32", worstRoundedError(operation, reference), bound: 1)
      }
    }
    report("power", "float32", worstPower(Float.self, on: portable, samples: 4096), bound: 2)
    report("power", "float64", worstPower(Double.self, on: portable, samples: 4096), bound: 5)
  }

  private func worstRoundedError(_ operation: UnaryOperation, _ reference: AccuracyCase) -> WorstError {
    var bits = SampleBits(state: 7)
    var worst = WorstError()
    let x = specialValues(Double.self) + (0..<4096).map { _ in bits.uniform(reference.range) }
    var y = x
    let (a, b) = reference.parameters
    portable.float64.elements.unary(operation).run(x, &y, x.count, a, b)
    for i in x.indices {
      let exact = reference.exact(x[i])
      let underflows = exact == 0 && x[i] != 0  // to a zero of either sign
      worst.note(underflows ? abs(y[i]) : ulps(Float(y[i]), exact), at: x[i])
    }
    return worst
  }

  private mutating func report(_ name: String, _ type: String, _ worst: WorstError, bound: Double) {
    let holds = worst.ulps <= bound
    if !holds { failures += 1 }
    let thousandths = worst.ulps < 1e9 ? Int((worst.ulps * 1000).rounded()) : .max
    let place = holds ? "" : ", WRONG at the number of bits \(worst.argument.bitPattern)"
    print("\(name), \(type): \(thousandths) thousandths of an ulp in \(worst.count) samples\(place)")
  }
}

@main
enum Checks {
  static func main() {
    var run = Run()
    run.compareWithLoops()
    run.compareFunctions()
    print(run.failures == 0 ? "All kernels are right." : "\(run.failures) checks failed.")
    exit(run.failures == 0 ? 0 : 1)
  }
}
