import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// A golden file's differentiable tensors by their names.
struct NamedTensors {
  private let tensors: [String: Tensor]
  /// The type that the tensors are asked for in.
  let type: ElementType

  init(_ golden: GoldenFile, _ inputs: [Tensor]) {
    type = inputs[0].type
    tensors = Dictionary(uniqueKeysWithValues: zip(golden.differentiable, inputs))
  }

  /// The same with the file's other inputs, which are constants.
  init(_ golden: GoldenFile, _ inputs: [Tensor], besides others: [String: Tensor]) {
    type = inputs[0].type
    tensors = others.merging(zip(golden.differentiable, inputs)) { $1 }
  }

  /// A missing one is no number, which no comparison accepts.
  subscript(name: String) -> Tensor { tensors[name] ?? Tensor(.nan, type) }

  func has(_ name: String) -> Bool { tensors[name] != nil }

  func turned(_ name: String) -> Tensor { self[name].transposed() }

  /// Both directions from the states `h0`, time first: outputs, and the last states stacked.
  func runBothWays<Cell: RecurrentCell>(_ forward: Cell, _ backward: Cell, _ lengths: [Int]?) -> [Tensor]
  where Cell.State == HiddenState {
    let layer = Recurrent(forward: [forward], backward: [backward], isTimeFirst: true)
    let states = self["h0"].unstacked().map { HiddenState(hidden: $0) }
    let (outputs, last) = layer(self["x"], from: .init(cells: states), lengths: lengths)
    return [outputs, Tensor.stack(last.cells.map(\.hidden))]
  }

  /// What a written-out cell gives: outputs, the last state, and for cells with a memory all memories.
  func run<Cell: RecurrentCell>(
    _ cell: Cell, from state: Cell.State, x: Tensor? = nil, hiddenFactors: Tensor? = nil, noise: [Tensor] = []
  ) -> [Tensor] {
    let scan = Scan(
      input: x ?? self["x"], mask: nil, isReversed: false, hiddenFactors: hiddenFactors, noise: noise, keepsStates: true)
    let result = scan.run(cell, from: state)
    return [result.outputs] + result.last.tensors + Array((result.states?.tensors ?? []).dropFirst())
  }

  var hidden: HiddenState { HiddenState(hidden: self["h0"]) }
  var memory: LSTMState { LSTMState(hidden: self["h0"], cell: self["c0"]) }

  /// PyTorch's plain cells of two biases.
  var lstm: LSTMCell {
    LSTMCell(
      inputWeight: turned("weight_ih"), recurrentWeight: turned("weight_hh"), bias: self["bias_ih"] + self["bias_hh"])
  }

  var rnn: RNNCell {
    RNNCell(inputWeight: turned("weight_ih"), recurrentWeight: turned("weight_hh"), bias: self["bias_ih"] + self["bias_hh"])
  }

  var gru: GRUCell {
    let (bias, candidate) = gruBiases
    return GRUCell(
      inputWeight: turned("weight_ih"), recurrentWeight: turned("weight_hh"), bias: bias, candidateBias: candidate)
  }

  /// One bias for all blocks, and the one within the reset gate's reach.
  var gruBiases: (bias: Tensor, candidate: Tensor) {
    let (input, recurrent) = (self["bias_ih"], self["bias_hh"])
    let n = recurrent.shape[0] / 3
    let gates = Tensor.concatenate([recurrent[..<(2 * n)], Tensor.zeros([n], recurrent.type)], axis: 0)
    return (input + gates, recurrent[(2 * n)...])
  }
}
