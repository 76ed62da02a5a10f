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
