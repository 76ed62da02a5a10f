import Unroll

// Classify sequences of different lengths: which gesture was drawn?
//
//     swift run -c release unroll-examples classify
//     swift run -c release unroll-examples classify FILE.ts
//
// The example reads a file of series in the .ts format of the UEA and UCR archives; without a file it draws gestures and writes
// such a file itself. Batches contain series of similar length, to minimise padding, and a mask excludes padding and missing
// numbers; they are put together in the background. Training stops when the loss on a validation set stops falling, and the model
// with the lowest one is kept. A checkpoint is saved after every epoch: interrupt the example at any time (Ctrl-C), and the same
// command resumes it, bit for bit. The losses of all epochs are in history.csv, and drawn in history.svg.

import Unroll

struct SeriesClassifier: Module {
  var lstm: LSTM
  var head: Linear

  init(dimensions: Int, classes: Int, using generator: inout Generator) {
    lstm = LSTM(dimensions, 32, using: &generator)
    head = Linear(32, classes, using: &generator)
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("lstm", &lstm)
    visitor("head", &head)
  }

  /// Maps the state after each row's last step, `[cases, hidden]`, to logits `[cases, classes]`.
  func callAsFunction(_ batch: SeriesBatch) -> Tensor { head(lstm(batch.inputs, mask: batch.mask).state.lastHidden) }
}

/// The error of a valid file that is unsuitable for classification.
struct Unclassifiable: Error, CustomStringConvertible {
  let file: String
  let series: SeriesFile

  var description: String {
    series.classes.isEmpty
      ? "\(file) names no classes to learn; a file with @classLabel true does"
      : "\(file) has \(series.cases.count) series; classify needs at least 5, one of them for validation and one for the test"
  }
}

@discardableResult
func classify(
  _ path: String? = nil, in folder: String = "classify", seed: Int = 1, epochs: Int = 60
) throws -> ConfusionMatrix {
  if path == nil { try Gestures.series(count: 600, seed: seed).write(to: "\(folder)/gestures.ts") }
  let data = try SeriesFile(contentsOf: path ?? "\(folder)/gestures.ts")

  var generator = Generator(seed: seed)
  guard !data.classes.isEmpty, data.cases.count >= 5 else { throw Unclassifiable(file: path ?? folder, series: data) }
  let split = Split(count: data.cases.count, validation: 0.2, test: 0.2, using: &generator)
  let lengths = split.training.map { data.lengths[$0] }
  let validation = data.batch(split.validation)

  var model = SeriesClassifier(dimensions: data.dimensions, classes: data.classes.count, using: &generator)
  var optimizer = Adam(for: model, learningRate: 0.005)
  var (best, stopping, epoch) = (BestModel(model), EarlyStopping(patience: 8), 0)
  var history = TrainingHistory(columns: ["training", "validation"])
  if let checkpoint = try Checkpoint.latest(in: folder) {
    try checkpoint.restore(model: &model, optimizer: &optimizer, generator: &generator)
    best = try checkpoint.value("best", like: best)
    stopping = try checkpoint.value("stopping", like: stopping)
    history = try checkpoint.value("history")
    epoch = checkpoint.step
    print("Resuming after epoch \(epoch); to start over, remove the folder \(folder).")
  }
  print(model.summary)

  while epoch < epochs && !stopping.isOver {
    var mean = WeightedMean()
    let batches = Batches(lengths: lengths, size: 16, using: &generator).map { $0.map { split.training[$0] } }
    for batch in data.readingAhead(batches) {
      let (loss, gradient) = valueAndGradient(at: model) { model in crossEntropy(model(batch), batch.labels) }
      optimizer.update(&model, along: gradient.clipped(norm: 1))
      mean.add(loss.item, weight: Double(batch.labels.count))
    }
    epoch += 1
    let loss = crossEntropy(model(validation), validation.labels).item
    _ = stopping.update(loss, at: epoch)
    best.update(model, loss, at: epoch)
    history.append(step: epoch, ["training": mean.value, "validation": loss])
    print("epoch \(epoch): loss \(numberText(mean.value)) in training, \(numberText(loss)) in validation")
    try Checkpoint(
      step: epoch, model: model, optimizer: optimizer, generator: generator,
      ["best": best, "stopping": stopping, "history": history]
    ).save(to: folder, keeping: 2)
  }
  try history.write(to: "\(folder)/history.csv")
  try history.plot(title: "Losses", yLabel: "nats for each series").write(to: "\(folder)/history.svg")

  let evaluation = Evaluation(of: data.readingAhead([split.test]), classes: data.classes) { (best.model($0), $0.labels) }
  print(evaluation)
  print(
    "The network of epoch \(best.step) names \(percentText(evaluation.accuracy)) of \(evaluation.confusion.total) series of",
    "\(data.lengths.min() ?? 0) to \(data.lengths.max() ?? 0) steps that it has never seen;",
    "a guess, \(percentText(1 / Double(data.classes.count))).")
  return evaluation.confusion
}

/// Gestures for `classify`: the positions of a pen, `[time, 2]`, with random speed, start and tremor.
enum Gestures {
  static let classes = ["left", "right", "eight", "line"]

  static func series(count: Int, seed: Int) -> SeriesFile {
    var generator = Generator(seed: seed)
    let labels = (0..<count).map { _ in Int.random(in: 0..<classes.count, using: &generator) }
    let cases = labels.map { label in
      let length = Int.random(in: 20...100, using: &generator)
      let turns = Double.random(in: 1...2, using: &generator)
      let start = Double.random(in: 0...6.28, using: &generator)
      let phase = Tensor.range(length) * (6.28 * turns / Double(length)) + start
      let (x, y): (Tensor, Tensor)
      switch classes[label] {
      case "left": (x, y) = (phase.cos(), phase.sin())
      case "right": (x, y) = (phase.cos(), -phase.sin())
      case "eight": (x, y) = (phase.cos(), (phase * 2).sin())
      default: (x, y) = (phase.cos(), phase.cos())
      }
      let pen = Tensor.stack([x, y], axis: 1) + Tensor.normal([length, 2], deviation: 0.9, using: &generator)
      // Sometimes the pen is lifted, so that a number is missing.
      let isLifted = Mask.bernoulli([length, 1], probability: 0.05, using: &generator)
      return Tensor.select(isLifted, Tensor.full([length, 2], .nan), pen)
    }
    return SeriesFile(name: "Gestures", classes: classes, cases: cases, labels: labels)
  }
}
