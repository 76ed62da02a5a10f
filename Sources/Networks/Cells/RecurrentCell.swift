public import UnrollArrays
public import UnrollAutograd

/// One step of a recurrence. A recurrent layer repeats it over time with the same parameters at every step.
///
/// A step is split so that work can be shared. `project` depends only on the input, so that a layer computes it once for the
/// whole sequence; `recur` is linear in the hidden state; `step` combines the two. A cell of your own needs nothing else to be
/// stacked, run in both directions, masked and differentiated.
///
/// `step` must be a pure function of its arguments and the cell. A layer may run it once on probes, to record its
/// operations and compile them into one operation over the whole sequence. A step that reads numbers (`item`, `scalars(as:)`,
/// comparisons) cannot be compiled and runs operation by operation instead; `Recurrent.ways` reports this.
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
///     }
public protocol RecurrentCell: Module {
  /// The state carried from one step to the next.
  associatedtype State: RecurrentState

  /// The number of features of the hidden state.
  var hiddenSize: Int { get }

  /// The number of input features, checked before the first step; nil (the default) if the cell accepts any number.
  var inputSize: Int? { get }

  /// The input's contribution: `[..., inputs]` gives `[..., anything]`.
  func project(_ x: Tensor) -> Tensor

  /// The hidden state's contribution: `[batch, hidden]` gives `[batch, anything]`.
  func recur(_ hidden: Tensor) -> Tensor

  /// The next state, from both contributions and the previous state.
  func step(_ projected: Tensor, _ recurred: Tensor, _ state: State) -> State

  /// The state before the first step.
  func initialState(batch: Int, _ type: ElementType) -> State

  /// The cell for one sequence of training, with its random draws that are shared by all steps, such as dropped weights.
  func drawn(using generator: inout Generator) -> Self

  /// The random draws of each step of training, `[time, batch, anything]` each; empty (the default) for a deterministic step.
  func noise(steps: Int, batch: Int, _ type: ElementType, using generator: inout Generator) -> [Tensor]

  /// Stops if a parameter does not have the shape or the element type that the step assumes; the default checks nothing. Layers
  /// call it before every sequence, every single step and `prepared`, because parameters are variables.
  func checkParameters()

  /// The next state in training, given this step's draws from `noise`.
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

/// The state carried from one step to the next. Its hidden part is the step's output, and `visitTensors` visits it first.
public protocol RecurrentState: TensorGroup {
  /// The output of the step, `[batch, hidden]`.
  var hidden: Tensor { get set }
}

/// The state of a cell whose only memory is its output.
public struct HiddenState: RecurrentState {
  /// h, the output, `[batch, hidden]`.
  public var hidden: Tensor

  /// A state with the given tensor.
  public init(hidden: Tensor) { self.hidden = hidden }

  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) { visit(&hidden) }
}

extension RecurrentCell where State == HiddenState {
  /// A state of zeros.
  public func initialState(batch: Int, _ type: ElementType) -> HiddenState {
    HiddenState(hidden: Tensor.zeros([batch, hiddenSize], type))
  }
}

/// A cell with a memory behind its output, whose step lets a modifier revise the new memory before the output reads it.
public protocol MemoryCell: RecurrentCell where State == LSTMState {
  /// The next state. `revise` maps the new memory to the one that is kept and that the output reads.
  func step(
    _ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, revising revise: (Tensor) -> Tensor
  ) -> LSTMState
}

extension MemoryCell {
  /// The next state, with the memory unrevised.
  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> LSTMState {
    step(projected, recurred, state) { $0 }
  }
}
