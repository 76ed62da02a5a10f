internal import UnrollArrays
public import UnrollFiles

extension Recurrent {
  /// A layer with weights and sizes from a framework; all names begin with `prefix`. Files do not store how sequences run, nor
  /// the cell's options, which `options` sets.
  ///
  /// All frameworks have an `RNN`, an `LSTM` and a `GRU`. Keras and ONNX also have GRUs that reset before the product (Keras's
  /// `reset_after`, ONNX's `linear_before_reset`). A `PeepholeLSTM` is ONNX's `LSTM` with a P; a `CoupledLSTM` is the same with
  /// `input_forget`, whose forget gate's weights are ignored; a `ProjectedLSTM` is PyTorch's `LSTM` with a `proj_size`; an `MGU` is
  /// Flax's `MGUCell`.
  ///
  ///     let file = try Safetensors.read("model.safetensors")
  ///     let lstm = try LSTM(file, from: .pytorch, prefix: "lstm.")
  ///     let gru = try GRU(file, from: .keras, prefix: "gru") { $0.reset = .before }
  ///     let rnn = try RNN(file, from: .pytorch, prefix: "rnn") { $0.activation = .relu }
  public init(
    _ tensors: [String: any StoredArrayConvertible], from framework: Framework, prefix: String = "",
    merge: Merge = .concatenate, isTimeFirst: Bool = false, isReversed: Bool = false,
    options: (_ cell: inout Cell) -> Void = { _ in }
  ) throws(WeightsError) {
    let given = GivenWeights(tensors, prefix: prefix)
    guard var pattern = (Cell.self as? any ExchangeableCell.Type)?.blank as? Cell else {
      stop("Recurrent: \(framework) has no \(Cell.self)")
    }
    options(&pattern)
    let blank = pattern as? any ExchangeableCell
    guard let kind = blank?.cellWeights.kind, kind.order(in: framework) != nil else {
      stop("Recurrent: \(framework) has no \(Cell.self)\(blank?.cellWeights.kind.addition ?? "")")
    }
    let blueprint = CellBlueprint(given: given, framework: framework, kind: kind, joinsDirections: merge == .concatenate)
    let layers = try blueprint.stack().layers.map { $0.compactMap { blank?.replacingWeights($0) as? Cell } }
    self.init(
      forward: layers.map { $0[0] }, backward: layers[0].count == 2 ? layers.map { $0[1] } : [], merge: merge,
      isTimeFirst: isTimeFirst, isReversed: isReversed)
    _ = try load(given, from: framework, strict: true)
  }
}
