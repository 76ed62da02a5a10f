internal import UnrollArrays
internal import UnrollAutograd
public import UnrollFiles

extension Recurrent where Cell: ExchangeableCell {
  /// Options that files of weights do not store: how sequences run.
  struct Running {
    let merge: Merge
    let isTimeFirst: Bool
    let isReversed: Bool
  }

  /// A layer whose sizes, number of layers and directions follow from the names and shapes of the tensors.
  init(
    _ given: GivenWeights, _ framework: Framework, _ kind: CellKind, _ running: Running, make: (CellWeights) -> Cell
  ) throws(WeightsError) {
    require(
      kind.order(in: framework) != nil,
      "Recurrent: \(framework) has no \(Cell.self)\(kind.addition)")
    let blueprint = CellBlueprint(
      given: given, framework: framework, kind: kind, joinsDirections: running.merge == .concatenate)
    let stack = try blueprint.stack()
    self.init(
      forward: stack.layers.map { make($0[0]) }, backward: stack.layers[0].count == 2 ? stack.layers.map { make($0[1]) } : [],
      merge: running.merge, isTimeFirst: running.isTimeFirst, isReversed: running.isReversed)
    _ = try load(given, from: framework, strict: true)
  }
}

extension Recurrent where Cell == LSTMCell {
  /// A layer with weights and sizes from a framework; all names begin with `prefix`. Files do not store how sequences run.
  ///
  ///     let file = try Safetensors.read("model.safetensors")
  ///     let lstm = try LSTM(file, from: .pytorch, prefix: "lstm.")
  public init(
    _ tensors: [String: any StoredArrayConvertible], from framework: Framework, prefix: String = "",
    merge: Merge = .concatenate, isTimeFirst: Bool = false, isReversed: Bool = false
  ) throws(WeightsError) {
    let running = Running(merge: merge, isTimeFirst: isTimeFirst, isReversed: isReversed)
    try self.init(GivenWeights(tensors, prefix: prefix), framework, .lstm, running) {
      LSTMCell(inputWeight: $0.input, recurrentWeight: $0.recurrent, bias: $0.bias)
    }
  }
}

extension Recurrent where Cell == PeepholeLSTMCell {
  /// A layer with ONNX's weights W, R, B and P; no other framework has peepholes.
  ///
  ///     let tensors = try Safetensors.read("model.safetensors")
  ///     let lstm = try PeepholeLSTM(tensors, from: .onnx, isTimeFirst: true)
  public init(
    _ tensors: [String: any StoredArrayConvertible], from framework: Framework, prefix: String = "",
    merge: Merge = .concatenate, isTimeFirst: Bool = false, isReversed: Bool = false
  ) throws(WeightsError) {
    let running = Running(merge: merge, isTimeFirst: isTimeFirst, isReversed: isReversed)
    try self.init(GivenWeights(tensors, prefix: prefix), framework, .peepholeLSTM, running) { weights in
      PeepholeLSTMCell(
        inputWeight: weights.input, recurrentWeight: weights.recurrent, bias: weights.bias,
        peepholes: weights.peepholes ?? .zeros([3, weights.hidden], weights.recurrent.type))
    }
  }
}

extension Recurrent where Cell == ProjectedLSTMCell {
  /// A layer with the weights of PyTorch's `LSTM` with a `proj_size`; `weight_hr_l0` and so on are the projections. No other
  /// framework has them.
  ///
  ///     let tensors = try Safetensors.read("model.safetensors")
  ///     let lstm = try ProjectedLSTM(tensors, from: .pytorch, prefix: "lstm")
  public init(
    _ tensors: [String: any StoredArrayConvertible], from framework: Framework, prefix: String = "",
    merge: Merge = .concatenate, isTimeFirst: Bool = false, isReversed: Bool = false
  ) throws(WeightsError) {
    let running = Running(merge: merge, isTimeFirst: isTimeFirst, isReversed: isReversed)
    try self.init(GivenWeights(tensors, prefix: prefix), framework, .projectedLSTM, running) { weights in
      ProjectedLSTMCell(
        inputWeight: weights.input, recurrentWeight: weights.recurrent, bias: weights.bias,
        projection: weights.projection ?? .zeros([weights.columns / 4, weights.hidden], weights.recurrent.type))
    }
  }
}

extension Recurrent where Cell == CoupledLSTMCell {
  /// A layer with the weights of ONNX's `LSTM` with `input_forget`, ignoring the forget gate's weights; with peepholes if there
  /// is a P. No other framework has this cell.
  ///
  ///     let tensors = try Safetensors.read("model.safetensors")
  ///     let lstm = try CoupledLSTM(tensors, from: .onnx, isTimeFirst: true)
  public init(
    _ tensors: [String: any StoredArrayConvertible], from framework: Framework, prefix: String = "",
    merge: Merge = .concatenate, isTimeFirst: Bool = false, isReversed: Bool = false
  ) throws(WeightsError) {
    let running = Running(merge: merge, isTimeFirst: isTimeFirst, isReversed: isReversed)
    try self.init(GivenWeights(tensors, prefix: prefix), framework, .coupledLSTM, running) {
      CoupledLSTMCell(
        inputWeight: $0.input, recurrentWeight: $0.recurrent, bias: $0.bias, peepholes: $0.peepholes)
    }
  }
}

extension Recurrent where Cell == MGUCell {
  /// A layer with the weights of Flax's `MGUCell`, whose gate applies after the product; no other framework has this cell.
  ///
  ///     let tensors = try Safetensors.read("model.safetensors")
  ///     let mgu = try MGU(tensors, from: .flax, prefix: "encoder")
  public init(
    _ tensors: [String: any StoredArrayConvertible], from framework: Framework, prefix: String = "",
    reset: GRUCell.Reset = .after, merge: Merge = .concatenate, isTimeFirst: Bool = false, isReversed: Bool = false
  ) throws(WeightsError) {
    let running = Running(merge: merge, isTimeFirst: isTimeFirst, isReversed: isReversed)
    let kind: CellKind = reset == .after ? .mguResetAfter : .mguResetBefore
    try self.init(GivenWeights(tensors, prefix: prefix), framework, kind, running) {
      MGUCell(
        inputWeight: $0.input, recurrentWeight: $0.recurrent, bias: $0.bias, candidateBias: $0.candidateBias, reset: reset)
    }
  }
}

extension Recurrent where Cell == GRUCell {
  /// A layer with weights and sizes from a framework. `reset` corresponds to Keras's `reset_after` and ONNX's
  /// `linear_before_reset`; PyTorch and Flax reset after the product.
  ///
  ///     let file = try Safetensors.read("model.safetensors")
  ///     let gru = try GRU(file, from: .keras, prefix: "gru", reset: .before)
  public init(
    _ tensors: [String: any StoredArrayConvertible], from framework: Framework, prefix: String = "",
    reset: GRUCell.Reset = .after, merge: Merge = .concatenate, isTimeFirst: Bool = false, isReversed: Bool = false
  ) throws(WeightsError) {
    let running = Running(merge: merge, isTimeFirst: isTimeFirst, isReversed: isReversed)
    let kind: CellKind = reset == .after ? .gruResetAfter : .gruResetBefore
    try self.init(GivenWeights(tensors, prefix: prefix), framework, kind, running) {
      GRUCell(
        inputWeight: $0.input, recurrentWeight: $0.recurrent, bias: $0.bias, candidateBias: $0.candidateBias, reset: reset)
    }
  }
}

extension Recurrent where Cell == RNNCell {
  /// A layer with weights and sizes from a framework. Files do not store the activation.
  ///
  ///     let file = try Safetensors.read("model.safetensors")
  ///     let rnn = try RNN(file, from: .pytorch, prefix: "rnn", activation: .relu)
  public init(
    _ tensors: [String: any StoredArrayConvertible], from framework: Framework, prefix: String = "",
    activation: Activation = .tanh, merge: Merge = .concatenate, isTimeFirst: Bool = false, isReversed: Bool = false
  ) throws(WeightsError) {
    let running = Running(merge: merge, isTimeFirst: isTimeFirst, isReversed: isReversed)
    try self.init(GivenWeights(tensors, prefix: prefix), framework, .rnn, running) {
      RNNCell(inputWeight: $0.input, recurrentWeight: $0.recurrent, bias: $0.bias, activation: activation)
    }
  }
}
