public import UnrollArrays
public import UnrollAutograd

/// A cell that is another with something changed: what a modifier does not say is the inner cell's, the names of parameters too.
///
/// A layer traces the modified step as it does any other, so that modifiers run as part of its program.
public protocol ModifiedCell: RecurrentCell where State == Cell.State {
  /// The kind of the inner cell.
  associatedtype Cell: RecurrentCell

  /// The inner cell.
  var cell: Cell { get set }
}

/// A cell whose steps do more than compute, such as writing down what they meet: each of them has to run.
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

  /// The inner cell's next state with draws of its own.
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
