// Train one model on several processors or machines: the same script for one rank and for many.
//
//     swift run -c release unroll-examples distributed
//     mpirun -n 2 .build/release/unroll-examples distributed
//
// Each rank reads its rows of every window, and the mean of the gradients, weighted by targets, is the gradient of the whole batch. The
// numbers are float64, so that it can be seen: the losses of one rank and of two are the same to about the last digit. Rank 0 writes a
// log and checkpoints; interrupt the example at any time, or kill one rank, and the same command resumes it, bit for bit.

import Unroll

struct Reader: Module {
  var embedding: Embedding
  var lstm: LSTM
  var head: Linear

  init(symbols: Int, hidden: Int, using generator: inout Generator) {
    embedding = Embedding(symbols, 16, using: &generator)
    lstm = LSTM(16, hidden, using: &generator)
    head = Linear(hidden, symbols, using: &generator)
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("embedding", &embedding)
    visitor("lstm", &lstm)
    visitor("head", &head)
  }

  func callAsFunction(_ ids: Indices, from state: LSTM.State?) -> (logits: Tensor, state: LSTM.State) {
    let (outputs, next) = lstm(embedding(ids), from: state)
    return (head(outputs), next)
  }
}

/// A stream of symbols in which each follows from the two before it, with exceptions: its entropy is about a third of a guess.
func symbolStream(_ count: Int, symbols: Int, using generator: inout Generator) -> Indices {
  var stream = [0, 1]
  while stream.count < count {
    let next = (3 * stream[stream.count - 1] + 5 * stream[stream.count - 2] + 1) % symbols
    let isException = Int.random(in: 0..<5, using: &generator) == 0
    stream.append(isException ? Int.random(in: 0..<symbols, using: &generator) : next)
  }
  return Indices(stream)
}

/// Returns the losses of all epochs.
@discardableResult
func distributed(
  in folder: String, seed: Int = 1, epochs: Int = 12, symbols: Int = 12, hidden: Int = 48, length: Int = 20_000
) throws -> [Double] {
  let ranks = try Ranks.joined()
  var generator = Generator(seed: seed)  // the same on all ranks, so that they draw the same
  let stream = symbolStream(length, symbols: symbols, using: &generator)
  var model = Reader(symbols: symbols, hidden: hidden, using: &generator).cast(to: .float64)
  var optimizer = Adam(for: model, learningRate: 0.005)
  var losses: [Double] = []
  if let checkpoint = try Checkpoint.latest(in: folder, on: ranks) {
    try checkpoint.restore(model: &model, optimizer: &optimizer, generator: &generator)
    losses = try checkpoint.value("losses")
    if ranks.isFirst { print("Resuming after epoch \(checkpoint.step); to start over, remove the folder \(folder).") }
  }
  // The models are equal already, by seed or checkpoint. Where each rank starts from numbers of its own, this makes them so.
  ranks.broadcast(&model)

  var log = ranks.isFirst ? try TrainingLog("\(folder).csv", columns: ["loss", "norm"], after: losses.count) : nil
  while losses.count < epochs {
    var (mean, norm, state) = (WeightedMean(), 0.0, LSTM.State?.none)
    for window in Windows(stream, batch: 32, aroundSteps: 25, using: &generator).shard(ranks) {
      let (loss, next, slope) = valueAndGradient(at: model) { model in
        let (logits, next) = model(window.inputs, from: state)
        return (crossEntropy(logits, window.targets), next)
      }
      let gradient = ranks.mean(slope, weight: Double(window.targetCount))
      optimizer.update(&model, along: gradient.clipped(norm: 1))
      state = next
      norm = gradient.norm
      mean.add(loss.item, weight: Double(window.targetCount))
    }
    losses.append(ranks.mean(mean.value, weight: mean.weight))
    if ranks.isFirst { print("epoch \(losses.count): loss \(losses[losses.count - 1])") }
    try log?.append(step: losses.count, ["loss": losses[losses.count - 1], "norm": norm])
    // A carried state would be stored as ranks.gathered(state), the states of all ranks.
    try Checkpoint(step: losses.count, model: model, optimizer: optimizer, generator: generator, ["losses": losses])
      .save(to: folder, keeping: 2, on: ranks)
  }
  if ranks.isFirst {
    let guess = numberText(Tensor(Double(symbols)).log().item)
    print("Ranks: \(ranks.count). Loss: \(numberText(losses[losses.count - 1])) nats for each symbol; a guess has \(guess).")
  }
  return losses
}
