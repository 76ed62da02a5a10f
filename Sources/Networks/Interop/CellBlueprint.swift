internal import UnrollArrays
internal import UnrollAutograd

/// Derives the sizes of a recurrent layer from the names and shapes of its weights, and checks the weights against each other.
struct CellBlueprint {
  let given: GivenWeights
  let framework: Framework
  let kind: CellKind
  let joinsDirections: Bool

  /// A stack of cells with the sizes of the tensors and zeros.
  func stack() throws(WeightsError) -> CellStack {
    let layerCount = max(1, countLayers())
    let directions = try countDirections(layerCount)
    let names = CellNames(framework: framework, layerCount: layerCount, isBidirectional: directions == 2)
    var (layers, width): ([[CellWeights]], Int?) = ([], nil)
    for layer in 0..<layerCount {
      var cells: [CellWeights] = []
      for direction in 0..<directions {
        func name(_ local: String) -> String { names(local, layer: layer, direction: direction) }
        let sizes = try sizes(name, directions, inputs: width, hidden: cells.first?.hidden)
        cells.append(CellWeights(kind, blank: sizes))
      }
      width = cells[0].hidden * (joinsDirections ? directions : 1)
      layers.append(cells)
    }
    return CellStack(layers: layers)
  }

  private var places: Int { kind.places(in: framework) }

  private func countLayers() -> Int {
    var count = 0
    func exists(_ layer: Int) -> Bool {
      if framework == .pytorch { return given["weight_ih_l\(layer)"] != nil }
      return given.all.keys.contains { $0.hasPrefix(given.name("cell\(layer).")) }
    }
    while exists(count) { count += 1 }
    return count
  }

  private func countDirections(_ layerCount: Int) throws(WeightsError) -> Int {
    let names = CellNames(framework: framework, layerCount: layerCount, isBidirectional: framework != .onnx)
    if framework == .onnx {
      let name = names(locals.recurrent, layer: 0, direction: 0)
      return given[name]?.shape.first == 2 ? 2 : 1
    }
    return given[names(locals.recurrent, layer: 0, direction: 1)] == nil ? 1 : 2
  }

  /// The local names of an input weight, a recurrent weight and a bias.
  private var locals: (input: String, recurrent: String, bias: String) {
    switch framework {
    case .pytorch: ("weight_ih", "weight_hh", "bias_ih")
    case .keras: ("kernel", "recurrent_kernel", "bias")
    case .flax:
      ("i\(kind.letters[0]).kernel", "h\(kind.letters[0]).kernel", "\(kind == .lstm ? "h" : "i")\(kind.letters[0]).bias")
    case .onnx: ("W", "R", "B")
    }
  }

  private func sizes(
    _ name: (String) -> String, _ directions: Int, inputs: Int?, hidden: Int?
  ) throws(WeightsError) -> CellSizes {
    let recurrent = try find(name(locals.recurrent))
    // The number of features of a gate. With a projection it differs from the number of output features.
    let memory: Int
    var hidden = hidden
    let isProjected = kind == .projectedLSTM
    if isProjected {
      let (local, projection) = (name("weight_hr"), try find(name("weight_hr")))
      memory = max(1, hiddenSize(recurrent.shape))
      let width = hidden ?? max(1, projection.shape.first ?? 1)
      try require(projection, local, has: [width, memory])
      hidden = width
    } else {
      memory = hidden ?? max(1, hiddenSize(recurrent.shape))
    }
    let features = hidden ?? memory
    try require(recurrent, name(locals.recurrent), has: shape(rows: features, memory, directions))
    let input = try find(name(locals.input))
    let rows = inputs ?? max(1, inputSize(input.shape))
    try require(input, name(locals.input), has: shape(rows: rows, memory, directions))
    return CellSizes(
      inputs: rows, hidden: features, memory: isProjected ? memory : nil, hasBias: given[name(locals.bias)] != nil,
      hasPeepholes: kind == .peepholeLSTM || kind == .coupledLSTM && given[name("P")] != nil,
      type: recurrent.type ?? .float32)
  }

  private func find(_ name: String) throws(WeightsError) -> GivenWeight {
    if let found = given[name] { return found }
    var report = WeightsReport()
    report.missing = [given.name(name)]
    throw .mismatch(report)
  }

  private func require(_ found: GivenWeight, _ name: String, has shape: Shape) throws(WeightsError) {
    if found.shape == shape { return }
    var report = WeightsReport()
    report.misshapen = [.init(name: given.name(name), expected: shape, found: found.shape)]
    throw .mismatch(report)
  }

  /// The shape, in the framework's layout, of weights with `rows` input features.
  private func shape(rows: Int, _ hidden: Int, _ directions: Int) -> Shape {
    switch framework {
    case .pytorch: [places * hidden, rows]
    case .keras: [rows, places * hidden]
    case .flax: [rows, hidden]
    case .onnx: [directions, places * hidden, rows]
    }
  }

  private func hiddenSize(_ shape: Shape) -> Int {
    guard shape.count == (framework == .onnx ? 3 : 2) else { return 1 }
    return switch framework {
    case .pytorch: shape[0] / places
    case .keras: shape[1] / places
    case .flax: shape[1]
    case .onnx: shape[1] / places
    }
  }

  private func inputSize(_ shape: Shape) -> Int {
    guard shape.count == (framework == .onnx ? 3 : 2) else { return 1 }
    return framework == .keras || framework == .flax ? shape[0] : shape[shape.count - 1]
  }
}

/// The kinds of cells that other frameworks have; the kind determines the layout of the weights.
enum CellKind {
  case rnn, lstm, peepholeLSTM, projectedLSTM, coupledLSTM, gruResetAfter, gruResetBefore, mguResetAfter, mguResetBefore

  var gates: Int { letters.count }

  /// Whether the candidate's recurrent bias is multiplied by a gate, and so has to be kept apart from the input bias.
  var hasCandidateBias: Bool { self == .gruResetAfter || self == .mguResetAfter }

  /// The index of our gate at each place of a framework's weights, with nil at a place that we have no gate for; nil if the
  /// framework has no such cell.
  func order(in framework: Framework) -> [Int?]? {
    switch (self, framework) {
    case (.rnn, _), (.lstm, .pytorch), (.lstm, .keras), (.lstm, .flax): Array(0..<gates)
    case (.lstm, .onnx), (.peepholeLSTM, .onnx): [0, 3, 1, 2]
    // ONNX also stores the weights of a forget gate, which `input_forget` ignores.
    case (.coupledLSTM, .onnx): [0, 2, nil, 1]
    case (.projectedLSTM, .pytorch): Array(0..<gates)
    case (.gruResetAfter, .pytorch), (.gruResetAfter, .flax): Array(0..<gates)
    case (.gruResetAfter, .keras), (.gruResetAfter, .onnx), (.gruResetBefore, .keras), (.gruResetBefore, .onnx): [1, 0, 2]
    case (.mguResetAfter, .flax): Array(0..<gates)
    default: nil
    }
  }

  /// The number of gates in a framework's weights.
  func places(in framework: Framework) -> Int { order(in: framework)?.count ?? gates }

  /// Flax's letters for our gates, which are ours; the one gate of an RNN has none.
  var letters: [String] {
    switch self {
    case .rnn: [""]
    case .lstm, .peepholeLSTM, .projectedLSTM: LSTMCell.gateNames
    case .coupledLSTM: CoupledLSTMCell.gateNames
    case .gruResetAfter, .gruResetBefore: GRUCell.gateNames
    case .mguResetAfter, .mguResetBefore: MGUCell.gateNames
    }
  }

  /// The words that a message adds to the cell's name.
  var addition: String {
    switch self {
    case .gruResetBefore: " that resets before the product"
    case .mguResetBefore: " whose gate applies before the product"
    default: ""
    }
  }
}
