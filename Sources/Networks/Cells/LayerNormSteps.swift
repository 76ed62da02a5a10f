internal import UnrollArrays
internal import UnrollAutograd

/// The steps of a `LayerNormLSTMCell` with kernels: all that is added or multiplied element by element is one tensor.
struct LayerNormSteps: MemoryCell {
  /// W, `[inputs, 4·hidden]`.
  var inputWeight: Tensor
  /// U, `[hidden, 4·hidden]`.
  var recurrentWeight: Tensor
  /// The factors of LN(h·U), 4·hidden, then those of the memory, and its shifts, then those of LN(x·W), 4·hidden each.
  var norms: Tensor
  /// The ε of LN(h·U), of the memory, and of LN(x·W).
  let epsilons: [Double]

  var hiddenSize: Int { recurrentWeight.shape[0] }

  init(_ cell: LayerNormLSTMCell) {
    (inputWeight, recurrentWeight) = (cell.inputWeight, cell.recurrentWeight)
    epsilons = [cell.recurrentNorm.epsilon, cell.memoryNorm.epsilon, cell.inputNorm.epsilon]
    let (type, n) = (cell.recurrentWeight.type, cell.hiddenSize)
    norms = Tensor.concatenate(
      [
        cell.recurrentNorm.scale ?? Tensor.ones([4 * n], type),
        cell.memoryNorm.scale ?? Tensor.ones([n], type),
        cell.memoryNorm.shift ?? Tensor.zeros([n], type),
        cell.inputNorm.scale ?? Tensor.ones([4 * n], type),
        sum(sum(cell.bias, cell.recurrentNorm.shift), cell.inputNorm.shift) ?? Tensor.zeros([4 * n], type),
      ], axis: 0)
  }

  func checkParameters() {
    let check = ParameterCheck("LayerNormLSTMCell", recurrentWeight: recurrentWeight, gates: 4)
    check("inputWeight", inputWeight, rows: "inputs", columns: 4 * hiddenSize)
    check("norms", norms, [14 * hiddenSize])
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("norms", &norms)
  }

  func project(_ x: Tensor) -> Tensor {
    x.matmul(inputWeight).layerNorm(scale: rows(6..<10), shift: rows(10..<14), epsilon: epsilons[2])
  }

  func recur(_ hidden: Tensor) -> Tensor { hidden.matmul(recurrentWeight) }

  func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, revising revise: (Tensor) -> Tensor) -> LSTMState {
    let a = (projected + recurred.layerNorm(scale: rows(0..<4), epsilon: epsilons[0])).chunks(4, axis: -1)
    let cell = revise(a[1].sigmoid() * state.cell + a[0].sigmoid() * a[2].tanh())
    let memory = cell.layerNorm(scale: rows(4..<5), shift: rows(5..<6), epsilon: epsilons[1])
    return LSTMState(hidden: a[3].sigmoid() * memory.tanh(), cell: cell)
  }

  /// Some rows of `norms`, each of hidden numbers.
  private func rows(_ range: Range<Int>) -> Tensor {
    norms[(range.lowerBound * hiddenSize)..<(range.upperBound * hiddenSize)]
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
      input: inputWeight.array, recurrent: recurrentWeight.array, bias: nil,
      extra: NDArray.concatenate([norms.array, bounds], axis: 0))
  }
}
