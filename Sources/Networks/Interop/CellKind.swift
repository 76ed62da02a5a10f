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

  /// Flax's letters for our gates.
  var letters: [String] {
    switch self {
    case .rnn: [""]
    case .lstm, .peepholeLSTM, .projectedLSTM: ["i", "f", "g", "o"]
    case .coupledLSTM: ["i", "g", "o"]
    case .gruResetAfter, .gruResetBefore: ["r", "z", "n"]
    case .mguResetAfter, .mguResetBefore: ["f", "n"]
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
