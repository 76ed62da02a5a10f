internal import UnrollArrays
internal import UnrollAutograd

/// The steps of a `LayerNormLSTMCell` with kernels: its inputs are what they contribute to the gates, normalised and shifted already.
struct LayerNormSteps: MemoryCell {
  /// U, `[hidden, 4·hidden]`.
  var recurrentWeight: Tensor
  /// The factors of LN(h·U), 4·hidden, then those of the memory, and its shifts.
  var norms: Tensor
  /// The ε of LN(h·U), and that of the memory.
  let epsilons: [Double]

  var hiddenSize: Int { recurrentWeight.shape[0] }

  init(_ cell: LayerNormLSTMCell) {
    recurrentWeight = cell.recurrentWeight
    epsilons = [cell.recurrentNorm.epsilon, cell.memoryNorm.epsilon]
    let type = cell.recurrentWeight.type
    norms = Tensor.concatenate(
      [
        cell.recurrentNorm.scale ?? Tensor.ones([4 * cell.hiddenSize], type),
        cell.memoryNorm.scale ?? Tensor.ones([cell.hiddenSize], type),
        cell.memoryNorm.shift ?? Tensor.zeros([cell.hiddenSize], type),
      ], axis: 0)
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("recurrentWeight", &recurrentWeight)
    visitor("norms", &norms)
  }

  func project(_ x: Tensor) -> Tensor { x }

  func recur(_ hidden: Tensor) -> Tensor { hidden.matmul(recurrentWeight) }

  func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, revising revise: (Tensor) -> Tensor) -> LSTMState {
    let n = hiddenSize
    let a = (projected + recurred.layerNorm(scale: norms[..<(4 * n)], epsilon: epsilons[0])).chunks(4, axis: -1)
    let cell = revise(a[1].sigmoid() * state.cell + a[0].sigmoid() * a[2].tanh())
    let memory = cell.layerNorm(scale: norms[(4 * n)..<(5 * n)], shift: norms[(5 * n)...], epsilon: epsilons[1])
    return LSTMState(hidden: a[3].sigmoid() * memory.tanh(), cell: cell)
  }

  func scan(_ scan: Scan, from state: LSTMState) -> ScanResult<LSTMState>? { fusedScan(scan, from: state) }

  func initialState(batch: Int, _ type: ElementType) -> LSTMState {
    LSTMState(hidden: Tensor.zeros([batch, hiddenSize], type), cell: Tensor.zeros([batch, hiddenSize], type))
  }
}

extension LayerNormSteps: FusedCell {
  var stepRule: StepRule? { .layerNormLSTM }

  var stepWeights: StepWeights {
    let bounds = NDArray.stack(epsilons.map { NDArray($0, norms.type) })
    return StepWeights(
      input: nil, recurrent: recurrentWeight.array, bias: nil, extra: NDArray.concatenate([norms.array, bounds], axis: 0))
  }
}
