public import UnrollArrays
public import UnrollAutograd

/// GRU-D: a GRU for inputs of which some are missing, at any distance in time. The features of its input are values x, then as
/// many numbers m that are 1 where a value is observed and 0 elsewhere, then the gap Δt to the step before.
///
/// With δ the time since each feature was observed last, x⁻ its value then, and x̄ its mean:
///
/// ```text
/// γ = exp(−max(0, w δ + v))        x̂ = m x + (1 − m) (γ x⁻ + (1 − γ) x̄)
/// ĥ = exp(−max(0, δ·D + d)) h      a = x̂·W + m·V + b,  u = ĥ·U   in blocks r, z, n
/// r = σ(a_r + u_r)   z = σ(a_z + u_z)   n = tanh(a_n + (r ĥ)·U_n)
/// h' = (1 − z) ĥ + z n
/// ```
///
/// A value that is not observed may be any finite number. z writes here, while in `GRUCell` it keeps.
public struct GRUDCell: RecurrentCell {
  /// W, `[inputs, 3·hidden]`.
  public var inputWeight: Tensor
  /// V, `[inputs, 3·hidden]`.
  public var maskWeight: Tensor
  /// U, `[hidden, 3·hidden]`.
  public var recurrentWeight: Tensor
  /// b, `[3·hidden]`.
  public var bias: Tensor
  /// w and v, `[2, inputs]`.
  public var inputDecay: Tensor
  /// D over d, `[inputs + 1, hidden]`.
  public var hiddenDecay: Tensor
  /// x̄, `[inputs]`; frozen in a new cell.
  public var means: Tensor

  /// A cell with the given weights.
  public init(
    inputWeight: Tensor, maskWeight: Tensor, recurrentWeight: Tensor, bias: Tensor, inputDecay: Tensor, hiddenDecay: Tensor,
    means: Tensor
  ) {
    self.inputWeight = inputWeight
    self.maskWeight = maskWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.inputDecay = inputDecay
    self.hiddenDecay = hiddenDecay
    self.means = means
    checkParameters()
  }

  /// Glorot-uniform input weights, orthogonal recurrent weights, biases and decays of 0, and the given means, or 0. `inputs` counts
  /// values, marks and the gap.
  ///
  ///     let grud = GRUD(7, [4]) { GRUDCell($0, $1, using: &generator) }  // three values, three marks, the gap
  public init(
    _ inputs: Int, _ hidden: Int, means: [Double]? = nil, _ type: ElementType = .float32, using generator: inout Generator
  ) {
    require(inputs > 2 && inputs % 2 == 1, "GRUDCell: \(inputs) inputs are not values, as many marks, and the gap")
    let count = inputs / 2
    require(means == nil || means?.count == count, "GRUDCell: \(means?.count ?? 0) means do not fit \(count) values")
    let weights = gateWeights(3, "GRUDCell", count, hidden, .glorotUniform, .orthogonal(), type, &generator)
    self.init(
      inputWeight: weights.input,
      maskWeight: Initializer.perGate(3, .glorotUniform)([count, 3 * hidden], type, using: &generator),
      recurrentWeight: weights.recurrent, bias: Tensor.zeros([3 * hidden], type),
      inputDecay: Tensor.zeros([2, count], type), hiddenDecay: Tensor.zeros([count + 1, hidden], type),
      means: Tensor(means ?? Array(repeating: 0, count: count)).cast(to: type).frozen())
  }

  public var hiddenSize: Int { recurrentWeight.shape[0] }
  public var inputSize: Int? { 2 * inputWeight.shape[0] + 1 }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, recurrentWeight: recurrentWeight, gates: 3)
    check("inputWeight", inputWeight, rows: "inputs", columns: 3 * hiddenSize)
    let inputs = inputWeight.shape[0]
    check("maskWeight", maskWeight, [inputs, 3 * hiddenSize])
    check("bias", bias, [3 * hiddenSize])
    check("inputDecay", inputDecay, [2, inputs])
    check("hiddenDecay", hiddenDecay, [inputs + 1, hiddenSize])
    check("means", means, [inputs])
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("maskWeight", &maskWeight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("bias", &bias)
    visitor("inputDecay", &inputDecay)
    visitor("hiddenDecay", &hiddenDecay)
    visitor("means", &means)
  }

  public func project(_ x: Tensor) -> Tensor { x }

  public func recur(_ hidden: Tensor) -> Tensor { hidden }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: ObservedState) -> ObservedState {
    let (inputs, width) = (inputWeight.shape[0], hiddenSize)
    let parts = projected.split([inputs, inputs, 1], axis: -1)
    let (x, m, since) = (parts[0], parts[1], state.elapsed + parts[2])
    let fade = (-(since * inputDecay[0] + inputDecay[1]).relu()).exp()
    let filled = means + fade * (state.observed - means)
    let seen = filled + m * (x - filled)
    let decay = (-since.affine(hiddenDecay[..<inputs], bias: hiddenDecay[inputs]).relu()).exp()
    // The hidden state that a layer may have changed on its way into the recurrence.
    let (h, entering) = (decay * state.hidden, decay * recurred)
    let a = (seen.affine(inputWeight, bias: bias) + m.matmul(maskWeight)).chunks(3, axis: -1)
    let u = entering.matmul(recurrentWeight[.all, ..<(2 * width)]).chunks(2, axis: -1)
    let (r, z) = ((a[0] + u[0]).sigmoid(), (a[1] + u[1]).sigmoid())
    let n = (a[2] + (r * entering).matmul(recurrentWeight[.all, (2 * width)...])).tanh()
    return ObservedState(
      hidden: h + z * (n - h), observed: state.observed + m * (x - state.observed), elapsed: since - m * since)
  }

  /// Nothing has been observed: values are the means.
  public func initialState(batch: Int, _ type: ElementType) -> ObservedState {
    let inputs = inputWeight.shape[0]
    return ObservedState(
      hidden: Tensor.zeros([batch, hiddenSize], type), observed: means.broadcast(to: [batch, inputs]),
      elapsed: Tensor.zeros([batch, inputs], type))
  }
}

/// The state of a cell whose inputs may be missing.
public struct ObservedState: RecurrentState {
  /// h, the output, `[batch, hidden]`.
  public var hidden: Tensor
  /// The value of each feature when it was observed last, `[batch, inputs]`.
  public var observed: Tensor
  /// The time from then to the latest step, `[batch, inputs]`.
  public var elapsed: Tensor

  /// A state with the given tensors.
  public init(hidden: Tensor, observed: Tensor, elapsed: Tensor) {
    self.hidden = hidden
    self.observed = observed
    self.elapsed = elapsed
  }

  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    visit(&hidden)
    visit(&observed)
    visit(&elapsed)
  }
}

/// GRUs for missing inputs, over sequences.
public typealias GRUD = Recurrent<GRUDCell>
