public import UnrollArrays
public import UnrollAutograd

/// The random draws of one training call of a recurrent layer, which can be inspected, stored, replayed or replaced.
///
/// Dropped weights (`WeightDropped`) are not included.
///
///     let lstm = LSTM(3, 4, using: &generator).modifyingCells { Zoneout($0, hidden: 0.1, memory: 0.5) }
///     let x = Tensor.ones([2, 5, 3])
///     var draws = lstm.draws(for: x, using: &generator)
///     draws.noise[0][1] = Tensor.ones([5, 2, 4])  // the memory never changes
///     let (outputs, state) = lstm(x, draws: draws)
public struct RecurrentDraws: TensorGroup {
  /// For each cell, layer by layer and forward before backward, the factors of its hidden state, `[batch, hidden]`, or nil.
  public var hidden: [Tensor?]
  /// For each cell its draws for the steps, `[time, batch, anything]` each: for `Zoneout`, for each rate above 0, 1 where an
  /// element is kept and 0 elsewhere. Empty for a cell that steps as in evaluation.
  public var noise: [[Tensor]]
  /// For each layer the factors of its outputs, `[time, batch, outputs]`, or nil.
  public var outputs: [Tensor?]

  /// Draws with the given tensors.
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
  /// The outputs of every step and the state after the last step, with the given draws; see `RecurrentDraws`.
  public func callAsFunction(
    _ x: Tensor, from state: State? = nil, lengths: [Int]? = nil, mask: Mask? = nil, draws: RecurrentDraws
  ) -> (outputs: Tensor, state: State) {
    checkCells()
    requireDraws(draws, x)
    let run = run(x, state, RowMask(lengths, mask), dropping: draws, keepsStates: false)
    return (run.outputs, run.state)
  }

  /// The draws for an input: those of `dropout` and `recurrentDropout`, and the cells' own.
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
      "Recurrent: an input of shape \(x.shape) is not a sequence (three axes, or two without a batch)")
    if x.rank == 2 { return (x.shape[0], 1) }
    return isTimeFirst ? (x.shape[0], x.shape[1]) : (x.shape[1], x.shape[0])
  }

  /// Stops if draws do not have the shapes that the layer would draw for the input.
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
    // A sample for one step and one row: the number of tensors, and their other extents.
    var generator = Generator(seed: 0)
    for (i, cell) in cells.enumerated() {
      check("factors of a hidden state", draws.hidden[i]?.shape, [batch, cell.hiddenSize])
      if draws.noise[i].isEmpty { continue }
      let one = cell.noise(steps: 1, batch: 1, x.type, using: &generator)
      require(
        draws.noise[i].count == one.count,
        "Recurrent: \(draws.noise[i].count) tensors of noise are not the \(one.count) that a cell draws")
      for (tensor, like) in zip(draws.noise[i], one) {
        check("draws of a cell", tensor.shape, Shape([steps, batch] + like.shape.dropFirst(2)))
      }
    }
    for (layer, factors) in draws.outputs.enumerated() {
      check("factors of outputs", factors?.shape, [steps, batch, outputSize(of: layer)])
    }
  }
}
