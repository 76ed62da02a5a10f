/// The cells that frameworks have, and what decides the layout of their weights.
enum CellKind {
  case rnn, lstm, peepholeLSTM, projectedLSTM, coupledLSTM, gruResetAfter, gruResetBefore, mguResetAfter, mguResetBefore

  var gates: Int { letters.count }

  /// Whether a bias of the candidate's stands within the reach of a gate, and so by itself.
  var hasCandidateBias: Bool { self == .gruResetAfter || self == .mguResetAfter }

  /// Which of our gates stands at each place of a framework's weights, nil at a place that none of ours fills; or nil where the framework
  /// has no such cell.
  func order(in framework: Framework) -> [Int?]? {
    switch (self, framework) {
    case (.rnn, _), (.lstm, .pytorch), (.lstm, .keras), (.lstm, .flax): Array(0..<gates)
    case (.lstm, .onnx), (.peepholeLSTM, .onnx): [0, 3, 1, 2]
    // Of a coupled LSTM there are weights of a forget gate too, which `input_forget` leaves unread.
    case (.coupledLSTM, .onnx): [0, 2, nil, 1]
    case (.projectedLSTM, .pytorch): Array(0..<gates)
    case (.gruResetAfter, .pytorch), (.gruResetAfter, .flax): Array(0..<gates)
    case (.gruResetAfter, .keras), (.gruResetAfter, .onnx), (.gruResetBefore, .keras), (.gruResetBefore, .onnx): [1, 0, 2]
    case (.mguResetAfter, .flax): Array(0..<gates)
    default: nil
    }
  }

  /// How many gates a framework's weights have.
  func places(in framework: Framework) -> Int { order(in: framework)?.count ?? gates }

  /// Flax's letters of our gates.
  var letters: [String] {
    switch self {
    case .rnn: [""]
    case .lstm, .peepholeLSTM, .projectedLSTM: ["i", "f", "g", "o"]
    case .coupledLSTM: ["i", "g", "o"]
    case .gruResetAfter, .gruResetBefore: ["r", "z", "n"]
    case .mguResetAfter, .mguResetBefore: ["f", "n"]
    }
  }

  /// What a message adds to the cell's name.
  var addition: String {
    switch self {
    case .gruResetBefore: " that resets before the product"
    case .mguResetBefore: " whose gate applies before the product"
    default: ""
    }
  }
}
