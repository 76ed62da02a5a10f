public import UnrollArrays
public import UnrollAutograd

/// The linear recurrent unit: a complex memory whose eigenvalues are inside the unit circle, whatever the parameters are.
///
/// ```text
/// λ = exp(−exp ν + i exp θ)   c' = λ c + γ (x·B)   h' = Re(c'·C) + x·D
/// ```
///
/// c is the cell of the state, real parts first. γ is a parameter, or √(1 − |λ|²). C is stored as the factors of the real and of
/// the imaginary parts: Re C over −Im C.
public struct LRUCell: LinearCell {
  /// ln(−ln |λ|), `[memory]`.
  public var logDecay: Tensor
  /// The logarithm of the angle of λ, `[memory]`.
  public var logAngle: Tensor
  /// ln γ, `[memory]`, or nil for √(1 − |λ|²).
  public var logScale: Tensor?
  /// B, `[inputs, 2·memory]`: real parts, then imaginary parts.
  public var inputWeight: Tensor
  /// C, `[2·memory, hidden]`.
  public var outputWeight: Tensor
  /// D, `[inputs, hidden]`; `[inputs]` for a diagonal matrix; or nil for none.
  public var skipWeight: Tensor?

  /// A cell with the given weights.
  public init(
    logDecay: Tensor, logAngle: Tensor, logScale: Tensor?, inputWeight: Tensor, outputWeight: Tensor, skipWeight: Tensor?
  ) {
    self.logDecay = logDecay
    self.logAngle = logAngle
    self.logScale = logScale
    self.inputWeight = inputWeight
    self.outputWeight = outputWeight
    self.skipWeight = skipWeight
    checkParameters()
  }

  /// λ uniform in the ring of the given radii, with angles up to `angle`; γ a parameter that starts at √(1 − |λ|²); normal weights
  /// B and C scaled by their numbers of terms; D Glorot-uniform.
  ///
  ///     let lru = LRU(3, [4, 4]) { LRUCell($0, $1, memory: 8, radii: 0.9..<0.999, using: &generator) }
  public init(
    _ inputs: Int, _ hidden: Int, memory: Int? = nil, radii: Range<Double> = 0.5..<0.99, angle: Double = 2 * .pi,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    let n = memory ?? hidden
    require(
      inputs > 0 && hidden > 0 && n > 0 && n <= 1 << 30,
      "LRUCell: \(inputs) inputs, \(hidden) hidden features and a memory of \(n) do not make a cell")
    require(
      radii.lowerBound >= 0 && radii.upperBound < 1 && !radii.isEmpty && angle > 0 && angle.isFinite,
      "LRUCell: radii of \(radii) and an angle of \(angle) do not describe a ring inside the unit circle")
    let (low, high) = (radii.lowerBound * radii.lowerBound, radii.upperBound * radii.upperBound)
    let square = Tensor.uniform([n], in: max(low, 1e-9)..<high, .float64, using: &generator)
    let turn = Tensor.uniform([n], in: 1e-6..<1, .float64, using: &generator) * angle
    self.init(
      logDecay: (square.log() * -0.5).log().cast(to: type), logAngle: turn.log().cast(to: type),
      logScale: ((1 - square).log() * 0.5).cast(to: type),
      inputWeight: Tensor.normal([inputs, 2 * n], deviation: (0.5 / Double(inputs)).squareRoot(), type, using: &generator),
      outputWeight: Tensor.normal([2 * n, hidden], deviation: (1 / Double(n)).squareRoot(), type, using: &generator),
      skipWeight: Initializer.glorotUniform([inputs, hidden], type, using: &generator))
  }

  public var hiddenSize: Int { outputWeight.shape[1] }
  public var inputSize: Int? { inputWeight.shape[0] }
  public var isComplex: Bool { true }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, "logDecay", logDecay)
    check("logDecay", logDecay, axes: "[memory]", 1)
    let n = logDecay.shape[0]
    check("logAngle", logAngle, [n])
    check("logScale", logScale, [n])
    check("inputWeight", inputWeight, rows: "inputs", columns: 2 * n)
    check("outputWeight", outputWeight, axes: "[2·memory, hidden]", 2)
    check("outputWeight", outputWeight, [2 * n, hiddenSize])
    guard let skipWeight else { return }
    let inputs = inputWeight.shape[0]
    if skipWeight.rank == 1 {
      check("skipWeight", skipWeight, [inputs])
      require(inputs == hiddenSize, "LRUCell: a diagonal skipWeight cannot make \(hiddenSize) features of \(inputs) inputs")
    } else {
      check("skipWeight", skipWeight, [inputs, hiddenSize])
    }
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("logDecay", &logDecay)
    visitor("logAngle", &logAngle)
    visitor("logScale", &logScale)
    visitor("inputWeight", &inputWeight)
    visitor("outputWeight", &outputWeight)
    visitor("skipWeight", &skipWeight)
  }

  public func project(_ x: Tensor) -> Tensor {
    let scale = logScale?.exp() ?? (-(logDecay.exp() * -2).expMinusOne()).squareRoot()
    let driven = x.matmul(inputWeight * Tensor.concatenate([scale, scale], axis: 0))
    guard let skipWeight else { return driven }
    return Tensor.concatenate([driven, skipWeight.rank == 1 ? x * skipWeight : x.matmul(skipWeight)], axis: -1)
  }

  public func coefficients(_ projected: Tensor) -> (a: Tensor, b: Tensor) {
    let (radius, angle) = ((-logDecay.exp()).exp(), logAngle.exp())
    let eigenvalues = Tensor.concatenate([radius * angle.cos(), radius * angle.sin()], axis: 0)
    return (eigenvalues, parts(projected)[0])
  }

  public func output(_ memory: Tensor, _ projected: Tensor) -> Tensor {
    let seen = memory.matmul(outputWeight)
    return skipWeight == nil ? seen : seen + parts(projected)[1]
  }

  /// What enters the memory, and what passes beside it.
  private func parts(_ projected: Tensor) -> [Tensor] {
    skipWeight == nil ? [projected] : projected.split([2 * logDecay.shape[0], hiddenSize], axis: -1)
  }

  public func initialState(batch: Int, _ type: ElementType) -> LSTMState {
    LSTMState(
      hidden: Tensor.zeros([batch, hiddenSize], type), cell: Tensor.zeros([batch, 2 * logDecay.shape[0]], type))
  }
}

/// Linear recurrent units, over sequences.
public typealias LRU = Recurrent<LRUCell>
