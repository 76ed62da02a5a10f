public import UnrollArrays
public import UnrollAutograd
public import UnrollFiles

extension SeriesFile {
  /// A set of cases `[time, dimensions]`, each with a label, which is a position in `classes`.
  ///
  ///     let rising = Tensor([1.0, 2, 3], shape: [3, 1])
  ///     let set = SeriesFile(name: "slopes", classes: ["up", "down"], cases: [rising, -rising], labels: [0, 1])
  ///     try set.write(to: "slopes.ts")
  public init(name: String = "", classes: [String], cases: [Tensor], labels: [Int]) {
    guard let first = cases.first else { stop("SeriesFile: there are no cases") }
    for (i, tensor) in cases.enumerated() {
      require(
        tensor.rank == 2 && tensor.count > 0 && tensor.shape[1] == first.shape.last,
        "SeriesFile: case \(i) of shape \(tensor.shape) is not [time, dimensions] like case 0 of shape \(first.shape)")
    }
    require(labels.count == cases.count, "SeriesFile: \(labels.count) labels do not fit \(cases.count) cases")
    if let label = labels.first(where: { !classes.indices.contains($0) }) {
      stop("SeriesFile: the label \(label) is not one of \(classes.count) classes")
    }
    for text in classes {
      let isWord = !text.isEmpty && !text.contains { $0.isWhitespace || $0 == ":" }
      require(isWord, "SeriesFile: \(quoted(text)) cannot name a class in a file: names are words without colons")
    }
    require(
      Set(classes.map { ByteKey($0) }).count == classes.count, "SeriesFile: two of the classes \(classes) have the same name")
    require(!name.contains(where: \.isNewline), "SeriesFile: the name \(quoted(name)) is more than one line")
    self.init(name: name, dimensions: first.shape[1], classes: classes, cases: cases, labels: labels)
  }

  /// The set in the file format; parsing it gives the same numbers.
  ///
  ///     let set = try SeriesFile(text: "@classLabel true up down\n@data\n1,2,3:up")
  ///     print(set.text)
  public var text: String {
    var lines = name.isEmpty ? [] : ["@problemName \(name)"]
    lines += ["@dimensions \(dimensions)", "@targetLabel \(!targets.isEmpty)"]
    lines.append("@classLabel " + (classes.isEmpty ? "false" : "true " + classes.joined(separator: " ")))
    lines.append("@data")
    for (i, tensor) in cases.enumerated() {
      var parts = (0..<dimensions).map { dimension in
        SeriesFile.numbers(tensor[0..., dimension].array).joined(separator: ",")
      }
      if !classes.isEmpty { parts.append(classes[labels[i]]) }
      if !targets.isEmpty { parts.append("\(targets[i])") }
      lines.append(parts.joined(separator: ":"))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Writes the set to a file, whose folder is created if necessary.
  ///
  ///     try SeriesFile(text: "@classLabel true up down\n@data\n1,2,3:up").write(to: "slopes.ts")
  public func write(to path: String) throws(ArrayFileError) {
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try FileSystem.system.ensureFolder(String(path[..<slash]))
    }
    try replaceFile(path, text: text)
  }

  /// The shortest texts that parse to these numbers; `?` for a missing one.
  private static func numbers(_ column: NDArray) -> [String] {
    if column.type == .float32 { return column.scalars(as: Float.self).map { $0.isNaN ? "?" : "\($0)" } }
    return column.scalars(as: Double.self).map { $0.isNaN ? "?" : "\($0)" }
  }
}

/// A batch of time series, padded to the longest.
///
///     let set = try SeriesFile(text: "@classLabel true calm wild\n@data\n1,2,3:4,5,?:wild\n1,2:3,4:calm")
///     let batch = set.batch([0, 1])
///     print(batch.inputs.shape, batch.lengths)  // [2, 3, 2] and [3, 2]
///     let (outputs, _) = LSTM(2, 4, using: &generator)(batch.inputs, mask: batch.mask)
public struct SeriesBatch: Sendable {
  /// The series, `[cases, longest, dimensions]`; zeros where the mask is false.
  public let inputs: Tensor
  /// The number of steps of each case.
  public let lengths: [Int]
  /// The steps that count, `[cases, longest]`: before the end of the case, and with no number missing.
  public let mask: Mask
  /// The class of each case, `[cases]`; empty if the cases have no classes.
  public let labels: Indices
}

extension SeriesFile {
  /// The number of steps of each case.
  ///
  ///     let set = try SeriesFile(text: "@data\n1,2,3\n4,5")
  ///     let batches = Batches(lengths: set.lengths, size: 2, using: &generator)  // of lengths 3 and 2
  public var lengths: [Int] { cases.map { $0.shape[0] } }

  /// A batch of the cases at the given positions, in that order.
  ///
  ///     let set = try SeriesFile(text: "@data\n1,2,3\n4,5")
  ///     let batch = set.batch([1])
  public func batch(_ positions: [Int]) -> SeriesBatch {
    require(!positions.isEmpty, "SeriesFile: the batch has no cases")
    for position in positions {
      require(cases.indices.contains(position), "SeriesFile: there is no case \(position) of \(cases.count)")
    }
    let (inputs, lengths) = Tensor.stackPadded(positions.map { cases[$0] })
    let numbers = inputs.array.scalars(as: Double.self)
    let steps = inputs.shape[1]
    let counts = (0..<positions.count * steps).map { place in
      place % steps < lengths[place / steps]
        && !numbers[place * dimensions..<(place + 1) * dimensions].contains(where: \.isNaN)
    }
    let mask = Mask(counts, shape: [positions.count, steps])
    return SeriesBatch(
      inputs: Tensor.select(mask.reshaped([positions.count, steps, 1]), inputs, Tensor(0, inputs.type)), lengths: lengths,
      mask: mask,
      labels: Indices(labels.isEmpty ? [] : positions.map { labels[$0] }))
  }
}
