internal import UnrollArrays
public import UnrollAutograd

/// A cell whose memory is a linear recurrence of itself: c' = a c + b, element by element, with a and b from the input alone.
///
/// The step follows from the two functions, and a layer runs it like that of any other cell. If it cannot be traced, a layer computes a
/// and b of all steps at once, and then the memories of all steps in one pass, by `Tensor.linearRecurrence`: no step waits for the one
/// before it. Nothing recurs through a product, so that `Recurrent.recurrentDropout` has no effect.
///
/// The tensors of the state are the output, the memory if it is not the output itself, and, if `window` is above 1, the earlier
/// inputs of the window as `project` gives them, side by side.
///
///     struct LeakCell: LinearCell {
///       var weight: Tensor
///       var hiddenSize: Int { weight.shape[1] }
///
///       mutating func visit(_ visitor: Visitor) { visitor("weight", &weight) }
///       func project(_ x: Tensor) -> Tensor { x.matmul(weight) }
///       func coefficients(_ projected: Tensor) -> (a: Tensor, b: Tensor) { (projected.sigmoid(), projected.tanh()) }
///       func initialState(batch: Int, _ type: ElementType) -> HiddenState {
///         HiddenState(hidden: Tensor.zeros([batch, hiddenSize], type))
///       }
///     }
public protocol LinearCell: RecurrentCell {
  /// a and b of steps: projected inputs `[..., anything]` give b of `[..., memory]` and a that broadcasts to it.
  func coefficients(_ projected: Tensor) -> (a: Tensor, b: Tensor)

  /// The outputs of steps, `[..., hidden]`, from the memories after them and the same projected inputs; the memories themselves
  /// (the default) where the state has no other part.
  func output(_ memory: Tensor, _ projected: Tensor) -> Tensor

  /// The projected inputs of a window's steps side by side, the oldest first, as `coefficients` and `output` read them; as they
  /// are by default.
  func combine(_ window: Tensor) -> Tensor

  /// Whether the memory is complex: real parts, then as many imaginary parts; false by default.
  var isComplex: Bool { get }

  /// The number of latest inputs that a step reads; 1 by default.
  var window: Int { get }

  /// Whether the recurrence is linear with the options that the cell has; true by default. If not, the cell implements `step`.
  var isLinear: Bool { get }
}

extension LinearCell {
  /// The memory itself.
  public func output(_ memory: Tensor, _ projected: Tensor) -> Tensor { memory }

  /// The inputs as they are.
  public func combine(_ window: Tensor) -> Tensor { window }

  /// False.
  public var isComplex: Bool { false }

  /// One.
  public var window: Int { 1 }

  /// True.
  public var isLinear: Bool { true }

  /// The hidden state, which no step reads.
  public func recur(_ hidden: Tensor) -> Tensor { hidden }

  /// One step of the recurrence.
  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: State) -> State {
    let parts = state.tensors
    let latest = window == 1 ? projected : Tensor.concatenate([parts[2], projected], axis: -1)
    let inputs = combine(latest)
    let (a, b) = coefficients(inputs)
    let memory = product(a, parts.count == 1 ? parts[0] : parts[1]) + b
    if parts.count == 1 { return state.replacingTensors([memory]) }
    let earlier = window == 1 ? [] : [latest[.all, projected.shape[1]...]]
    return state.replacingTensors([output(memory, inputs), memory] + earlier)
  }

  private func product(_ a: Tensor, _ c: Tensor) -> Tensor {
    if !isComplex { return a * c }
    let (a, c) = (a.chunks(2, axis: -1), c.chunks(2, axis: -1))
    return Tensor.concatenate([a[0] * c[0] - a[1] * c[1], a[0] * c[1] + a[1] * c[0]], axis: -1)
  }
}
