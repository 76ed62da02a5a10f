/// The cells that several frameworks have.
enum CellKind {
  case rnn, lstm, peepholeLSTM, gruResetAfter, gruResetBefore

  var gates: Int {
    switch self {
    case .rnn: 1
    case .lstm, .peepholeLSTM: 4
    case .gruResetAfter, .gruResetBefore: 3
    }
  }

  /// Which of our gates stands at each place of a framework's weights, or nil where the framework has no such cell.
  func order(in framework: Framework) -> [Int]? {
    switch (self, framework) {
    case (.peepholeLSTM, .pytorch), (.peepholeLSTM, .keras), (.peepholeLSTM, .flax): nil
    case (.gruResetBefore, .pytorch), (.gruResetBefore, .flax): nil
    case (.lstm, .onnx), (.peepholeLSTM, .onnx): [0, 3, 1, 2]
    case (.gruResetAfter, .keras), (.gruResetAfter, .onnx), (.gruResetBefore, .keras), (.gruResetBefore, .onnx): [1, 0, 2]
    default: Array(0..<gates)
    }
  }

  /// Flax's letters of our gates.
  var letters: [String] {
    switch self {
    case .rnn: [""]
    case .lstm, .peepholeLSTM: ["i", "f", "g", "o"]
    case .gruResetAfter, .gruResetBefore: ["r", "z", "n"]
    }
  }
}
