import Foundation
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

/// A model with everything that a checkpoint has to carry on with: dropout, a state from window to window.
struct LanguageModel: Module {
  var embedding: Embedding
  var lstm: LSTM
  var head: Linear

  init(_ type: ElementType, using generator: inout Generator) {
    embedding = Embedding(7, 4, type, using: &generator)
    lstm = LSTM(4, 5, layers: 2, type, using: &generator)
    lstm.dropout = 0.25
    lstm.recurrentDropout = 0.25
    head = Linear(5, 7, type, using: &generator)
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("embedding", &embedding)
    visitor("lstm", &lstm)
    visitor("head", &head)
  }
}

/// A training that can be stopped after any step.
struct LanguageTraining<Rule: Optimizer> where Rule.Model == LanguageModel {
  var step = 0
  var model: LanguageModel
  var optimizer: Rule
  var generator: Generator
  var state: LSTM.State?
  var window = 0
  var plateau = Plateau(rate: 0.05, factor: 0.5, patience: 1)
  var stopping = EarlyStopping(patience: 100)
  let windows = Windows(Indices((0..<61).map { $0 * $0 % 7 }), batch: 2, steps: 4)
  let schedule = Schedule.cosine(from: 1, to: 0.1, over: 20)

  init(seed: Int, _ type: ElementType, _ make: (LanguageModel) -> Rule) {
    generator = Generator(seed: seed)
    model = LanguageModel(type, using: &generator)
    optimizer = make(model)
  }

  mutating func advance(to end: Int) {
    while step < end {
      if window == windows.count { (window, state) = (0, nil) }
      let batch = windows[window]
      var draws = generator
      let (loss, next, slope) = valueAndGradient(at: model) { [state] model in
        let (y, next) = model.lstm(model.embedding(batch.inputs), from: state, using: &draws)
        return (crossEntropy(model.head(y), batch.targets), next)
      }
      generator = draws
      optimizer.learningRate = plateau.rate * schedule.rate(at: step)
      optimizer.update(&model, along: slope)
      plateau.update(loss.item)
      _ = stopping.update(loss.item)
      state = next.detached()
      (step, window) = (step + 1, window + 1)
    }
  }

  var checkpoint: Checkpoint {
    Checkpoint(
      step: step, model: model, optimizer: optimizer, generator: generator,
      ["state": state, "window": window, "plateau": plateau, "stopping": stopping])
  }

  mutating func restore(_ checkpoint: Checkpoint) throws {
    try checkpoint.restore(model: &model, optimizer: &optimizer, generator: &generator)
    step = checkpoint.step
    state = try checkpoint.value("state")
    window = try checkpoint.value("window")
    plateau = try checkpoint.value("plateau", like: plateau)
    stopping = try checkpoint.value("stopping", like: stopping)
  }
}

extension LanguageTraining where Rule == Adam<LanguageModel> {
  static func adam(seed: Int = 1) -> LanguageTraining { LanguageTraining(seed: seed, .float32) { Adam(for: $0) } }
}

/// All numbers of a model, as bits.
func bits(_ model: some Module) -> [String: [UInt64]] {
  var all: [String: [UInt64]] = [:]
  for (name, tensor) in model.parameters { all[name] = tensor.array.scalars(as: Double.self).map(\.bitPattern) }
  return all
}

/// The names in a folder.
func names(in folder: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
