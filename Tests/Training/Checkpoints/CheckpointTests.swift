import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// What goes into a checkpoint comes out of it.
@Suite struct CheckpointTests {
  @Test func valuesReturn() async throws {
    var generator = Generator(seed: 3)
    _ = generator.next()
    let state = LSTM(2, 3, layers: 2, using: &generator).initialState(batch: 2)
    let numbers: [Double] = [.nan, -0.0, .infinity, .leastNonzeroMagnitude, 0.1]
    let tensor = Tensor(NDArray(numbers))
    let checkpoint = Checkpoint(
      step: 12,
      [
        "count": -3, "rate": 0.1, "none": Double.nan, "text": "é \"\n\0", "truth": true, "generator": generator, "state": state,
        "nothing": LSTM.State?.none, "tensor": tensor, "ids": Indices([1, 2, 3, 4], shape: [2, 2]), "names": ["a", "b.c"],
        "narrow": Float(0.1), "transposed": NDArray.range(6).reshaped([2, 3]).transposed(),
      ])
    try await withFolder { folder in
      try checkpoint.write(to: folder + "/x")
      let read = try Checkpoint(path: folder + "/x")
      #expect(read.step == 12)
      #expect(try read.value("count") == -3)
      #expect(try read.value("rate") == 0.1)
      #expect(try read.value("none", as: Double.self).isNaN)
      #expect(try read.value("text") == "é \"\n\0")
      #expect(try read.value("truth") == true)
      #expect(try read.value("generator") == generator)
      #expect(try read.value("state", as: LSTM.State?.self)?.cells.count == 2)
      #expect(try read.value("nothing", as: LSTM.State?.self) == nil)
      #expect(try read.value("ids") == Indices([1, 2, 3, 4], shape: [2, 2]))
      #expect(try read.value("names") == ["a", "b.c"])
      #expect(try read.value("narrow") == Float(0.1))
      #expect(try read.value("transposed") == NDArray.range(6).reshaped([2, 3]).transposed())
      let kept = try read.value("tensor", as: Tensor.self).array.scalars(as: Double.self)
      #expect(kept.map(\.bitPattern) == numbers.map(\.bitPattern))
      #expect(throws: LoadingError(.missing, "there is no Int with this name", name: "other", file: folder + "/x")) {
        try read.value("other", as: Int.self)
      }
      #expect(throws: LoadingError(.different, "the text \"0.1\" is not a valid Int", name: "rate", file: folder + "/x")) {
        try read.value("rate", as: Int.self)
      }
    }
  }

  @Test func theLastOnesStay() async throws {
    try await withFolder { folder in
      #expect(try Checkpoint.latest(in: folder + "/none") == nil)
      #expect(try Checkpoint.latest(in: folder) == nil)
      let run = folder + "/run"
      for step in [5, 10, 1_000_000_000_000, 20, 30, 40] { try Checkpoint(step: step, ["a": step]).save(to: run, keeping: 2) }
      // What is later than the new one is nobody's to remove.
      #expect(
        try names(in: run) == [
          "checkpoint-000000030.safetensors", "checkpoint-000000040.safetensors", "checkpoint-1000000000000.safetensors",
        ])
      #expect(try Checkpoint.latest(in: run)?.step == 1_000_000_000_000)
    }
  }

  @Test func nothingIsHalfRestored() throws {
    var generator = Generator(seed: 3)
    let other = Linear(4, 3, using: &generator)
    let checkpoint = Checkpoint(step: 1, model: other, optimizer: Adam(for: other), generator: generator)
    var model = Linear(4, 3, using: &generator)
    var (optimizer, before) = (Adam(for: model, epsilon: 1), (bits(model), generator))
    #expect(throws: LoadingError.self) {
      try checkpoint.restore(model: &model, optimizer: &optimizer, generator: &generator)
    }
    #expect(bits(model) == before.0 && generator == before.1)
  }

  @Test func misuse() async {
    let dotted = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Checkpoint(step: 1, ["a.b": 1])
    }
    #expect(stopSentence(dotted) == "Checkpoint: a value cannot have the name \"a.b\"")
    let twice = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Checkpoint(step: 1, ["a": 1, "a": 2])
    }
    #expect(stopSentence(twice) == "Checkpoint: two values have the name \"a\"")
    let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Checkpoint(step: -1, ["a": 1])
    }
    #expect(stopSentence(negative) == "Checkpoint: a step of -1 is negative")
    let last = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Checkpoint(step: .max, ["a": 1])
    }
    #expect(stopSentence(last) == "Checkpoint: a step of 9223372036854775807 is greater than 2⁵³")
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try Checkpoint(step: 1, ["a": 1]).save(to: "/nowhere", keeping: 0)
    }
    #expect(stopSentence(none) == "Checkpoint.save: keeping 0 checkpoints would remove the new one")
  }

  @Test func modelsByThemselves() async throws {
    var generator = Generator(seed: 3)
    let model = Linear(4, 3, using: &generator)
    try await withFolder { folder in
      let path = folder + "/model.safetensors"
      try model.save(to: path)
      #expect(Set(try SafetensorsFile(path).names) == ["weight", "bias"])
      var copy = Linear(4, 3, using: &generator)
      try copy.load(from: path)
      #expect(bits(copy) == bits(model))
      var other = LanguageModel(.float32, using: &generator)
      let before = bits(other)
      let error = #expect(throws: LoadingError.self) { try other.load(from: path) }
      #expect(bits(other) == before)
      guard case .parameters(let mismatch) = error?.kind else { throw try #require(error) }
      #expect(mismatch.missing.count == other.parameters.count && mismatch.unexpected == ["bias", "weight"])
      #expect(mismatch.misshapen == [])
      var wide = Linear(4, 2, bias: false, .float64, using: &generator)
      let shapes = #expect(throws: LoadingError.self) { try wide.load(from: path) }
      #expect(
        shapes?.description == path
          + ": unexpected: bias; misshapen: weight is float32 [4, 3] in the file, float64 [4, 2] in the model")
      let absent = #expect(throws: LoadingError.self) { try wide.load(from: folder + "/none") }
      #expect(absent?.description == "\(folder)/none: No such file or directory")
    }
  }
}
