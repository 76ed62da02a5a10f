import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

@testable import UnrollRanks

/// Trainings on several ranks: as one rank with the whole batch trains, and from a checkpoint on as if nothing had happened.
@Suite struct TrainingTests {
  struct Reader: Module {
    var embedding: Embedding
    var lstm: LSTM
    var head: Linear

    init(using generator: inout Generator) {
      embedding = Embedding(11, 4, .float64, using: &generator)
      lstm = LSTM(4, 6, .float64, using: &generator)
      head = Linear(6, 11, .float64, using: &generator)
    }

    mutating func visit(_ visitor: Visitor) {
      visitor("embedding", &embedding)
      visitor("lstm", &lstm)
      visitor("head", &head)
    }
  }

  /// Everything that a training carries from one epoch to the next: also the rank's own state and its own draws.
  struct Run: Sendable {
    var model: Reader
    var optimizer: Adam<Reader>
    var generator = Generator(seed: 2)
    var noise = Generator(seed: 0)
    var state: LSTM.State?
    var losses: [Double] = []

    init(_ ranks: Ranks, dropout: Double = 0) {
      model = Reader(using: &generator)
      model.lstm.recurrentDropout = dropout
      optimizer = Adam(for: model, learningRate: 0.01)
      noise = ranks.split(&generator)
    }

    mutating func advance(_ ranks: Ranks) {
      let ids = Indices((0..<190).map { $0 * $0 % 11 })
      var mean = WeightedMean()
      for window in Windows(ids, batch: 5, aroundSteps: 8, using: &generator).shard(ranks) {
        let (loss, next, slope) = valueAndGradient(at: model) { [state, noise] model in
          var noise = noise
          let (y, next) = model.lstm(model.embedding(window.inputs), from: state, using: &noise)
          return (crossEntropy(model.head(y), window.targets), next)
        }
        _ = noise.next()
        let gradient = ranks.mean(slope, weight: Double(window.targetCount))
        optimizer.update(&model, along: gradient.clipped(norm: 0.5))
        state = next
        mean.add(loss.item, weight: Double(window.targetCount))
      }
      losses.append(ranks.mean(mean.value, weight: mean.weight))
    }

    func save(to folder: String, _ ranks: Ranks) throws {
      try Checkpoint(
        step: losses.count, model: model, optimizer: optimizer, generator: generator,
        ["losses": losses, "states": ranks.gathered(state), "noises": ranks.gathered(noise)]
      ).save(to: folder, keeping: 2, on: ranks)
    }

    mutating func resume(from folder: String, _ ranks: Ranks) throws {
      guard let checkpoint = try Checkpoint.latest(in: folder, on: ranks) else { return }
      try checkpoint.restore(model: &model, optimizer: &optimizer, generator: &generator)
      losses = try checkpoint.value("losses")
      state = try checkpoint.value("states", as: [LSTM.State?].self)[ranks.rank]
      noise = try checkpoint.value("noises", as: [Generator].self)[ranks.rank]
    }

    var numbers: [Double] { losses + model.parameters.flatMap { $0.tensor.array.scalars(as: Double.self) } }
  }

  @Test(arguments: [2, 3, 5], [true, false]) func ranksEqualOneRankWithTheWholeBatch(count: Int, inRankOrder: Bool) throws {
    var alone = Run(Ranks(nil))
    for _ in 0..<3 { alone.advance(Ranks(nil)) }
    let together = try onRanks(count, addingInRankOrder: inRankOrder) { ranks in
      var run = Run(ranks)
      for _ in 0..<3 { run.advance(ranks) }
      return run.numbers
    }
    for numbers in together {
      #expect(numbers == together[0])
      #expect(numbers.count == alone.numbers.count)
      let worst = zip(numbers, alone.numbers).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? .nan
      #expect(worst < 1e-12, "the numbers differ by \(worst)")
    }
  }

  @Test func resumedIsNeverStopped() async throws {
    try await withFolder { folder in
      let straight = try onRanks(2) { ranks in
        var run = Run(ranks, dropout: 0.3)
        for _ in 0..<4 { run.advance(ranks) }
        return run.numbers
      }
      _ = try onRanks(2) { [folder = folder as String] ranks in
        var run = Run(ranks, dropout: 0.3)
        for _ in 0..<2 { run.advance(ranks) }
        try run.save(to: folder, ranks)
        // What is not saved is lost.
        run.advance(ranks)
      }
      let resumed = try onRanks(2) { [folder = folder as String] ranks in
        var run = Run(ranks, dropout: 0.3)
        try run.resume(from: folder, ranks)
        for _ in 0..<2 { run.advance(ranks) }
        return run.numbers
      }
      #expect(resumed == straight && resumed[0] == resumed[1])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["checkpoint-000000002.safetensors"])
    }
  }

  @Test func rankZeroIsCopied() throws {
    let values = try onRanks(3) { ranks in
      var generator = Generator(seed: ranks.rank)
      var model = Reader(using: &generator)
      var optimizer = SGD(for: model, learningRate: 0.1 * Double(ranks.rank + 1), momentum: 0.5)
      optimizer.update(&model, along: model)
      var (state, text) = (LSTM.State?.none, "rank \(ranks.rank)")
      if ranks.isFirst { state = model.lstm.initialState(batch: 2) }
      ranks.broadcast(&model)
      ranks.broadcast(&optimizer)
      ranks.broadcast(&generator)
      ranks.broadcast(&state)
      ranks.broadcast(&text)
      let numbers = (model.parameters + optimizer.parameters).flatMap { $0.tensor.array.scalars(as: Double.self) }
      return ("\(generator) \(text) \(optimizer.learningRate) \(state?.cells.count ?? 0)", numbers)
    }
    for value in values { #expect(value == values[0]) }
    #expect(values[0].0.contains("rank 0 0.1 1"))
  }

  @Test func valuesOfAllRanksAreGathered() throws {
    let lists = try onRanks(3) { ranks in
      (ranks.gathered(String(repeating: "long ", count: ranks.rank * 100)), ranks.gathered([Double(ranks.rank)]))
    }
    for (texts, numbers) in lists {
      #expect(texts.map(\.count) == [0, 500, 1000])
      #expect(numbers == [[0], [1], [2]])
    }
  }

  @Test func noCheckpointIsNone() async throws {
    try await withFolder { folder in
      let found = try onRanks(2) { [folder = folder as String] ranks in
        try Checkpoint.latest(in: folder + "/none", on: ranks) == nil
      }
      #expect(found == [true, true])
    }
  }
}
