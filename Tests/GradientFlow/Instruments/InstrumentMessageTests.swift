import Testing
import UnrollArrays
import UnrollAutograd
import UnrollGradientFlow
import UnrollNetworks
import UnrollTestSupport

/// What instruments say about what they cannot measure.
@Suite struct InstrumentMessageTests {
  @Test func emptySequences() async {
    let flow = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GradientFlow(of: linearCell(rotation(2, 1)), on: Tensor.zeros([1, 0, 2], .float64)) { $0.sum() }
    }
    #expect(stopSentence(flow) == "GradientFlow: an input of shape [1, 0, 2] has no steps or no rows")
    let jacobians = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StepJacobians(of: linearCell(rotation(2, 1)), on: Tensor.zeros([0, 2], .float64))
    }
    #expect(stopSentence(jacobians) == "StepJacobians: the sequence has no steps")
    let batch = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StepJacobians(of: linearCell(rotation(2, 1)), on: Tensor.zeros([1, 3, 2], .float64))
    }
    #expect(stopSentence(batch) == "StepJacobians: an input of shape [1, 3, 2] is not one sequence, [time, inputs]")
    let saturation = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GateSaturation(of: Recurrent(forward: [linearCell(rotation(2, 1))]), on: Tensor.zeros([2], .float64))
    }
    #expect(stopSentence(saturation) == "GateSaturation: an input of shape [2] is not a sequence")
  }

  @Test func lags() async {
    let long = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StepJacobians(of: linearCell(rotation(2, 1)), on: Tensor.zeros([3, 2], .float64)).singularValues(lag: 4)
    }
    #expect(stopSentence(long) == "StepJacobians: a lag of 4 is longer than the sequence of 3 steps")
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StepJacobians(of: linearCell(rotation(2, 1)), on: Tensor.zeros([3, 2], .float64)).singularValues(lag: 0)
    }
    #expect(stopSentence(none) == "StepJacobians: a lag of 0 steps is not positive")
    let way = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StepJacobians(of: linearCell(rotation(2, 1)), on: Tensor.zeros([3, 2], .float64)).product(from: 2, to: 4)
    }
    #expect(stopSentence(way) == "StepJacobians: state 2 to state 4 is not a range in 0...3")
  }

  @Test func statesAndParts() async {
    let part = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StepJacobians(of: linearCell(rotation(2, 1)), on: Tensor.zeros([3, 2], .float64)).norms(of: "cell")
    }
    #expect(stopSentence(part) == "StepJacobians: the state has no part cell; it has hidden")
    let trace = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GradientFlow(of: linearCell(rotation(2, 1)), on: Tensor.zeros([1, 3, 2], .float64)) { $0.sum() }.trace("cell")
    }
    #expect(stopSentence(trace) == "GradientFlow: there is no cell of layer 0; there are layer 0 hidden")
    let both = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let cell = linearCell(rotation(2, 1))
      _ = StepJacobians(of: Recurrent(forward: [cell], backward: [cell]), on: Tensor.zeros([3, 2], .float64))
    }
    #expect(
      stopSentence(both)
        == "StepJacobians: a bidirectional network has no single state per step; measure one of its cells")
    let rows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let state = HiddenState(hidden: Tensor.zeros([2, 2], .float64))
      _ = StepJacobians(of: linearCell(rotation(2, 1)), on: Tensor.zeros([3, 2], .float64), from: state)
    }
    #expect(stopSentence(rows) == "StepJacobians: a state of shape [2, 2] does not have one row")
  }

  @Test func exponents() async {
    let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LyapunovSpectrum(from: Tensor([0.5]), steps: 3, count: 2) { $0 }
    }
    #expect(stopSentence(count) == "LyapunovSpectrum: 2 exponents of a state of 1 numbers are not in 1...1")
    let skipping = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LyapunovSpectrum(from: Tensor([0.5]), steps: 3, skipping: 3) { $0 }
    }
    #expect(stopSentence(skipping) == "LyapunovSpectrum: skipping 3 of 3 steps leaves none to average")
    let steps = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LyapunovSpectrum(from: Tensor([0.5]), steps: 0) { $0 }
    }
    #expect(stopSentence(steps) == "LyapunovSpectrum: the sequence has no steps")
  }

  @Test func monitorsAndPlots() async {
    let never = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = FlowMonitor(every: 0) }
    #expect(stopSentence(never) == "FlowMonitor: an interval of 0 updates is not positive")
    let early = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = FlowMonitor(every: 5).plot()
    }
    #expect(stopSentence(early) == "plot: nothing has been measured yet")
    let undivided = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let cell = linearCell(rotation(2, 1))
      _ = GradientFlow(of: cell, on: Tensor.zeros([1, 3, 2], .float64)) { $0.sum() }.stepPlot()
    }
    #expect(stopSentence(undivided) == "stepPlot: the steps' contributions were not measured; measure with dividesParameters")
  }
}
