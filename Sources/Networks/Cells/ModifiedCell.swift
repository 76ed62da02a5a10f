public import UnrollArrays
public import UnrollAutograd

/// A wrapper around another cell that changes part of its behaviour. Requirements that the wrapper does not implement, and
/// parameter names, come from the inner cell.
///
/// A layer traces the modified step like any other, so that modifiers run as part of the fused program.
public protocol ModifiedCell: RecurrentCell where State == Cell.State {
  /// The type of the inner cell.
  associatedtype Cell: RecurrentCell

  /// The inner cell.
  var cell: Cell { get set }
}

/// A cell whose steps have side effects, such as recording the states they see, so that every step must run.
package protocol EveryStepCell: RecurrentCell {}

extension ModifiedCell {
  public var hiddenSize: Int { cell.hiddenSize }

  public var inputSize: Int? { cell.inputSize }

  public mutating func visit(_ visitor: Visitor) { cell.visit(visitor) }

  public func project(_ x: Tensor) -> Tensor { cell.project(x) }

  public func recur(_ hidden: Tensor) -> Tensor { cell.recur(hidden) }

  /// The inner cell's next state.
  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: Cell.State) -> Cell.State {
    cell.step(projected, recurred, state)
  }

  /// The inner cell's next state, given this step's random draws.
  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: Cell.State, noise: [Tensor]) -> Cell.State {
    cell.step(projected, recurred, state, noise: noise)
  }

  /// The inner cell's state before the first step.
  public func initialState(batch: Int, _ type: ElementType) -> Cell.State { cell.initialState(batch: batch, type) }

  public func checkParameters() { cell.checkParameters() }

  public func drawn(using generator: inout Generator) -> Self {
    var copy = self
    copy.cell = cell.drawn(using: &generator)
    return copy
  }

  public func noise(steps: Int, batch: Int, _ type: ElementType, using generator: inout Generator) -> [Tensor] {
    cell.noise(steps: steps, batch: batch, type, using: &generator)
  }
}
