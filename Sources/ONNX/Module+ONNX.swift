internal import UnrollArrays
public import UnrollAutograd
internal import UnrollFiles
public import UnrollNetworks

extension Module {
  /// Writes the model to an ONNX file, from what it computes for an example.
  ///
  /// The closure is given the model and the example's inputs: tensors, `Indices`, lengths as `[Int]`, and states. What it returns are
  /// the outputs. The number of rows and of steps may be any in the file, unless `varying` names fewer axes; inputs are `[batch, time,
  /// ...]`, or `[time, batch, ...]` with `isTimeFirst`. LSTM, GRU and RNN become ONNX's operators, and other cells loops over their
  /// step. Integers are int64.
  ///
  ///     let model = Sequential(Linear(3, 8, using: &generator), Activation.tanh, Linear(8, 2, using: &generator))
  ///     try model.exportONNX(to: "model.onnx", example: Tensor.ones([2, 3])) { model, x in model(x) }
  ///
  /// The closure runs several times, on the example cut or repeated to other sizes. It throws `ONNXExportError` if the model cannot
  /// be written, and then no file is.
  public func exportONNX<each X: TensorGroup, Y: TensorGroup>(
    to path: String, example: repeat each X, inputs: [String] = [], outputs: [String] = [],
    varying axes: ONNXAxes = [.batch, .time],
    isTimeFirst: Bool = false, of f: (Self, repeat each X) throws -> Y
  ) throws {
    let bytes = try onnx(repeat each example, names: (inputs, outputs), axes, isTimeFirst) { (model, x: repeat each X) in
      [ExportResult(try f(model, repeat each x))]
    }
    try replaceFile(path, bytes: bytes)
  }

  /// The same for a closure with two results, such as outputs and a state.
  ///
  ///     let lstm = LSTM(3, 4, using: &generator)
  ///     let (x, state) = (Tensor.ones([2, 5, 3]), lstm.initialState(batch: 2))
  ///     try lstm.exportONNX(to: "lstm.onnx", example: x, state, [5, 2], inputs: ["x", "state", "lengths"]) { lstm, x, state, lengths in
  ///       lstm(x, from: state, lengths: lengths)
  ///     }
  public func exportONNX<each X: TensorGroup, Y: TensorGroup, Z: TensorGroup>(
    to path: String, example: repeat each X, inputs: [String] = [], outputs: [String] = [],
    varying axes: ONNXAxes = [.batch, .time],
    isTimeFirst: Bool = false, of f: (Self, repeat each X) throws -> (Y, Z)
  ) throws {
    let bytes = try onnx(repeat each example, names: (inputs, outputs), axes, isTimeFirst) { (model, x: repeat each X) in
      let results = try f(model, repeat each x)
      return [ExportResult(results.0), ExportResult(results.1)]
    }
    try replaceFile(path, bytes: bytes)
  }

  /// The bytes of the file.
  func onnx<each X: TensorGroup>(
    _ example: repeat each X, names: (inputs: [String], outputs: [String]), _ axes: ONNXAxes, _ isTimeFirst: Bool,
    _ f: (Self, repeat each X) throws -> [ExportResult]
  ) throws -> [UInt8] {
    let model = mapping { $0.detached() }
    let parameters = model.parameters
    let size = parameters.reduce(0) { $0 + $1.tensor.count * $1.tensor.type.size }
    if size > Int(Int32.max) - 1 << 20 {
      throw ONNXExportError(.size, "the parameters take \(size) bytes, and an ONNX file of one part has less than 2^31")
    }
    var inputs = ExportInputs(axes, isTimeFirst: isTimeFirst, taken: Set(parameters.flatMap { $0.tensor.shape }))
    var count = 0
    for argument in repeat each example {
      let name = count < names.inputs.count ? names.inputs[count] : count == 0 ? "input" : "input\(count + 1)"
      try inputs.add(argument, named: name)
      count += 1
    }
    if !names.inputs.isEmpty && names.inputs.count != count {
      throw ONNXExportError(.arguments, "\(names.inputs.count) names do not fit \(count) inputs")
    }
    var (recordings, integers): ([Recording], [[ExportInputs.Kind]]) = ([], [])
    var results: [ExportResult] = []
    for run in 0..<inputs.runs {
      let kinds = inputs.inputs.indices.map { inputs.resized($0, run: run) }
      let tensors = kinds.compactMap { kind in if case .tensor(let tensor) = kind { tensor } else { nil } }
      integers.append(kinds)
      recordings.append(
        try Recording(tensors + parameters.map(\.tensor)) { probes in
          var (rest, given) = (kinds[...], probes.prefix(tensors.count))
          let same = model.replacingTensors(Array(probes[tensors.count...]))
          results = try f(same, repeat ExportInputs.replaced(each example, &rest, probes: &given))
          return results.flatMap(\.tensors)
        })
    }
    let export = Export(inputs: inputs, integers: integers, recordings: recordings, parameters: parameters.map(\.name))
    return try export.file(outputs: try outputNames(results, names.outputs))
  }

  private func outputNames(_ results: [ExportResult], _ names: [String]) throws -> [String] {
    if !names.isEmpty && names.count != results.count {
      throw ONNXExportError(.arguments, "\(names.count) names do not fit \(results.count) outputs")
    }
    if let i = results.firstIndex(where: \.tensors.isEmpty) {
      throw ONNXExportError(.arguments, "the closure's result \(i) holds no tensor, and indices and numbers cannot be outputs")
    }
    return results.enumerated().flatMap { i, result in
      let name = i < names.count ? names[i] : i == 0 ? "output" : "output\(i + 1)"
      return result.tensors.count == 1 ? [name] : result.tensors.indices.map { "\(name).\($0)" }
    }
  }
}

/// One of the results of an exported closure.
struct ExportResult {
  let tensors: [Tensor]

  init<Y: TensorGroup>(_ result: Y) { tensors = result.tensors }
}

/// The recordings of an export, and what is known about their inputs.
struct Export {
  let inputs: ExportInputs
  /// All inputs in each recording.
  let integers: [[ExportInputs.Kind]]
  let recordings: [Recording]
  let parameters: [String]

  func file(outputs: [String]) throws -> [UInt8] {
    let writer = GraphWriter(name: "model")
    let names = inputs.inputs.map { writer.name($0.name) }
    let outputNames = outputs.map { writer.name($0) }
    let tensors = inputs.inputs.indices.filter { i in if case .tensor = inputs.inputs[i].kind { true } else { false } }
    let shared = SharedFacts(solver: SizeSolver(symbols: inputs.symbols), inputNames: names, inputs: integerInputs(names))
    var given: [Int: String] = [:]
    for (value, i) in tensors.enumerated() { given[value] = names[i] }
    var parameterNames: [Int: String] = [:]
    for (i, name) in parameters.enumerated() { parameterNames[tensors.count + i] = name }
    let emission = try Emission(recordings, shared, writer, varying: given, parameters: parameterNames)
    for (i, input) in inputs.inputs.enumerated() {
      let extents = zip(input.kind.shape, input.symbols).map { extent, symbol -> GraphValue.Extent in
        symbol.map { .named(inputs.symbols[$0].name) } ?? .fixed(extent)
      }
      var type = GraphType.int64
      if case .tensor(let tensor) = input.kind { type = GraphType(tensor.type) }
      writer.addInput(GraphValue(name: names[i], type: type, extents: extents))
    }
    try emission.run()
    for (i, name) in outputNames.enumerated() {
      let sources = recordings.map { $0.results[i] }
      let arrays = zip(recordings, sources).map { $0.array($1) }
      let result = sources[0].value == nil ? try emission.constant(arrays) : try emission.name(sources[0])
      writer.node("Identity", [result], outputs: [name])
      writer.addOutput(emission.graphValue(name, arrays))
    }
    return writer.graph.file
  }

  private func integerInputs(_ names: [String]) -> [IntegerInput] {
    inputs.inputs.indices.compactMap { i in
      let all = integers.map { $0[i] }
      switch inputs.inputs[i].kind {
      case .tensor: return nil
      case .indices:
        let indices = all.compactMap { kind in if case .indices(let indices) = kind { indices } else { nil } }
        return IntegerInput(name: names[i], kind: .indices(indices))
      case .lengths:
        let lengths = all.compactMap { kind in if case .lengths(let lengths) = kind { lengths } else { nil } }
        return IntegerInput(name: names[i], kind: .lengths(lengths))
      }
    }
  }
}
