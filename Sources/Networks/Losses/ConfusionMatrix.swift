public import UnrollArrays
public import UnrollAutograd

/// The fraction of labels whose score is the largest of its row, from 0 to 1. Ties go to the smaller class, and a row that
/// contains NaN is wrong whatever its label.
///
/// Scores `[..., classes]` and labels `[...]` give one number. Labels equal to `ignored`, and those where the mask is false, do
/// not count; if no label counts, it stops.
///
///     let right = accuracy([[2, 0, -1], [0, 1, 0]], [0, 2])  // 0.5
public func accuracy(_ scores: Tensor, _ labels: Indices, ignoring ignored: Int? = nil, mask: Mask? = nil) -> Double {
  let given = Scores(operation: "accuracy", what: "scores", shape: scores.shape)
  let targets = LabelTargets(labels, of: given, ignoring: ignored, mask: mask)
  given.requireCounting(targets.count, of: labels.count)
  let counted = targets.counted?.values
  let pairs = zip(predictions(of: scores), targets.column.values).enumerated()
  return Double(pairs.count { (counted?[$0] ?? true) && $1.0 == $1.1 }) / Double(targets.count)
}

/// The position of the largest score of each row, the first among ties; nil for a row that contains NaN, which has no
/// prediction.
func predictions(of scores: Tensor) -> [Int?] {
  let best = scores.argmax()
  // `argmax` returns the position of a NaN if the row contains one.
  let found = scores.array.gathered(elements: best.reshaped(best.shape.followed(by: [1])), axis: -1)
  return zip(best.values, found.scalars(as: Double.self)).map { $1.isNaN ? nil : $0 }
}

/// The counts of predicted classes for each true class, over any number of batches; printable.
///
/// Rows are true classes, and columns are predicted classes.
///
///     var matrix = ConfusionMatrix(classes: ["cat", "dog"])
///     matrix.add(predictions: [0, 1, 1], labels: [0, 0, 1])
///     print(matrix)
///     //     cat dog  precision recall     f1
///     // cat   1   1     1.0000 0.5000 0.6667
///     // dog   0   1     0.5000 1.0000 0.6667
///     // accuracy 0.6667 of 3
public struct ConfusionMatrix: Sendable, Equatable {
  /// The names of the classes.
  public let classes: [String]
  /// The counts: rows are true classes, and columns are predicted classes.
  public private(set) var counts: [[Int]]
  /// For each true class, the number of rows of scores that contained NaN and so have no prediction.
  public private(set) var undecided: [Int]

  /// An empty matrix for classes with names.
  public init(classes: [String]) {
    require(!classes.isEmpty, "ConfusionMatrix: there are no classes")
    self.classes = classes
    counts = Array(repeating: Array(repeating: 0, count: classes.count), count: classes.count)
    undecided = Array(repeating: 0, count: classes.count)
  }

  /// An empty matrix for classes named by their numbers.
  public init(classes: Int) { self.init(classes: (0..<max(classes, 0)).map(String.init)) }

  /// Counts predicted classes against labels of the same shape, except for labels equal to `ignored` and those where the mask
  /// is false.
  public mutating func add(predictions: Indices, labels: Indices, ignoring ignored: Int? = nil, mask: Mask? = nil) {
    require(
      predictions.shape == labels.shape,
      "ConfusionMatrix: predictions of shape \(predictions.shape) do not fit labels of shape \(labels.shape)")
    add(predictions.values.map { $0 }, labels, ignored, mask)
  }

  /// Counts the class of the largest score in each row of `[..., classes]` against labels `[...]`; a row that contains NaN is
  /// `undecided`.
  public mutating func add(scores: Tensor, labels: Indices, ignoring ignored: Int? = nil, mask: Mask? = nil) {
    require(
      scores.shape.last == classes.count,
      "ConfusionMatrix: scores of shape \(scores.shape) do not fit \(classes.count) classes")
    require(
      Shape(scores.shape.dropLast()) == labels.shape,
      "ConfusionMatrix: predictions of shape \(Shape(scores.shape.dropLast())) do not fit labels of shape \(labels.shape)")
    add(UnrollNetworks.predictions(of: scores), labels, ignored, mask)
  }

  private mutating func add(_ predictions: [Int?], _ labels: Indices, _ ignored: Int?, _ mask: Mask?) {
    let every = LabelTargets(
      labels, of: Scores(operation: "ConfusionMatrix", what: "classes", shape: labels.shape.followed(by: [classes.count])),
      ignoring: ignored, mask: mask)
    let counted = every.counted?.values
    for (i, (prediction, label)) in zip(predictions, every.column.values).enumerated() where counted?[i] ?? true {
      guard let prediction else {
        undecided[label] += 1
        continue
      }
      require(
        prediction >= 0 && prediction < classes.count,
        "ConfusionMatrix: prediction \(prediction) is not one of \(classes.count) classes")
      counts[label][prediction] += 1
    }
  }
}

extension ConfusionMatrix {
  /// The number of labels counted.
  public var total: Int { classes.indices.reduce(0) { $0 + occurrences(of: $1) } }

  /// The fraction of labels that were predicted correctly; NaN before anything was counted.
  public var accuracy: Double { ratio(classes.indices.reduce(0) { $0 + counts[$1][$1] }, total) }

  /// The fraction of a class's predictions that were correct; NaN if it was never predicted.
  public func precision(of number: Int) -> Double {
    requireClass(number)
    return ratio(counts[number][number], counts.reduce(0) { $0 + $1[number] })
  }

  /// The fraction of a class's labels that were predicted; NaN if it never occurred.
  public func recall(of number: Int) -> Double {
    requireClass(number)
    return ratio(counts[number][number], occurrences(of: number))
  }

  /// The harmonic mean of precision and recall, 2 correct / (predicted + occurred); NaN if both are 0.
  public func f1(of number: Int) -> Double {
    requireClass(number)
    return ratio(2 * counts[number][number], counts.reduce(0) { $0 + $1[number] } + occurrences(of: number))
  }

  private func occurrences(of number: Int) -> Int { counts[number].reduce(undecided[number], +) }

  private func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? .nan : Double(part) / Double(whole) }

  private func requireClass(_ number: Int) {
    require(classes.indices.contains(number), "ConfusionMatrix: class \(number) is not one of \(classes.count)")
  }
}

extension ConfusionMatrix: CustomStringConvertible {
  /// A table of the counts with the precision, recall and F1 score of each class, and the accuracy below.
  public var description: String {
    let head = classes.map(\.count).max() ?? 0
    let width = max(head, counts.map { $0.map { String($0).count }.max() ?? 0 }.max() ?? 0) + 1
    var lines = [right("", head) + classes.map { right($0, width) }.joined() + "  precision recall     f1"]
    for (number, name) in classes.enumerated() {
      let row = counts[number].map { right(String($0), width) }.joined()
      lines.append(
        right(name, head) + row + right(decimals(precision(of: number)), 11) + right(decimals(recall(of: number)), 7)
          + right(decimals(f1(of: number)), 7))
    }
    let none = undecided.reduce(0, +)
    lines.append("accuracy \(decimals(accuracy)) of \(total)" + (none > 0 ? ", of which \(none) without a prediction" : ""))
    return lines.joined(separator: "\n")
  }

  private func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// A number from 0 to 1 with four decimals.
  private func decimals(_ number: Double) -> String {
    if number.isNaN { return "-" }
    let digits = String(Int((number * 10_000).rounded()) + 100_000)
    return digits.dropFirst().prefix(1) + "." + digits.suffix(4)
  }
}
