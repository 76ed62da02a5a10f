public import UnrollArrays
public import UnrollAutograd

/// A cell that randomly keeps part of its previous state: with the inner cell's next state s̃,
///
/// ```text
/// s' = k s + (1 − k) s̃     in training k is 1 with probability `rate`, drawn for each element of each step;
///                          in evaluation k is the rate itself
/// ```
///
/// for the output and for the memory, each with its own rate. The new output does not depend on which memories are kept
/// (Krueger et al.).
///
/// Each part of a state keeps elements of its own. Parts that only mean something together do not survive that, as the memory, its
/// normaliser and its stabiliser in `SLSTMCell` and `MLSTMCell`: their numbers grow without bounds.
///
///     let lstm = LSTM(3, 4, using: &generator).modifyingCells { Zoneout($0, hidden: 0.05, memory: 0.5) }
///     let (outputs, state) = lstm(Tensor.ones([2, 5, 3]), using: &generator)
public struct Zoneout<Cell: RecurrentCell>: ModifiedCell {
  public var cell: Cell
  /// One rate for each part of the state.
  private let rates: [Double]

  init(_ cell: Cell, rates: [Double]) {
    self.cell = cell
    self.rates = rates
  }

  /// A cell that keeps elements of its state with the given probabilities.
  public init(_ cell: Cell, hidden: Double, memory: Double = 0) {
    let parts = cell.initialState(batch: 1, .float32).tensors.count
    requireZoneoutRates("Zoneout", hidden, memory)
    require(
      parts > 1 || memory == 0, "Zoneout: \(Cell.self) has no memory, so a memory rate of \(memory) has no effect")
    self.cell = cell
    rates = [hidden] + Array(repeating: memory, count: parts - 1)
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: Cell.State) -> Cell.State {
    let next = cell.step(projected, recurred, state)
    return next.replacingTensors(
      zip(rates, zip(next.tensors, state.tensors)).map { rate, parts in
        rate == 0 ? parts.0 : parts.0 + (parts.1 - parts.0) * rate
      })
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: Cell.State, noise: [Tensor]) -> Cell.State {
    let own = rates.count { $0 > 0 }
    let next = cell.step(projected, recurred, state, noise: Array(noise[own...]))
    var keeps = noise[..<own].makeIterator()
    return next.replacingTensors(
      zip(rates, zip(next.tensors, state.tensors)).map { rate, parts in
        guard rate > 0, let keep = keeps.next() else { return parts.0 }
        return parts.0 + (parts.1 - parts.0) * keep
      })
  }

  public func noise(steps: Int, batch: Int, _ type: ElementType, using generator: inout Generator) -> [Tensor] {
    let widths = cell.initialState(batch: 1, type).tensors.map { $0.shape.dropFirst() }
    var own: [Tensor] = []
    for (rate, width) in zip(rates, widths) where rate > 0 {
      let shape = Shape([steps, batch] + width)
      own.append(Tensor.bernoulli(shape, probability: rate, type, using: &generator))
    }
    return own + cell.noise(steps: steps, batch: batch, type, using: &generator)
  }
}

/// Zoneout whose output reads the memory after zoneout: c' = k c + (1 − k) c̃, h̃ = o tanh(c'), h' = k h + (1 − k) h̃.
///
///     let lstm = LSTM(3, 4, using: &generator).modifyingCells { MemoryZoneout($0, hidden: 0.05, memory: 0.5) }
public struct MemoryZoneout<Cell: MemoryCell>: ModifiedCell {
  public var cell: Cell
  private let hiddenRate, memoryRate: Double

  /// A cell that keeps elements of its state with the given probabilities.
  public init(_ cell: Cell, hidden: Double, memory: Double) {
    requireZoneoutRates("MemoryZoneout", hidden, memory)
    self.cell = cell
    hiddenRate = hidden
    memoryRate = memory
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> LSTMState {
    var next = cell.step(projected, recurred, state) { $0 + (state.cell - $0) * memoryRate }
    next.hidden = next.hidden + (state.hidden - next.hidden) * hiddenRate
    return next
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, noise: [Tensor]) -> LSTMState {
    var next = cell.step(projected, recurred, state) { $0 + (state.cell - $0) * noise[1] }
    next.hidden = next.hidden + (state.hidden - next.hidden) * noise[0]
    return next
  }

  public func noise(steps: Int, batch: Int, _ type: ElementType, using generator: inout Generator) -> [Tensor] {
    let state = cell.initialState(batch: 1, type)
    return zip([hiddenRate, memoryRate], [state.hidden, state.cell]).map { rate, part in
      Tensor.bernoulli([steps, batch, part.shape[1]], probability: rate, type, using: &generator)
    }
  }
}

private func requireZoneoutRates(_ name: String, _ hidden: Double, _ memory: Double) {
  for rate in [hidden, memory] {
    require(rate >= 0 && rate <= 1, "\(name): a rate of \(rate) is not in 0...1")
  }
}
