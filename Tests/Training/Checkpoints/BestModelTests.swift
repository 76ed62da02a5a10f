import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// The best model of a training, as a value, in a file and in a checkpoint.
@Suite struct BestModelTests {
  private static func model(_ number: Double) -> Linear {
    var generator = Generator(seed: 1)
    return Linear(2, 1, using: &generator).mapping { $0 * 0 + number }
  }

  private static func number(_ model: Linear) -> Double { model.weight[0, 0].item }

  @Test(arguments: [
    (Plateau.Goal.minimum, [3.0, 2, 2.5, 2, 1, .nan], [true, true, false, false, true, false], 4),
    (.maximum, [3.0, 2, 3.5, 3.5, .infinity, 9], [true, false, true, false, true, false], 4),
    (.minimum, [.nan, .nan, 5], [false, false, true], 2), (.minimum, [.infinity, 5, -.infinity], [true, true, true], 2),
  ]) func theBestIsKept(goal: Plateau.Goal, numbers: [Double], expected: [Bool], at step: Int) {
    var best = BestModel(BestModelTests.model(-1), goal: goal)
    #expect(best.number == nil && best.step == 0 && BestModelTests.number(best.model) == -1)
    for (i, number) in numbers.enumerated() {
      #expect(best.update(BestModelTests.model(Double(i)), number, at: i) == expected[i], "\(i)")
    }
    #expect(best.step == step && best.number == numbers[step] && BestModelTests.number(best.model) == Double(step))
  }

  /// Training on changes the model, and not the one that was kept.
  @Test func theKeptModelDoesNotChange() {
    var model = BestModelTests.model(1)
    var best = BestModel(model)
    best.update(model, 0.5, at: 3)
    var optimizer = SGD(for: model, learningRate: 1)
    optimizer.update(&model, along: BestModelTests.model(1))
    #expect(BestModelTests.number(model) == 0 && BestModelTests.number(best.model) == 1)
  }

  @Test func theFileHoldsTheBest() async throws {
    try await withFolder { folder in
      let path = folder + "/best.safetensors"
      var best = BestModel(BestModelTests.model(-1))
      for (i, loss) in [3.0, 1, 2].enumerated() {
        try best.update(BestModelTests.model(Double(i)), loss, at: i, savingTo: path)
        var loaded = BestModelTests.model(0)
        try loaded.load(from: path)
        #expect(BestModelTests.number(loaded) == BestModelTests.number(best.model) && best.step == min(i, 1))
      }
    }
  }

  /// Where the file cannot be written, neither it nor the value is of the new model, so that the next check tries again.
  @Test func aFileThatCannotBeWrittenChangesNothing() async throws {
    try await withFolder { folder in
      var best = BestModel(BestModelTests.model(-1))
      best.update(BestModelTests.model(7), 3, at: 1)
      let error = #expect(throws: ArrayFileError.self) {
        try best.update(BestModelTests.model(8), 2, at: 2, savingTo: folder + "/no/best.safetensors")
      }
      #expect(error?.file == folder + "/no/best.safetensors")
      #expect(best.number == 3 && best.step == 1 && BestModelTests.number(best.model) == 7)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(files.isEmpty)
    }
  }

  @Test func checkpoints() async throws {
    try await withFolder { folder in
      var generator = Generator(seed: 1)
      var best = BestModel(BestModelTests.model(-1), goal: .maximum)
      let empty = try Checkpoint(step: 1, ["best": best]).value("best", like: BestModel(BestModelTests.model(0)))
      #expect(empty.number == nil && BestModelTests.number(empty.model) == -1)
      best.update(BestModelTests.model(4), 0.75, at: 12)
      try Checkpoint(step: 13, ["best": best]).write(to: folder + "/x")
      var restored = try Checkpoint(path: folder + "/x").value("best", like: BestModel(BestModelTests.model(0), goal: .maximum))
      #expect(restored.number == 0.75 && restored.step == 12 && BestModelTests.number(restored.model) == 4)
      #expect(!restored.update(BestModelTests.model(5), 0.5, at: 14) && restored.update(BestModelTests.model(5), 0.8, at: 15))
      let other = Checkpoint(step: 1, ["best": BestModel(Embedding(2, 3, using: &generator))])
      #expect(throws: LoadingError.self) { try other.value("best", like: best) }
      let odd = Checkpoint(step: 1, ["best": Forged()])
      let error = #expect(throws: LoadingError.self) { try odd.value("best", like: best) }
      #expect(error?.description.contains("the best number is nan") == true)
    }
  }

  /// A best model whose number is none.
  private struct Forged: Storable {
    func store(in record: inout Record) {
      record.store(BestModelTests.model(1), as: "model")
      record.store(Double.nan, as: "number")
      record.store(3, as: "step")
    }
    func restored(from record: Record) throws(LoadingError) -> Forged { self }
  }
}
