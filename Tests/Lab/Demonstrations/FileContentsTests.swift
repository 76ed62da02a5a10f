import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

@testable import unroll_lab

/// What `inspect` finds in files.
@Suite struct FileContentsTests {
  @Test func anLSTMOfThisLibrary() async throws {
    try await withFolder { folder in
      var generator = Generator(seed: 1)
      let lstm = LSTM(3, 4) { LSTMCell($0, $1, forgetBias: 3, using: &generator) }
      let arrays = lstm.parameters.reduce(into: [String: any StoredArrayConvertible]()) { $0[$1.name] = $1.tensor.array }
      try Safetensors.write(arrays, to: folder + "/lstm.safetensors")
      let contents = try FileContents(path: folder + "/lstm.safetensors")
      #expect(contents.step == nil)
      #expect(contents.parameterCount == 4 * (3 + 4 + 1) * 4)
      let weight = try #require(contents.entries.first { $0.name == "forward.0.recurrentWeight" })
      #expect(weight.radii.map(\.gate) == ["i", "f", "g", "o"])
      // Each gate's block is orthogonal.
      for (_, radius) in weight.radii { #expect(abs(radius - 1) < 1e-6) }
      let bias = try #require(contents.entries.first { $0.name == "forward.0.bias" })
      #expect(bias.biases.map(\.mean) == [0, 3, 0, 0])
      #expect(abs(try #require(bias.values).norm - 6) < 1e-12)
    }
  }

  @Test func weightsInPyTorchsLayout() async throws {
    try await withFolder { folder in
      // Rows of gates: r twice the identity, z half of it, n zero.
      let blocks = [2.0, 0.5, 0].map { NDArray.identity(2, .float32) * $0 }
      try Safetensors.write(
        [
          "gru.weight_hh_l0": NDArray.concatenate(blocks, axis: 0), "gru.bias_hh_l0": NDArray([1, 1, 2, 2, 3, 3] as [Float]),
          "ids": StoredArray([1, 2, 3]), "broken": NDArray([1, .infinity] as [Float]),
        ], to: folder + "/gru.safetensors")
      let contents = try FileContents(path: folder + "/gru.safetensors")
      let weight = try #require(contents.entries.first { $0.name == "gru.weight_hh_l0" })
      #expect(weight.radii.map(\.gate) == ["r", "z", "n"])
      #expect(weight.radii.map(\.radius) == [2, 0.5, 0])
      let bias = try #require(contents.entries.first { $0.name == "gru.bias_hh_l0" })
      #expect(bias.biases.map(\.mean) == [1, 2, 3])
      #expect(try #require(contents.entries.first { $0.name == "ids" }).values == nil)
      #expect(try #require(contents.entries.first { $0.name == "broken" }?.values).notFinite == 1)
      #expect(contents.story.conclusion.contains { $0.contains("diverged") })
    }
  }

  @Test func ofAFolderTheNewestCheckpoint() async throws {
    try await withFolder { folder in
      var generator = Generator(seed: 1)
      let lstm = LSTM(3, 4, using: &generator)
      let optimizer = Adam(for: lstm)
      for step in [7, 40] {
        try Checkpoint(step: step, ["model": lstm, "optimizer": optimizer]).save(to: folder, keeping: 3)
      }
      let contents = try FileContents(path: folder)
      #expect(contents.step == 40)
      #expect(contents.path.hasPrefix(folder + "/"))
      // Means of gradients are no weights.
      for entry in contents.entries where entry.name.hasSuffix("recurrentWeight") {
        #expect(entry.radii.isEmpty == entry.name.hasPrefix("optimizer."))
      }
      #expect(throws: ArrayFileError.self) { try FileContents(path: folder + "/none") }
    }
  }

  @Test func aCheckpointSaysItsStep() async throws {
    try await withFolder { folder in
      var generator = Generator(seed: 1)
      let model = Linear(2, 3, using: &generator)
      try Checkpoint(step: 41, ["model": model]).write(to: folder + "/c.safetensors")
      let contents = try FileContents(path: folder + "/c.safetensors")
      #expect(contents.step == 41)
      #expect(contents.story.introduction[0].hasPrefix("A checkpoint of step 41: "))
      #expect(contents.parameterCount == 9)
    }
  }
}
