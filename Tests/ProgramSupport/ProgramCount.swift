import UnrollTestSupport

/// What random programs came to, each in a copy of this process.
package struct ProgramCount {
  private let title: String
  private var (agreed, undecided, failed) = (0, 0, 0)

  package init(_ title: String) { self.title = title }

  /// Runs a program that prints its text.
  package mutating func add(_ seed: UInt64, _ body: () -> DerivativeCheck.Outcome) {
    let (text, status) = ForkedProcess.run(seconds: 60, bytes: 4 << 30) {
      switch body() {
      case .agree: ForkedProcess.leave(0)
      case .undecided: ForkedProcess.leave(4)
      case .disagree(let reason):
        print(reason)
        ForkedProcess.leave(3)
      }
    }
    switch status {
    case .exited(0): agreed += 1
    case .exited(4): undecided += 1
    default:
      failed += 1
      if failed <= 100 { print("seed \(seed), \(status):\n\(text.prefix(5000))\n") }
    }
  }

  package func report() { print("\(title): \(agreed) agree, \(undecided) undecided, \(failed) failures") }
}
