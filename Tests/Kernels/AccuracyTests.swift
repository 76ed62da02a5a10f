import Testing
import UnrollArrays
import UnrollKernelTemplates

@testable import unroll_bench

/// The short version of `unroll-bench --accuracy`: every function, type and table within its bound over special values (zeros with
/// their signs, subnormals, infinities, NaN) and samples.
@Suite struct AccuracyTests {
  static let tables = Machine.availableTables.map(\.name)

  static func table(_ name: String) -> KernelTable {
    Machine.availableTables.first { $0.name == name } ?? Machine.availableTables[0]
  }

  @Test(arguments: UnaryOperation.allCases, tables) func aFunctionKeepsItsBound(_ operation: UnaryOperation, _ name: String) {
    let reference = AccuracyCase(operation)
    let table = AccuracyTests.table(name)
    let single = worstError(operation, Float.self, on: table, samples: 20_000)
    #expect(single.ulps <= reference.single, "float32, at \(single.argument)")
    if Exact.significandBitCount >= 60 {
      let double = worstError(operation, Double.self, on: table, samples: 20_000)
      #expect(double.ulps <= reference.double, "float64, at \(double.argument)")
    }
  }

  @Test(arguments: tables) func powerKeepsItsBound(_ name: String) {
    let table = AccuracyTests.table(name)
    let single = worstPower(Float.self, on: table, samples: 20_000)
    #expect(single.ulps <= 2, "float32, at \(single.argument)")
    if Exact.significandBitCount >= 60 {
      let double = worstPower(Double.self, on: table, samples: 20_000)
      #expect(double.ulps <= 4, "float64, at \(double.argument)")
    }
  }

  @Test func theMeasureCountsUnits() {
    #expect(ulps(1 as Float, 1) == 0)
    #expect(ulps((1 as Float).nextUp, 1) == 1)
    #expect(ulps(0 as Float, -0.0) == .infinity)
    #expect(ulps(Float.nan, 1) == .infinity)
    #expect(ulps(Float.infinity, .infinity) == 0)
    #expect(ulps(Float.leastNonzeroMagnitude, 0) == 1)
  }

  /// A wrong coefficient is seen: the bound does not hold against a reference that is off by a millionth.
  @Test func theMeasureSeesASmallMistake() {
    #expect(ulps(1 as Float, 1.000_001) > 2)
  }
}
