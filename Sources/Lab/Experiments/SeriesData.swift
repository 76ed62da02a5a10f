internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollFiles
internal import UnrollTraining

/// Series with classes: those to learn, and those to name afterwards.
struct SeriesData: Sendable {
  /// The path that they were read from.
  let path: String
  let training: SeriesFile
  let test: SeriesFile
  /// The path without folders.
  var name: String { String(path.split(separator: "/").last ?? "") }
  /// How the two were divided.
  let division: String

  /// The error of a file that can be read, but has no series that can be learned.
  struct Unfit: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  /// Reads an npz file with the arrays x, y, x_test and y_test, or a file in the `.ts` format of the UEA and UCR archives.
  ///
  /// If the name of a `.ts` file ends in `_TRAIN.ts`, the test is in the file beside it whose name ends in `_TEST.ts`; otherwise a
  /// quarter of its cases is kept aside for it, the same in every run.
  init(contentsOf path: String) throws {
    self.path = path
    if path.lowercased().hasSuffix(".npz") {
      let file = try ArrayFiles.open(path)
      training = try SeriesData.series(of: file, "x", "y")
      test = try SeriesData.series(of: file, "x_test", "y_test")
      division = "as in the file"
    } else if path.hasSuffix("_TRAIN.ts") {
      let other = path.dropLast("_TRAIN.ts".count) + "_TEST.ts"
      training = try SeriesFile(contentsOf: path)
      test = try SeriesFile(contentsOf: String(other))
      division = "as in the archive"
    } else {
      let all = try SeriesFile(contentsOf: path)
      var generator = Generator(seed: 1)
      let split = Split(count: all.cases.count, validation: 0, test: 0.25, using: &generator)
      (training, test) = (try all.cases(split.training, path), try all.cases(split.test, path))
      division = "drawn"
    }
    try check()
  }

  /// Both sets in the numbers of the training set: every dimension with mean 0 and variance 1, and its order of classes.
  var standardized: (training: SeriesFile, test: SeriesFile) {
    let scales = (0..<training.dimensions).map { dimension in
      let numbers = training.cases.flatMap { $0[0..., dimension].scalars(as: Double.self) }.filter { !$0.isNaN }
      let mean = numbers.reduce(0, +) / Double(max(1, numbers.count))
      let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, numbers.count))
      return (mean: mean, scale: variance > 0 ? 1 / variance.squareRoot() : 1)
    }
    let means = Tensor(scales.map { Float($0.mean) }, shape: [scales.count])
    let factors = Tensor(scales.map { Float($0.scale) }, shape: [scales.count])
    func standardized(_ series: SeriesFile) -> SeriesFile {
      SeriesFile(
        classes: training.classes, cases: series.cases.map { ($0 - means) * factors },
        labels: series.labels.map { label in training.classes.firstIndex(of: series.classes[label]) ?? 0 })
    }
    return (standardized(training), standardized(test))
  }

  private func check() throws(Unfit) {
    if training.classes.isEmpty || test.classes.isEmpty {
      throw Unfit(description: "\(path) names no classes to learn; a file with @classLabel true does")
    }
    if training.dimensions != test.dimensions {
      throw Unfit(
        description: "\(path): series of \(training.dimensions) dimensions to learn, and of \(test.dimensions) in the test")
    }
    if let name = test.classes.first(where: { !training.classes.contains($0) }) {
      throw Unfit(description: "\(path): the class \(name) of the test is not among those to learn")
    }
    let infinite = (training.cases + test.cases).contains { $0.scalars(as: Double.self).contains { $0.isInfinite } }
    if infinite { throw Unfit(description: "\(path): a number is infinite") }
  }

  /// The series of two arrays of a file: `[cases, time]` or `[cases, time, dimensions]`, and the number of the class of each.
  private static func series(of file: any ArrayFile, _ x: String, _ y: String) throws -> SeriesFile {
    let path = file.path ?? ""
    let numbers = try file.read(x).tensor().cast(to: .float32)
    let labels = try file.read(y).integers().map { Int($0) }
    guard [2, 3].contains(numbers.rank), numbers.count > 0 else {
      throw Unfit(description: "\(path): \(x) of shape \(numbers.shape) is not [cases, time] or [cases, time, dimensions]")
    }
    guard labels.count == numbers.shape[0] else {
      throw Unfit(description: "\(path): \(y) has \(labels.count) classes for the \(numbers.shape[0]) cases of \(x)")
    }
    guard let last = labels.max(), last < 10_000, labels.allSatisfy({ $0 >= 0 }) else {
      throw Unfit(description: "\(path): \(y) does not number classes from 0 on")
    }
    let cases = (0..<labels.count).map { numbers.rank == 2 ? numbers[$0].expandingAxis(-1) : numbers[$0] }
    return SeriesFile(classes: (0...last).map(String.init), cases: cases, labels: labels)
  }
}

extension SeriesFile {
  /// The cases at some positions; throws if there are none.
  fileprivate func cases(_ positions: [Int], _ path: String) throws(SeriesData.Unfit) -> SeriesFile {
    if classes.isEmpty {
      throw SeriesData.Unfit(description: "\(path) names no classes to learn; a file with @classLabel true does")
    }
    if positions.isEmpty {
      throw SeriesData.Unfit(description: "\(path) has \(cases.count) series, too few to keep some aside")
    }
    return SeriesFile(
      name: name, classes: classes, cases: positions.map { cases[$0] }, labels: positions.map { labels[$0] })
  }
}
