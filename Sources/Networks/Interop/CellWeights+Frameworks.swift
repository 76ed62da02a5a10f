internal import UnrollArrays
internal import UnrollAutograd

/// Tensors with their names, local to a layer or a cell.
typealias NamedTensors = [(name: String, tensor: Tensor)]

/// Conversion of one cell to and from the layouts of the frameworks. ONNX's axis of directions is added elsewhere.
extension CellWeights {
  /// The cell's tensors under the framework's names. `original` returns the tensor that a weight was loaded from, if known.
  func exported(to framework: Framework, original: (String) -> Tensor?) -> NamedTensors {
    switch framework {
    case .pytorch: exportedToPyTorch(original)
    case .keras: exportedToKeras(original)
    case .flax: exportedToFlax()
    case .onnx: exportedToONNX(original)
    }
  }

  /// Loads tensors with the names and shapes that `exported` returns.
  mutating func take(from framework: Framework, _ tensors: (String) -> Tensor?) {
    switch framework {
    case .pytorch: takePyTorch(tensors)
    case .keras: takeKeras(tensors)
    case .flax: takeFlax(tensors)
    case .onnx: takeONNX(tensors)
    }
  }

  private func exportedToPyTorch(_ original: (String) -> Tensor?) -> NamedTensors {
    let matrices = [("weight_ih", input.transposed()), ("weight_hh", recurrent.transposed())]
    let projections = projection.map { [("weight_hr", $0.transposed())] } ?? []
    if !hasBias { return matrices + projections }
    let pair = biases(like: Self.pyTorchBiases(original))
    return matrices + [("bias_ih", pair.input), ("bias_hh", pair.recurrent)] + projections
  }

  private static func pyTorchBiases(_ tensors: (String) -> Tensor?) -> BiasPair? {
    guard let input = tensors("bias_ih"), let recurrent = tensors("bias_hh") else { return nil }
    return BiasPair(input: input, recurrent: recurrent)
  }

  private mutating func takePyTorch(_ tensors: (String) -> Tensor?) {
    if let matrix = tensors("weight_ih") { input = matrix.transposed() }
    if let matrix = tensors("weight_hh") { recurrent = matrix.transposed() }
    if let pair = Self.pyTorchBiases(tensors) { merge(pair) }
    if let matrix = tensors("weight_hr") { projection = matrix.transposed() }
  }

  private func exportedToKeras(_ original: (String) -> Tensor?) -> NamedTensors {
    let matrices = [("kernel", ordered(input, in: .keras)), ("recurrent_kernel", ordered(recurrent, in: .keras))]
    if !hasBias { return matrices }
    if kind != .gruResetAfter { return matrices + (bias.map { [("bias", ordered($0, in: .keras))] } ?? []) }
    let pair = biases(like: original("bias").map(kerasBiases))
    return matrices + [("bias", ordered(.stack([pair.input, pair.recurrent]), in: .keras))]
  }

  private func kerasBiases(_ tensor: Tensor) -> BiasPair {
    let rows = restored(tensor, from: .keras)
    return BiasPair(input: rows[0], recurrent: rows[1])
  }

  private mutating func takeKeras(_ tensors: (String) -> Tensor?) {
    if let matrix = tensors("kernel") { input = restored(matrix, from: .keras) }
    if let matrix = tensors("recurrent_kernel") { recurrent = restored(matrix, from: .keras) }
    guard let given = tensors("bias") else { return }
    if kind == .gruResetAfter { merge(kerasBiases(given)) } else { bias = restored(given, from: .keras) }
  }

  /// Flax keeps an LSTM's bias with the recurrent kernel, and other cells' biases with the input kernel.
  private var flaxBias: String { kind == .lstm ? "h" : "i" }

  private func exportedToFlax() -> NamedTensors {
    let (inputs, recurrents) = (input.chunks(kind.gates, axis: -1), recurrent.chunks(kind.gates, axis: -1))
    var tensors: NamedTensors = []
    for (gate, letter) in kind.letters.enumerated() {
      tensors.append(("i\(letter).kernel", inputs[gate]))
      tensors.append(("h\(letter).kernel", recurrents[gate]))
    }
    if !hasBias { return tensors }
    let pair = biases(like: nil)
    for (letter, block) in zip(kind.letters, pair.input.chunks(kind.gates, axis: 0)) {
      tensors.append(("\(flaxBias)\(letter).bias", block))
    }
    return kind.hasCandidateBias ? tensors + [("hn.bias", pair.recurrent[(columns - hidden)...])] : tensors
  }

  private mutating func takeFlax(_ tensors: (String) -> Tensor?) {
    func joined(_ start: String, _ end: String) -> Tensor? {
      let blocks = kind.letters.compactMap { tensors("\(start)\($0).\(end)") }
      return blocks.count == kind.gates ? .concatenate(blocks, axis: -1) : nil
    }
    if let matrix = joined("i", "kernel") { input = matrix }
    if let matrix = joined("h", "kernel") { recurrent = matrix }
    if let vector = joined(flaxBias, "bias") { bias = vector }
    if kind.hasCandidateBias, let vector = tensors("hn.bias") { candidateBias = vector }
  }

  private func exportedToONNX(_ original: (String) -> Tensor?) -> NamedTensors {
    var tensors: NamedTensors = [("W", input), ("R", recurrent)].map { name, matrix in
      (name, ordered(matrix, in: .onnx, like: original(name)?.transposed()).transposed())
    }
    if hasBias {
      let given = original("B")
      let (pair, theirs) = (biases(like: given.map(onnxBiases)), given?.chunks(2, axis: 0))
      let halves = [pair.input, pair.recurrent].enumerated().map { ordered($1, in: .onnx, like: theirs?[$0]) }
      tensors.append(("B", .concatenate(halves, axis: 0)))
    }
    if let peepholes {
      let theirs = original("P")?.chunks(3, axis: 0)
      let blocks = peepholePlaces.enumerated().map { place, row in
        row.map { peepholes[$0] } ?? theirs?[place] ?? .zeros([hidden], peepholes.type)
      }
      tensors.append(("P", .concatenate(blocks, axis: 0)))
    }
    return tensors
  }

  /// The row of our peepholes at each place of ONNX's gates i, o, f; a coupled LSTM has none for f.
  private var peepholePlaces: [Int?] { kind == .coupledLSTM ? [0, 1, nil] : [0, 2, 1] }

  private func onnxBiases(_ tensor: Tensor) -> BiasPair {
    let halves = tensor.chunks(2, axis: 0)
    return BiasPair(input: restored(halves[0], from: .onnx), recurrent: restored(halves[1], from: .onnx))
  }

  private mutating func takeONNX(_ tensors: (String) -> Tensor?) {
    if let matrix = tensors("W") { input = restored(matrix.transposed(), from: .onnx) }
    if let matrix = tensors("R") { recurrent = restored(matrix.transposed(), from: .onnx) }
    if let vector = tensors("B") { merge(onnxBiases(vector)) }
    if let vector = tensors("P") {
      let (blocks, places) = (vector.chunks(3, axis: 0), peepholePlaces)
      peepholes = .stack((0..<places.count { $0 != nil }).compactMap { places.firstIndex(of: $0) }.map { blocks[$0] })
    }
  }
}
