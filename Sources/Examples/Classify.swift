import Unroll

// Classify sequences of different lengths: which gesture was drawn?
//
//     swift run -c release unroll-examples classify
//     swift run -c release unroll-examples classify FILE.ts
//
// The example reads a file of series in the .ts format of the UEA and UCR archives; without a file it draws gestures and writes
// such a file itself. Batches contain series of similar length, to minimise padding, and a mask excludes padding and missing
// numbers. Training stops when the loss on a validation set stops falling. A checkpoint is saved after every epoch: interrupt
// the example at any time (Ctrl-C), and the same command resumes it, bit for bit.

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
  func callAsFunction(_ batch: SeriesBatch) -> Tensor { head(lstm(batch.inputs, mask: batch.mask).state.cells[0].hidden) }
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
  let (validation, test) = (data.batch(split.validation), data.batch(split.test))

  var model = SeriesClassifier(dimensions: data.dimensions, classes: data.classes.count, using: &generator)
  var optimizer = Adam(for: model, learningRate: 0.005)
  var (best, stopping, epoch) = (model, EarlyStopping(patience: 8), 0)
  if let checkpoint = try Checkpoint.latest(in: folder) {
    try checkpoint.restore(model: &model, optimizer: &optimizer, generator: &generator)
    best = try checkpoint.value("best", like: best)
    stopping = try checkpoint.value("stopping", like: stopping)
    epoch = checkpoint.step
    print("Resuming after epoch \(epoch); to start over, remove the folder \(folder).")
  }

  while epoch < epochs && !stopping.isOver {
    var mean = WeightedMean()
    for positions in Batches(lengths: lengths, size: 16, using: &generator) {
      let batch = data.batch(positions.map { split.training[$0] })
      let (loss, gradient) = valueAndGradient(at: model) { model in crossEntropy(model(batch), batch.labels) }
      optimizer.update(&model, along: gradient.clipped(norm: 1))
      mean.add(loss.item, weight: Double(positions.count))
    }
    epoch += 1
    let loss = crossEntropy(model(validation), validation.labels).item
    _ = stopping.update(loss, at: epoch)
    if stopping.isBest { best = model }
    print("epoch \(epoch): loss \(numberText(mean.value)) in training, \(numberText(loss)) in validation")
    try Checkpoint(
      step: epoch, model: model, optimizer: optimizer, generator: generator, ["best": best, "stopping": stopping]
    ).save(to: folder, keeping: 2)
  }

  var confusion = ConfusionMatrix(classes: data.classes)
  confusion.add(scores: best(test), labels: test.labels)
  print(confusion)
  print(
    "The network of epoch \(stopping.bestStep) names \(percentText(confusion.accuracy)) of \(confusion.total) series of",
    "\(data.lengths.min() ?? 0) to \(data.lengths.max() ?? 0) steps that it has never seen;",
    "a guess, \(percentText(1 / Double(data.classes.count))).")
  return confusion
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
