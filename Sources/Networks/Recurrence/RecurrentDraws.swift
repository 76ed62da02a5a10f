public import UnrollArrays
public import UnrollAutograd

/// What training draws for one call of a recurrent layer, to be looked at, kept, given again, or made by somebody else.
///
/// Weights that cells drop (`WeightDropped`) are not among it.
///
///     let lstm = LSTM(3, 4, using: &generator).modifyingCells { Zoneout($0, hidden: 0.1, memory: 0.5) }
///     let x = Tensor.ones([2, 5, 3])
///     var draws = lstm.draws(for: x, using: &generator)
///     draws.noise[0][1] = Tensor.ones([5, 2, 4])  // no number of the memory changes
///     let (outputs, state) = lstm(x, draws: draws)
public struct RecurrentDraws: TensorGroup {
  /// For each cell, layer by layer and forward before backward, the factors of its hidden state, `[batch, hidden]`, or nil for none.
  public var hidden: [Tensor?]
  /// For each cell what it draws for the steps, `[time, batch, anything]` each: of `Zoneout` for each rate above 0 which numbers stay,
  /// 1 or 0; nothing where it is to step as in evaluation.
  public var noise: [[Tensor]]
  /// For each layer the factors of its outputs, `[time, batch, outputs]`, or nil for none.
  public var outputs: [Tensor?]

  /// Draws of the given numbers.
  public init(hidden: [Tensor?], noise: [[Tensor]], outputs: [Tensor?]) {
    (self.hidden, self.noise, self.outputs) = (hidden, noise, outputs)
  }

  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    hidden.visitTensors(visit)
    noise.visitTensors(visit)
    outputs.visitTensors(visit)
  }
}

extension Recurrent {
  /// The outputs of every step, and the state after the last, with draws that are given; see `RecurrentDraws`.
  public func callAsFunction(
    _ x: Tensor, from state: State? = nil, lengths: [Int]? = nil, mask: Mask? = nil, draws: RecurrentDraws
  ) -> (outputs: Tensor, state: State) {
    checkCells()
    requireDraws(draws, x)
    let run = run(x, state, RowMask(lengths, mask), dropping: draws, keepsStates: false)
    return (run.outputs, run.state)
  }

  /// What the layer draws for an input, by `dropout` and `recurrentDropout` and as the cells do.
  ///
  ///     var gru = GRU(3, 4, using: &generator)
  ///     gru.recurrentDropout = 0.25
  ///     let factors = gru.draws(for: Tensor.ones([2, 5, 3]), using: &generator).hidden[0]  // [2, 4]
  public func draws(for x: Tensor, using generator: inout Generator) -> RecurrentDraws {
    checkCells()
    let (steps, batch) = stepsAndBatch(of: x)
    var draws = RecurrentDraws(hidden: [], noise: [], outputs: [])
    for layer in 0..<layerCount {
      for cell in cells(of: layer) {
        let factors = recurrentDropout > 0 ? Dropout(recurrentDropout) : nil
        draws.hidden.append(factors?.mask([batch, cell.hiddenSize], x.type, using: &generator))
        draws.noise.append(cell.noise(steps: steps, batch: batch, x.type, using: &generator))
      }
      let drops = dropout > 0 && layer < layerCount - 1
      let factors = drops ? Dropout(dropout) : nil
      draws.outputs.append(factors?.mask([steps, batch, outputSize(of: layer)], x.type, using: &generator))
    }
    return draws
  }

  private func cells(of layer: Int) -> [Cell] { isBidirectional ? [forward[layer], backward[layer]] : [forward[layer]] }

  private func stepsAndBatch(of x: Tensor) -> (steps: Int, batch: Int) {
    require(
      x.rank == 2 || x.rank == 3,
      "Recurrent: an input of shape \(x.shape) is no sequence: three axes are, or two without a batch")
    if x.rank == 2 { return (x.shape[0], 1) }
    return isTimeFirst ? (x.shape[0], x.shape[1]) : (x.shape[1], x.shape[0])
  }

  /// Stops where draws do not have the shapes that the layer would draw for the input.
  private func requireDraws(_ draws: RecurrentDraws, _ x: Tensor) {
    let (steps, batch) = stepsAndBatch(of: x)
    let cells = (0..<layerCount).flatMap { self.cells(of: $0) }
    require(
      draws.hidden.count == cells.count && draws.noise.count == cells.count && draws.outputs.count == layerCount,
      "Recurrent: draws for \(draws.hidden.count) and \(draws.noise.count) cells and \(draws.outputs.count) layers do not fit "
        + "\(cells.count) cells in \(layerCount) layers")
    func check(_ what: String, _ found: Shape?, _ wanted: Shape) {
      guard let found else { return }
      require(found == wanted, "Recurrent: \(what) of shape \(found) are not \(wanted)")
    }
    // Of one step and one row: how many tensors, and what each has beside steps and rows.
    var generator = Generator(seed: 0)
    for (i, cell) in cells.enumerated() {
      check("factors of a hidden state", draws.hidden[i]?.shape, [batch, cell.hiddenSize])
      if draws.noise[i].isEmpty { continue }
      let one = cell.noise(steps: 1, batch: 1, x.type, using: &generator)
      require(
        draws.noise[i].count == one.count,
        "Recurrent: \(draws.noise[i].count) tensors of noise are not the \(one.count) of a cell")
      for (tensor, like) in zip(draws.noise[i], one) {
        check("draws of a cell", tensor.shape, Shape([steps, batch] + like.shape.dropFirst(2)))
      }
    }
    for (layer, factors) in draws.outputs.enumerated() {
      check("factors of outputs", factors?.shape, [steps, batch, outputSize(of: layer)])
    }
  }
}
