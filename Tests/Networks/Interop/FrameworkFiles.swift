import Testing

/// Which golden files of Keras, Flax, ONNX and the written-out cells are compared with, and why others are not.
enum FrameworkFiles {
  /// Options that the layers do not have.
  static let uncovered: [String: String] = [
    "flax_mgu": "no minimal gated unit",
    "keras_lstm_hard_sigmoid": "an LSTM's activations cannot be chosen",
    "onnx_gru_clip": "no clipping of what gates are computed from",
    "onnx_lstm_activations": "an LSTM's activations cannot be chosen",
    "onnx_lstm_clip": "no clipping of what gates are computed from",
    "onnx_lstm_input_forget": "no coupled gates",
    "reference_coupled_lstm_peephole": "no coupled gates",
    "reference_coupled_lstm_plain": "no coupled gates",
    "reference_layernorm_gru_haste": "no normalised cells",
    "reference_layernorm_lstm_fastrnns": "no normalised cells",
    "reference_layernorm_lstm_haste": "no normalised cells",
    "reference_layernorm_lstm_per_gate": "no normalised cells",
    "reference_layernorm_rnn_plain": "no normalised cells",
    "reference_variational_lstm_masks": "masks are drawn, not given",
    "reference_zoneout_gru_expectation": "no zoneout",
    "reference_zoneout_lstm_expectation": "no zoneout",
    "reference_zoneout_lstm_expectation_zoned": "no zoneout",
    "reference_zoneout_lstm_h_only": "no zoneout",
    "reference_zoneout_lstm_masks": "no zoneout",
    "reference_zoneout_rnn_expectation": "no zoneout",
  ]

  /// The written-out cells that `TorchLayerTests` compares with.
  static let written = ["reference_gru_reset_before_plain", "reference_peephole_lstm_plain"]

  static let all = GoldenFile.names(in: "recurrent").map { String($0.dropFirst("recurrent/".count)) }

  /// The covered files whose names begin as said.
  static func covered(_ prefix: String) -> [String] {
    all.filter { $0.hasPrefix(prefix) && uncovered[$0] == nil }.map { "recurrent/\($0)" }
  }
}

@Suite struct FrameworkFileTests {
  @Test func noFileIsForgotten() {
    #expect(FrameworkFiles.covered("keras_").count == 25 && FrameworkFiles.covered("flax_").count == 6)
    #expect(FrameworkFiles.covered("onnx_").count == 13)
    #expect(FrameworkFiles.uncovered.keys.allSatisfy(FrameworkFiles.all.contains))
    let references = FrameworkFiles.all.filter { $0.hasPrefix("reference_") && FrameworkFiles.uncovered[$0] == nil }
    #expect(references == FrameworkFiles.written)
    let known = ["torch_", "keras_", "flax_", "onnx_", "reference_"]
    #expect(FrameworkFiles.all.allSatisfy { name in known.contains { name.hasPrefix($0) } })
  }
}
