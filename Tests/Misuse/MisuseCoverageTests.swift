import Foundation
import Testing

/// The table of entrances leaves nothing out: what is declared in the sources against its rows.
@Suite struct MisuseCoverageTests {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources").standardizedFileURL

  private static let rows = Set(Entrance.all.map(\.baseName))

  /// Every layer, cell, network, decoder, optimizer, schedule and reader of data.
  @Test func everyPublicTypeHasARow() throws {
    let declared = try names(
      /^public (?:struct|typealias) (?<name>\w+)/,
      in: [
        "Networks/Layers", "Networks/Cells", "Networks/Recurrence", "Networks/Decoding", "Networks/Initialisers",
        "Training/Optimizers", "Training/Schedules", "Training/Clipping", "Training/Truncation", "Training/Online",
        "Training/Data",
      ])
    #expect(declared.count > 80)
    #expect(declared.subtracting(MisuseCoverageTests.rows) == MisuseCoverageTests.withinOthers, "types without a row")
  }

  /// What other rows make or get: results, states, errors, options and what is made around a network. Files have fuzzers of their own.
  private static let withinOthers: Set = [
    "HiddenState", "LSTMState", "QRNNState", "StabilizedState", "ObservedState",
    "RecurrentStates", "PreparedRecurrent", "GateActivations", "HookedCell",
    "UnknownActivation", "Hypothesis", "DecodedTokens", "AttentionMemory", "AttendingState", "DecoderRun", "ClippingReport",
    "NonFiniteGradient", "ParameterGroup", "TruncatedGradient", "OnlineGradient", "WeightedMean",
    "SeriesBatch",
    "CharacterVocabulary", "WordVocabulary", "DataFileError", "CSVTable", "FileWindows", "RecurrentDraws",
  ]

  /// Every loss, and every operation of tensors.
  @Test func everyPublicFunctionHasARow() throws {
    let losses = try names(/^public (?:func|struct) (?<name>\w+)/, in: ["Networks/Losses"])
    #expect(losses.count > 10)
    #expect(losses.subtracting(MisuseCoverageTests.rows) == [], "losses without a row")
    let operations = try names(
      /^  public (?:static )?(?:prefix )?(?:func (?<name>\w+|[^ (]+)|(?<subscript>subscript))/,
      in: ["Autograd/Operations", "Autograd/Compositions"])
    #expect(operations.count > 100)
    #expect(operations.subtracting(MisuseCoverageTests.rows) == [], "operations without a row")
  }

  @Test func everyRowHasItsOwnName() {
    #expect(Set(Entrance.all.map(\.name)).count == Entrance.all.count)
  }

  private func names<Output>(_ declaration: Regex<Output>, in folders: [String]) throws -> Set<String> {
    var names: Set<String> = []
    for folder in folders {
      let path = MisuseCoverageTests.sources.appendingPathComponent(folder)
      for file in try FileManager.default.contentsOfDirectory(atPath: path.path) where file.hasSuffix(".swift") {
        let text = try String(contentsOf: path.appendingPathComponent(file), encoding: .utf8)
        for match in text.matches(of: declaration.anchorsMatchLineEndings()) {
          let groups = AnyRegexOutput(match)
          if let name = groups.dropFirst().compactMap(\.substring).first { names.insert(String(name)) }
        }
      }
    }
    return names
  }
}
