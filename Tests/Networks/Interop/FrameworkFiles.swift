import Foundation
import Testing

/// Which golden files of Keras, Flax, ONNX and the written-out cells are compared with by the tables of frameworks, and which by tests of
/// their own, because what they show is no layer of a framework's default.
enum FrameworkFiles {
  /// The files with a test of their own, by the suite that has it.
  static let elsewhere: [String: [String]] = [
    "FurtherCellGoldenTests": [
      "flax_mgu", "reference_coupled_lstm_peephole", "reference_coupled_lstm_plain", "reference_layernorm_gru_haste",
      "reference_layernorm_lstm_fastrnns", "reference_layernorm_lstm_haste", "reference_layernorm_lstm_per_gate",
      "reference_layernorm_rnn_plain",
    ],
    "OptionGoldenTests": [
      "keras_lstm_hard_sigmoid", "onnx_gru_clip", "onnx_lstm_activations", "onnx_lstm_clip", "onnx_lstm_input_forget",
      "reference_variational_lstm_masks", "reference_zoneout_gru_expectation", "reference_zoneout_lstm_expectation",
      "reference_zoneout_lstm_expectation_zoned", "reference_zoneout_lstm_h_only", "reference_zoneout_lstm_masks",
      "reference_zoneout_rnn_expectation",
    ],
  ]

  /// The written-out cells that `TorchLayerTests` compares with.
  static let written = ["reference_gru_reset_before_plain", "reference_peephole_lstm_plain"]

  static let all = GoldenFile.names(in: "recurrent").map { String($0.dropFirst("recurrent/".count)) }

  /// The covered files whose names begin as said.
  static func covered(_ prefix: String) -> [String] {
    all.filter { name in name.hasPrefix(prefix) && !elsewhere.values.contains { $0.contains(name) } }.map { "recurrent/\($0)" }
  }
}

@Suite struct FrameworkFileTests {
  @Test func noFileIsForgotten() {
    #expect(FrameworkFiles.covered("keras_").count == 25 && FrameworkFiles.covered("flax_").count == 6)
    #expect(FrameworkFiles.covered("onnx_").count == 13)
    #expect(FrameworkFiles.elsewhere.values.joined().allSatisfy(FrameworkFiles.all.contains))
    #expect(FrameworkFiles.covered("reference_") == FrameworkFiles.written.map { "recurrent/\($0)" })
    let known = ["torch_", "keras_", "flax_", "onnx_", "reference_"]
    #expect(FrameworkFiles.all.allSatisfy { name in known.contains { name.hasPrefix($0) } })
  }

  /// The suites say the names that they are listed with, in one piece, or as a beginning and what an argument adds to it.
  @Test func ownTestsReadTheirFiles() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    for (suite, names) in FrameworkFiles.elsewhere {
      let source = try String(contentsOf: folder.appendingPathComponent("Golden/\(suite).swift"), encoding: .utf8)
      for name in names {
        let cuts = name.indices.filter { name[$0] == "_" }.map { name.index(after: $0) }
        let isRead =
          source.contains("\"recurrent/\(name)\"") || source.contains("(\"\(name)\"")
          || cuts.contains { source.contains("\"recurrent/\(name[..<$0])\" + form") && source.contains("\"\(name[$0...])\"") }
        #expect(isRead, "\(suite) does not read \(name)")
      }
    }
  }
}
