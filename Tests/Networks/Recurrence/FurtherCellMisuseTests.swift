import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

@testable import UnrollNetworks

/// Weights that do not fit, and options that make no sense, each in one sentence.
@Suite struct FurtherCellMisuseTests {
  @Test func widths() async {
    let norm = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LayerNormRNNCell(
        inputWeight: Tensor.ones([3, 4]), recurrentWeight: Tensor.ones([4, 4]), bias: nil, inputNorm: LayerNorm(4),
        recurrentNorm: LayerNorm(5))
    }
    #expect(
      stopSentence(norm) == "LayerNormRNNCell: recurrentNorm normalises 5 features, not 4")
    let memory = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LayerNormLSTMCell(
        inputWeight: Tensor.ones([3, 8]), recurrentWeight: Tensor.ones([2, 8]), bias: nil, inputNorm: LayerNorm(8),
        recurrentNorm: LayerNorm(8), memoryNorm: LayerNorm(8))
    }
    #expect(
      stopSentence(memory) == "LayerNormLSTMCell: memoryNorm normalises 8 features, not 2")
    let gates = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GateNormLSTMCell(
        inputWeight: Tensor.ones([3, 8]), recurrentWeight: Tensor.ones([2, 8]), gateScale: Tensor.ones([8]),
        gateShift: Tensor.ones([4, 2]), memoryNorm: LayerNorm(2))
    }
    #expect(stopSentence(gates) == "GateNormLSTMCell: gateScale has the shape [8], not [4, 2]")
    let bias = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LayerNormGRUCell(
        inputWeight: Tensor.ones([3, 6]), recurrentWeight: Tensor.ones([2, 6]), bias: nil, candidateBias: Tensor.ones([6]),
        inputNorm: LayerNorm(6), recurrentNorm: LayerNorm(6))
    }
    #expect(stopSentence(bias) == "LayerNormGRUCell: candidateBias has the shape [6], not [2]")
  }

  @Test func furtherWeights() async {
    let projected = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ProjectedLSTMCell(
        inputWeight: Tensor.ones([3, 16]), recurrentWeight: Tensor.ones([4, 16]), bias: nil, projection: Tensor.ones([4, 2]))
    }
    #expect(
      stopSentence(projected)
        == "ProjectedLSTMCell: recurrentWeight has the shape [4, 16], not [2, 16]")
    let wide = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = ProjectedLSTMCell(3, 5, memory: 4, using: &generator)
    }
    #expect(stopSentence(wide) == "ProjectedLSTMCell: 5 output features are more than the 4 features of the memory")
    let coupled = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = CoupledLSTMCell(
        inputWeight: Tensor.ones([3, 6]), recurrentWeight: Tensor.ones([2, 6]), bias: nil, peepholes: Tensor.ones([3, 2]))
    }
    #expect(stopSentence(coupled) == "CoupledLSTMCell: peepholes has the shape [3, 2], not [2, 2]")
    let independent = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = IndRNNCell(inputWeight: Tensor.ones([3, 4]), recurrentWeight: Tensor.ones([4, 4]), bias: nil)
    }
    #expect(
      stopSentence(independent) == "IndRNNCell: recurrentWeight has the shape [4, 4], not [hidden]")
    let minimal = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = MGUCell(
        inputWeight: Tensor.ones([3, 4]), recurrentWeight: Tensor.ones([2, 4]), bias: nil, candidateBias: Tensor.ones([2]),
        reset: .before)
    }
    #expect(
      stopSentence(minimal) == "MGUCell: a candidateBias needs the gate after the product")
  }

  @Test func states() async {
    let swapped = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let layer = Recurrent(forward: [ProjectedLSTMCell(3, 2, memory: 4, using: &generator)])
      let state = LSTMState(hidden: Tensor.zeros([2, 4]), cell: Tensor.zeros([2, 4]))
      _ = layer(Tensor.ones([2, 5, 3]), from: .init(cells: [state]))
    }
    #expect(stopSentence(swapped) == "Recurrent: a state of shape [2, 4] does not fit 2 rows of 2 features")
  }

  @Test func options() async {
    let output = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let cell = GRUCell(3, 2, using: &generator)
      _ = GRUCell(
        inputWeight: cell.inputWeight, recurrentWeight: cell.recurrentWeight, bias: nil,
        activations: GateActivations(output: .relu))
    }
    #expect(stopSentence(output) == "GRUCell: only cells with a memory have an output activation")
    let memory = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Zoneout(GRUCell(3, 2, using: &generator), hidden: 0.1, memory: 0.2)
    }
    #expect(stopSentence(memory) == "Zoneout: GRUCell has no memory, so a memory rate of 0.2 has no effect")
    let rate = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = MemoryZoneout(LSTMCell(3, 2, using: &generator), hidden: 0.1, memory: 1.2)
    }
    #expect(stopSentence(rate) == "MemoryZoneout: a rate of 1.2 is not in 0...1")
    let bound = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = MemoryClipped(LSTMCell(3, 2, using: &generator), bound: 0)
    }
    #expect(stopSentence(bound) == "MemoryClipped: a bound of 0.0 is not above 0")
    let arguments = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GateActivations().clippingArguments(to: -1)
    }
    #expect(stopSentence(arguments) == "clippingArguments: a bound of -1.0 is not above 0")
    let name = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = WeightDropped(RNNCell(3, 2, using: &generator), rate: 0.1, parameter: "weight")
    }
    #expect(
      stopSentence(name)
        == "WeightDropped: a cell with the parameters inputWeight, recurrentWeight, bias has no weight")
    let whole = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = WeightDropped(RNNCell(3, 2, using: &generator), rate: 1)
    }
    #expect(stopSentence(whole) == "WeightDropped: a rate of 1.0 is not in 0..<1")
  }
}
