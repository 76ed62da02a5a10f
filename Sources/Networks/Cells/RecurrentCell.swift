public import UnrollArrays
public import UnrollAutograd

/// One step of a recurrence: what a recurrent layer repeats over time, with the same parameters at every step.
///
/// A step is split where the work can be shared. `project` depends on the input alone, so that a layer does it once for the whole
/// sequence; `recur` is linear in the hidden state; `step` joins the two. A cell of your own needs nothing else to be stacked, run in
/// both directions, masked and differentiated.
///
/// `step` is a function of what it is given and of the cell. A layer may run it once with other numbers, to record its operations and to
/// compile them to one operation over the whole sequence; a step that reads numbers (`item`, `array`, comparisons) runs at every step
/// instead, and `Recurrent.ways` says so.
///
///     struct LeakyCell: RecurrentCell {
///       var weight: Tensor, recurrentWeight: Tensor
///       var hiddenSize: Int { recurrentWeight.shape[0] }
///
///       mutating func visit(_ visitor: Visitor) {
///         visitor("weight", &weight)
///         visitor("recurrentWeight", &recurrentWeight)
///       }
///       func project(_ x: Tensor) -> Tensor { x.matmul(weight) }
///       func recur(_ hidden: Tensor) -> Tensor { hidden.matmul(recurrentWeight) }
///       func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
///         HiddenState(hidden: state.hidden * 0.9 + (projected + recurred).tanh() * 0.1)
///       }
///       func initialState(batch: Int, _ type: ElementType) -> HiddenState {
///         HiddenState(hidden: Tensor.zeros([batch, hiddenSize], type))
///       }
///     }
public protocol RecurrentCell: Module {
  /// What one step hands to the next.
  associatedtype State: RecurrentState

  /// How many features the hidden state has.
  var hiddenSize: Int { get }

  /// How many features an input has, which is compared before the first step; nil, as by default, where the cell takes any.
  var inputSize: Int? { get }

  /// What the input contributes: `[..., inputs]` gives `[..., anything]`.
  func project(_ x: Tensor) -> Tensor

  /// What the hidden state contributes: `[batch, hidden]` gives `[batch, anything]`.
  func recur(_ hidden: Tensor) -> Tensor

  /// The next state from both contributions and the state before.
  func step(_ projected: Tensor, _ recurred: Tensor, _ state: State) -> State

  /// The state before the first step.
  func initialState(batch: Int, _ type: ElementType) -> State

  /// The cell of one sequence in training, with what is drawn once for all its steps, such as weights that are dropped.
  func drawn(using generator: inout Generator) -> Self

  /// What training draws for each step, `[time, batch, anything]` each; none where steps are certain.
  func noise(steps: Int, batch: Int, _ type: ElementType, using generator: inout Generator) -> [Tensor]

  /// Stops with a sentence where a parameter has not the shape or the type that the step reads it by; nothing is compared unless a
  /// cell says what. Called before every sequence, every single step and `prepared`, since parameters are variables.
  func checkParameters()

  /// The next state in training, given this step's part of the noise.
  func step(_ projected: Tensor, _ recurred: Tensor, _ state: State, noise: [Tensor]) -> State
}

extension RecurrentCell {
  public var inputSize: Int? { nil }

  public func checkParameters() {}

  public func drawn(using generator: inout Generator) -> Self { self }

  public func noise(steps: Int, batch: Int, _ type: ElementType, using generator: inout Generator) -> [Tensor] { [] }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: State, noise: [Tensor]) -> State {
    step(projected, recurred, state)
  }

  /// One step: `[batch, inputs]` and a state give the next state.
  ///
  ///     let cell = LSTMCell(3, 4, using: &generator)
  ///     let next = cell(Tensor.ones([2, 3]), from: cell.initialState(batch: 2, .float32))
  public func callAsFunction(_ x: Tensor, from state: State) -> State {
    checkParameters()
    return step(project(x), recur(state.hidden), state)
  }
}

/// What one step of a recurrence hands to the next; its hidden part is the step's output, and visited first.
public protocol RecurrentState: TensorGroup {
  /// The output of the step, `[batch, hidden]`.
  var hidden: Tensor { get set }
}

/// The state of a cell that remembers nothing but its output.
public struct HiddenState: RecurrentState {
  /// `[batch, hidden]`.
  public var hidden: Tensor

  /// A state of the given numbers.
  public init(hidden: Tensor) { self.hidden = hidden }

  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) { visit(&hidden) }
}
