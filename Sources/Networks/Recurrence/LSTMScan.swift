internal import UnrollArrays
internal import UnrollAutograd

/// A whole sequence through one LSTM as one operation: inputs x, W, U, h₀, c₀ and maybe b; outputs all hidden states and the last
/// memory.
///
/// Derivatives that are differentiated again, and tangents, come from the same sequence step by step.
struct LSTMScan: Operation {
  let isReversed: Bool
  var name: String { "lstm" }

  func forward(_ x: [NDArray]) -> Values {
    let sequence = LSTMSequence(
      x[0].contiguous(), x[1], x.count > 5 ? x[5] : nil, x[2], hidden: x[3], cell: x[4], isReversed: isReversed)
    return Values([sequence.outputs, sequence.lastCell], residuals: sequence.residuals)
  }

  func keeps(recorded: (Int) -> Bool) -> Keeps { .allInputs }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let inputs = (0..<context.inputCount).map { context.input($0) }
    if (inputs + g.compactMap { $0 }).contains(where: \.isRecorded) {
      let given = g.enumerated().map { $1 ?? Tensor.zeros(context.outputShape($0), context.type) }
      return Few(UnrollAutograd.pullback(at: inputs, of: stepped).pullback(given))
    }
    let sequence = LSTMSequence(residuals: (0..<3).map(context.residual), isReversed: isReversed)
    let (byGates, byHidden, byCell) = sequence.backward(g[0]?.array, g[1]?.array, inputs[2].array)
    let x = inputs[0].array
    let rows = x.contiguous().reshaped([byGates.shape[0], x.shape[2]])
    return Few(
      [
        context.wants(0) ? byGates.matmul(inputs[1].array.transposed()).reshaped(x.shape) : nil,
        context.wants(1) ? rows.transposed().matmul(byGates) : nil,
        context.wants(2) ? sequence.byRecurrentWeight(byGates) : nil, byHidden, byCell,
      ].map { $0.map { Tensor($0) } } + (inputs.count > 5 ? [context.wants(5) ? Tensor(byGates.sum(axes: 0)) : nil] : []))
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let inputs = (0..<context.inputCount).map { context.input($0) }
    let directions = zip(inputs, t).map { $1 ?? Tensor.zeros($0.shape, $0.type) }
    return Few(tangent(at: inputs, along: directions, of: stepped).tangent)
  }

  /// The same results from plain operations.
  private func stepped(_ x: [Tensor]) -> [Tensor] {
    let cell = LSTMCell(inputWeight: x[1], recurrentWeight: x[2], bias: x.count > 5 ? x[5] : nil)
    let scan = Scan(input: x[0], mask: nil, isReversed: isReversed)
    let (outputs, last) = scan.stepped(cell, from: LSTMState(hidden: x[3], cell: x[4]))
    return [outputs, last.cell]
  }
}
