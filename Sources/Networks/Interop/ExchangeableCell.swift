internal import UnrollArrays
internal import UnrollAutograd

/// A cell that other frameworks have too.
protocol ExchangeableCell: RecurrentCell, ExchangeableModule {
  /// A cell of any sizes with default options.
  static var blank: Self { get }

  /// The cell's weights; setting them keeps its other options.
  var cellWeights: CellWeights { get set }
}

extension ExchangeableCell {
  /// Whether every parameter is one that frameworks know. An export would lose any other.
  fileprivate var isKnown: Bool { tensors.count == cellWeights.tensorCount }

  /// The cell with other weights.
  func replacingWeights(_ weights: CellWeights) -> Self {
    var copy = self
    copy.cellWeights = weights
    return copy
  }

  func exported(to framework: Framework, original: (String) -> Tensor?) -> NamedTensors? {
    if !isKnown { return nil }
    return CellStack(layers: [[cellWeights]], isCell: true).exported(to: framework, original: original)
  }

  mutating func take(from framework: Framework, _ tensors: (String) -> Tensor?) {
    var stack = CellStack(layers: [[cellWeights]], isCell: true)
    stack.take(from: framework, tensors)
    cellWeights = stack.layers[0][0]
  }
}

extension LSTMCell: ExchangeableCell {
  static var blank: LSTMCell {
    LSTMCell(inputWeight: .zeros([1, 4]), recurrentWeight: .zeros([1, 4]), bias: nil)
  }

  var cellWeights: CellWeights {
    get { CellWeights(.lstm, input: inputWeight, recurrent: recurrentWeight, bias: bias) }
    set { (inputWeight, recurrentWeight, bias) = (newValue.input, newValue.recurrent, newValue.bias) }
  }
}

extension PeepholeLSTMCell: ExchangeableCell {
  static var blank: PeepholeLSTMCell {
    PeepholeLSTMCell(inputWeight: .zeros([1, 4]), recurrentWeight: .zeros([1, 4]), bias: nil, peepholes: .zeros([3, 1]))
  }

  var cellWeights: CellWeights {
    get { CellWeights(.peepholeLSTM, input: inputWeight, recurrent: recurrentWeight, bias: bias, peepholes: peepholes) }
    set {
      (inputWeight, recurrentWeight, bias) = (newValue.input, newValue.recurrent, newValue.bias)
      peepholes = newValue.peepholes ?? peepholes
    }
  }
}

extension ProjectedLSTMCell: ExchangeableCell {
  static var blank: ProjectedLSTMCell {
    ProjectedLSTMCell(inputWeight: .zeros([1, 4]), recurrentWeight: .zeros([1, 4]), bias: nil, projection: .zeros([1, 1]))
  }

  var cellWeights: CellWeights {
    get { CellWeights(.projectedLSTM, input: inputWeight, recurrent: recurrentWeight, bias: bias, projection: projection) }
    set {
      (inputWeight, recurrentWeight, bias) = (newValue.input, newValue.recurrent, newValue.bias)
      projection = newValue.projection ?? projection
    }
  }
}

extension CoupledLSTMCell: ExchangeableCell {
  static var blank: CoupledLSTMCell {
    CoupledLSTMCell(inputWeight: .zeros([1, 3]), recurrentWeight: .zeros([1, 3]), bias: nil)
  }

  var cellWeights: CellWeights {
    get { CellWeights(.coupledLSTM, input: inputWeight, recurrent: recurrentWeight, bias: bias, peepholes: peepholes) }
    set {
      (inputWeight, recurrentWeight, bias) = (newValue.input, newValue.recurrent, newValue.bias)
      peepholes = newValue.peepholes
    }
  }
}

extension MGUCell: ExchangeableCell {
  static var blank: MGUCell {
    MGUCell(inputWeight: .zeros([1, 2]), recurrentWeight: .zeros([1, 2]), bias: nil)
  }

  var cellWeights: CellWeights {
    get {
      CellWeights(
        reset == .after ? .mguResetAfter : .mguResetBefore, input: inputWeight, recurrent: recurrentWeight, bias: bias,
        candidateBias: candidateBias)
    }
    set {
      (inputWeight, recurrentWeight) = (newValue.input, newValue.recurrent)
      (bias, candidateBias) = (newValue.bias, newValue.candidateBias)
    }
  }
}

extension GRUCell: ExchangeableCell {
  static var blank: GRUCell {
    GRUCell(inputWeight: .zeros([1, 3]), recurrentWeight: .zeros([1, 3]), bias: nil)
  }

  var cellWeights: CellWeights {
    get {
      CellWeights(
        reset == .after ? .gruResetAfter : .gruResetBefore, input: inputWeight, recurrent: recurrentWeight, bias: bias,
        candidateBias: candidateBias)
    }
    set {
      (inputWeight, recurrentWeight) = (newValue.input, newValue.recurrent)
      (bias, candidateBias) = (newValue.bias, newValue.candidateBias)
    }
  }
}

extension RNNCell: ExchangeableCell {
  static var blank: RNNCell {
    RNNCell(inputWeight: .zeros([1, 1]), recurrentWeight: .zeros([1, 1]), bias: nil)
  }

  var cellWeights: CellWeights {
    get { CellWeights(.rnn, input: inputWeight, recurrent: recurrentWeight, bias: bias) }
    set { (inputWeight, recurrentWeight, bias) = (newValue.input, newValue.recurrent, newValue.bias) }
  }
}

/// A recurrent layer of any cell.
protocol RecurrentPart {
  var cellName: String { get }
}

extension Recurrent: RecurrentPart {
  var cellName: String { "\(Cell.self)" + ((forward[0] as? any ExchangeableCell)?.cellWeights.kind.addition ?? "") }
}

extension Recurrent: ExchangeableModule where Cell: ExchangeableCell {
  private var stack: CellStack {
    get {
      CellStack(
        layers: forward.indices.map { layer in
          [forward[layer].cellWeights] + (isBidirectional ? [backward[layer].cellWeights] : [])
        })
    }
    set {
      for (layer, cells) in newValue.layers.enumerated() {
        forward[layer].cellWeights = cells[0]
        if isBidirectional { backward[layer].cellWeights = cells[1] }
      }
    }
  }

  /// Exports the layer. A learned initial state, which no framework has, keeps our name.
  func exported(to framework: Framework, original: (String) -> Tensor?) -> NamedTensors? {
    if !(forward + backward).allSatisfy(\.isKnown) { return nil }
    return stack.exported(to: framework, original: original).map { tensors in
      tensors + initial.enumerated().map { ("initial.\($0)", $1) }
    }
  }

  mutating func take(from framework: Framework, _ tensors: (String) -> Tensor?) {
    stack.take(from: framework, tensors)
    for i in initial.indices { initial[i] = tensors("initial.\(i)") ?? initial[i] }
  }
}
