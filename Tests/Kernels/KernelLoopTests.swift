import Testing
import UnrollArrays
import UnrollKernelLoops
import UnrollKernelTemplates

/// Every kernel against a plain loop, on every table that this machine runs.
@Suite struct KernelLoopTests {
  @Test(arguments: KernelCheck.all.map(\.name), Machine.availableTables.map(\.name))
  func kernelsEqualTheirLoops(_ name: String, _ table: String) throws {
    let check = try #require(KernelCheck.all.first { $0.name == name })
    let findings = Findings()
    check.run(AccuracyTests.table(table), findings)
    #expect(findings.mistakes == [])
    #expect(findings.comparisons > 0)
  }
}
