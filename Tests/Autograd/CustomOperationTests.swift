import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

/// Operations stated by closures, and hooks.
@Suite struct CustomOperationTests {
  let x = Tensor([0.3, -0.7, 1.1] as [Double])
  let cube = customOperation("cube") { x in
    [x[0] * x[0] * x[0]]
  } pullback: { g, x, _ in
    [g[0] * x[0].square() * 3]
  }
  let sumAndProduct = customOperation("sumAndProduct") { x in
    [x[0] + x[1], x[0] * x[1]]
  } pullback: { g, x, _ in
    [g[0] + g[1] * x[1], g[0] + g[1] * x[0]]
  }

  @Test func allDerivatives() {
    let report = checkGradients(at: x, everyElement: true) { x in cube([x])[0] }
    #expect(report.passes, "\(report)")
    let two = checkGradients(at: [x, x.sin()]) { v in
      let y = sumAndProduct(v)
      return y[0].tanh() * y[1]
    }
    #expect(two.passes, "\(two)")
  }

  /// A factor in one type, results in both.
  @Test func inputsAndResultsOfBothTypes() {
    let scaled = customOperation("scaled") { x in
      [x[0] * x[1].cast(to: .float64), x[1] * 2]
    } pullback: { g, x, _ in
      [g[0] * x[1].cast(to: .float64), (g[0] * x[0]).cast(to: .float32) + g[1] * 2]
    }
    func loss(_ v: [Tensor]) -> Tensor { (v[0].square() + v[1].cast(to: .float64)).sum() }
    let inputs = [x, Tensor([2, 0.5, -1] as [Float])]
    let plain = gradient(at: inputs) { v in loss([v[0] * v[1].cast(to: .float64), v[1] * 2]) }
    let found = gradient(at: inputs) { v in loss(scaled(v)) }
    for (a, b) in zip(plain, found) { #expect(a.type == b.type && a.array.isClose(to: b.array, relative: 1e-6, absolute: 0)) }
    // A result that nothing was computed from has cotangent zero, of its own type.
    let half = gradient(at: inputs) { v in scaled(v)[0].sum() }
    #expect(half[1].type == .float32 && half[1].array.isClose(to: x.array.cast(to: .float32), relative: 1e-6, absolute: 0))
  }

  /// The rule may use what it captures: derivatives of the derivative pass there.
  @Test func aRuleThatCapturesIsDifferentiatedThere() {
    let slope = gradient(at: Tensor([2] as [Double])) { scale in
      let scaled = customOperation("reversed") { x in
        x
      } pullback: { g, _, _ in
        [g[0] * scale]
      }
      return gradient(at: x) { x in scaled([x])[0].square().sum() }.sum()
    }
    expectClose(slope, (x * 2).sum().reshaped([1]))
  }

  @Test func aWrongRuleIsCaught() {
    let wrong = customOperation("wrong") { x in
      [x[0].square()]
    } pullback: { g, x, _ in
      [g[0] * x[0]]
    }
    let report = checkGradients(at: x, order: 1) { x in wrong([x])[0] }
    #expect(!report.passes)
    #expect(report.description.contains("FAILS"))
    #expect((report.worst?.error ?? 0) > 1e-3)
  }

  @Test func aKinkIsUndecidedNotPassed() {
    let report = checkGradients(at: Tensor([0, 1] as [Double]), order: 1, everyElement: true, directions: 0) { x in x.relu() }
    #expect(report.undecided.count == 1)
    #expect(report.undecided.first?.index == [0])
    #expect(report.worst?.index == [1])
  }

  /// A slope of about one beside a value of 1e13: differences are rounding, which is no fault of the rule.
  @Test func whatRoundingHidesIsUndecidedNotWrong() {
    let report = checkGradients(at: x, everyElement: true) { x in x.sin() + 1e13 }
    #expect(!report.undecided.isEmpty && report.worst.map { $0.error <= report.tolerance } ?? true, "\(report)")
    // Large slopes of large values can be told.
    #expect(checkGradients(at: x) { x in (x * 1e6).square() * 1e3 }.passes)
    #expect(!checkGradients(at: x, order: 1) { x in (x * 1e6).replacingCotangent { $0 * 1.01 }.square() * 1e3 }.passes)
  }

  @Test func hooksReplaceAndObserve() {
    let g = gradient(at: x) { x in x.replacingCotangent { $0 * 10 }.square().sum() }
    expectClose(g, x * 20)
    let seen = Box()
    let plain = gradient(at: x) { x in x.observingCotangent { seen.value = $0 }.square().sum() }
    expectClose(plain, x * 2)
    expectClose(seen.value ?? Tensor(0), x * 2)
  }

  @Test func theGraphIsText() {
    _ = gradient(at: x) { x in
      let y = (x * x).sum()
      #expect(
        y.recordedGraph.description == """
          #0 label[3]
          #1 multiply[3] of #0, #0
          #2 sum[] of #1
          """)
      #expect(y.recordedGraph.graphviz.contains("n0 -> n1"))
      #expect(y.recordedGraph.count == 3)
      return y
    }
  }
}

/// Something that a closure may write to in a test of one thread.
final class Box: @unchecked Sendable {
  var value: Tensor?
}
