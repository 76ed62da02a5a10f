import Unroll

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
