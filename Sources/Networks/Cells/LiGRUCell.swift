public import UnrollArrays
public import UnrollAutograd

/// The light gated recurrent unit, a GRU without reset gate whose candidate is rectified. With a = x·W + h·U + b in two blocks
/// z, n:
///
/// ```text
/// z = σ(a_z)   h' = z h + (1 − z) relu(a_n)
/// ```
///
/// The paper normalises x·W over the batch, which is not part of the cell.
public struct LiGRUCell: StandardCell {
  package static let gateNames = ["z", "n"]

  /// W, `[inputs, 2·hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, 2·hidden]`.
  public var recurrentWeight: Tensor
  /// b, `[2·hidden]`, or nil.
  public var bias: Tensor?
  /// The functions that stand for σ and relu in the equations.
  public var activations: GateActivations { didSet { activations.requireNoOutput("LiGRUCell") } }

  /// A cell with the given weights.
  public init(
    inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor?,
    activations: GateActivations = GateActivations(candidate: .relu)
  ) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.activations = activations
    activations.requireNoOutput("LiGRUCell")
    checkParameters()
  }

  /// Glorot-uniform input weights, orthogonal recurrent weights, and a bias of 0.
  ///
  ///     let ligru = LiGRU(3, [4, 4]) { LiGRUCell($0, $1, using: &generator) }
  public init(
    _ inputs: Int, _ hidden: Int, bias: Bool = true, _ type: ElementType = .float32, using generator: inout Generator
  ) {
    let weights = gateWeights(2, "LiGRUCell", inputs, hidden, .glorotUniform, .orthogonal(), type, &generator)
    self.init(
      inputWeight: weights.input, recurrentWeight: weights.recurrent, bias: bias ? Tensor.zeros([2 * hidden], type) : nil)
  }

  init(default inputs: Int, _ hidden: Int, bias: Bool, _ type: ElementType, _ generator: inout Generator) {
    self.init(inputs, hidden, bias: bias, type, using: &generator)
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    let a = (projected + recurred).chunks(2, axis: -1)
    let (z, n) = (activations.gate(a[0]), activations.candidate(a[1]))
    return HiddenState(hidden: n + z * (state.hidden - n))
  }
}

/// Light gated recurrent units, over sequences.
public typealias LiGRU = Recurrent<LiGRUCell>
