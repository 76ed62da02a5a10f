public import UnrollArrays
public import UnrollAutograd

/// A cell that drops entries of its recurrent matrix in training: U ⊙ m, with one draw of m for all steps of a sequence.
///
/// m is 0 with probability `rate`, and 1 / (1 − rate) otherwise. The steps are the inner cell's, at the same speed.
///
///     let lstm = LSTM(3, 4, using: &generator).modifyingCells { WeightDropped($0, rate: 0.5) }
///     let (outputs, state) = lstm(Tensor.ones([2, 5, 3]), using: &generator)
public struct WeightDropped<Cell: RecurrentCell>: ModifiedCell {
  public var cell: Cell
  /// The probability that an entry of the matrix is dropped.
  public let rate: Double
  /// The name of the matrix among the inner cell's parameters.
  public let parameter: String

  /// A cell that drops entries of one parameter in training.
  public init(_ cell: Cell, rate: Double, parameter: String = "recurrentWeight") {
    require(rate >= 0 && rate < 1, "WeightDropped: a rate of \(rate) is not in 0..<1")
    let names = cell.parameters.map(\.name)
    require(
      names.contains(parameter),
      "WeightDropped: a cell with the parameters \(names.joined(separator: ", ")) has no \(parameter)")
    self.cell = cell
    self.rate = rate
    self.parameter = parameter
  }

  public func drawn(using generator: inout Generator) -> WeightDropped {
    var copy = self
    copy.cell = cell.drawn(using: &generator)
    if rate == 0 { return copy }
    copy.cell.visitParameters { name, tensor in
      if name == parameter { tensor = tensor * Dropout(rate).mask(tensor.shape, tensor.type, using: &generator) }
    }
    return copy
  }
}

extension WeightDropped: MemoryCell where Cell: MemoryCell {
  public func step(
    _ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, revising revise: (Tensor) -> Tensor
  ) -> LSTMState {
    cell.step(projected, recurred, state, revising: revise)
  }
}
