public import UnrollArrays
public import UnrollAutograd
internal import UnrollFiles

/// A set of time series in the `.ts` format of the UEA and UCR archives.
///
/// Lines of metadata begin with `@`, comments with `#`. Each line after `@data` is a case: its dimensions are separated by
/// colons, and each dimension lists its steps separated by commas, with `?` for a missing number. The class label, or the
/// target number, comes last.
///
///     let set = try SeriesFile(text: "@classLabel true calm wild\n@data\n1,2,3:4,5,?:wild\n1,2:3,4:calm")
///     print(set.cases[0].shape, set.labels)  // [3, 2] and 1, 0
///     let (batch, lengths) = Tensor.stackPadded(set.cases)
public struct SeriesFile: Sendable {
  /// The name of the set; empty if the file has none.
  public let name: String
  /// The number of dimensions of each case.
  public let dimensions: Int
  /// The cases, `[time, dimensions]` each; NaN where a number is missing.
  public let cases: [Tensor]
  /// The names of the classes; empty if the cases have no classes.
  public let classes: [String]
  /// The class of each case, a position in `classes`; empty if the cases have no classes.
  public let labels: [Int]
  /// The target number of each case, for regression; empty if the cases have none.
  public let targets: [Double]
  /// The line of each case, counted from 1, in the file or in `text`.
  public let lines: [Int]

  /// Reads a file.
  public init(contentsOf path: String, _ type: ElementType = .float32) throws(DataFileError) {
    let text = try TextFile.read(path)
    do { try self.init(text: text, type) } catch { throw error.located(path) }
  }

  /// Parses a text.
  public init(text: String, _ type: ElementType = .float32) throws(DataFileError) {
    var header = SeriesHeader()
    var inData = false
    var (cases, lines): ([Tensor], [Int]) = ([], [])
    var (labels, targets): ([Int], [Double]) = ([], [])
    for (index, rawLine) in TextFile.lines(text).enumerated() {
      let line = TextFile.trimmed(rawLine)
      if line.isEmpty || line.utf8.first == UInt8(ascii: "#") { continue }
      if line.utf8.first == UInt8(ascii: "@") {
        if inData { throw DataFileError(.malformed, "\(quoted(line)) after @data", line: index + 1) }
        inData = try header.read(line, index + 1)
        continue
      }
      if !inData { throw DataFileError(.malformed, "\(quoted(line)) before @data", line: index + 1) }
      let found = try SeriesCase(line, &header, index + 1)
      cases.append(Tensor(found.array.cast(to: type)))
      lines.append(index + 1)
      if let label = found.label { labels.append(label) }
      if let target = found.target { targets.append(target) }
    }
    if cases.isEmpty { throw DataFileError(.empty, inData ? "no cases after @data" : "there is no @data") }
    name = header.name
    dimensions = header.dimensions ?? 0
    classes = header.classes ?? []
    (self.cases, self.labels, self.targets, self.lines) = (cases, labels, targets, lines)
  }

  /// Cases with classes, with the lines that they have in `text`.
  init(name: String, dimensions: Int, classes: [String], cases: [Tensor], labels: [Int]) {
    (self.name, self.dimensions, self.classes, targets) = (name, dimensions, classes, [])
    (self.cases, self.labels) = (cases, labels)
    let first = name.isEmpty ? 5 : 6
    lines = Array(first..<first + cases.count)
  }
}

/// The metadata.
private struct SeriesHeader {
  var name = ""
  var dimensions: Int?
  var length: Int?
  var classes: [String]?
  var hasTargets = false
  var hasMissing: Bool?

  /// Parses a line that begins with @; returns true for @data, the last one.
  mutating func read(_ line: String, _ number: Int) throws(DataFileError) -> Bool {
    let words = WordVocabulary.words(line)
    let values = Array(words.dropFirst())
    // All keys are ASCII, for which lowercasing is fast.
    let key = words[0].utf8.allSatisfy { $0 < 0x80 } ? words[0].lowercased() : ""
    switch key {
    case "@data": return true
    case "@problemname": name = values.joined(separator: " ")
    case "@timestamps":
      if try truth(key, values, number) {
        throw DataFileError(.unsupported, "series with time stamps are not supported", line: number)
      }
    case "@missing": hasMissing = try truth(key, values, number)
    case "@univariate": if try truth(key, values, number) { dimensions = 1 }
    case "@equallength": _ = try truth(key, values, number)
    case "@dimension", "@dimensions": dimensions = try count(key, values, number)
    case "@serieslength": length = try count(key, values, number)
    case "@targetlabel": hasTargets = try truth(key, values, number)
    case "@classlabel":
      guard try truth(key, Array(values.prefix(1)), number) else { break }
      classes = Array(values.dropFirst())
      if values.count < 2 { throw DataFileError(.malformed, "@classLabel true names no classes", line: number) }
      if Set(values.dropFirst().map { ByteKey($0) }).count < values.count - 1 {
        throw DataFileError(.malformed, "@classLabel names a class twice", line: number)
      }
    default: throw DataFileError(.unsupported, "\(quoted(words[0])) is not metadata of the format", line: number)
    }
    return false
  }

  private func truth(_ key: String, _ values: [String], _ line: Int) throws(DataFileError) -> Bool {
    let word = values.first?.lowercased() ?? ""
    switch (values.count, word.hasBytes(of: "true"), word.hasBytes(of: "false")) {
    case (1, true, _): return true
    case (1, _, true): return false
    default: throw DataFileError(.malformed, "\(key) must be followed by true or false", line: line)
    }
  }

  private func count(_ key: String, _ values: [String], _ line: Int) throws(DataFileError) -> Int {
    guard values.count == 1, let count = Int(values[0]), count > 0 else {
      throw DataFileError(.malformed, "\(key) must be followed by a count", line: line)
    }
    return count
  }
}

/// One line of data.
private struct SeriesCase {
  /// `[time, dimensions]`.
  let array: NDArray
  let label: Int?
  let target: Double?

  init(_ line: String, _ header: inout SeriesHeader, _ number: Int) throws(DataFileError) {
    var parts = TextFile.parts(line, UInt8(ascii: ":"))
    var (label, target): (Int?, Double?)
    if let classes = header.classes {
      let name = TextFile.trimmed(parts.removeLast())
      label = classes.firstIndex(where: name.hasBytes)
      if label == nil {
        throw DataFileError(.malformed, "the class \(quoted(name)) is not one of \(classes.count) of @classLabel", line: number)
      }
    } else if header.hasTargets {
      let text = parts.removeLast()
      target = TextFile.number(text)
      if target == nil { throw DataFileError(.malformed, "the target \(quoted(text)) is not a number", line: number) }
    }
    let expected = header.dimensions ?? parts.count
    if parts.count != expected || parts.isEmpty {
      throw DataFileError(.malformed, "\(parts.count) dimensions instead of \(expected)", line: number)
    }
    header.dimensions = expected
    var columns: [[Double]] = []
    for part in parts { columns.append(try SeriesCase.numbers(part, header, number)) }
    let steps = header.length ?? columns[0].count
    if let other = columns.first(where: { $0.count != steps }) {
      throw DataFileError(.malformed, "a dimension of \(other.count) steps instead of \(steps)", line: number)
    }
    let numbers = (0..<steps).flatMap { step in columns.map { $0[step] } }
    array = NDArray(numbers, shape: [steps, columns.count])
    (self.label, self.target) = (label, target)
  }

  private static func numbers(_ part: Substring, _ header: SeriesHeader, _ line: Int) throws(DataFileError) -> [Double] {
    var numbers: [Double] = []
    for field in TextFile.parts(part, UInt8(ascii: ",")) {
      let text = TextFile.trimmed(field)
      if text.hasBytes(of: "?") || text.lowercased().hasBytes(of: "nan") {
        if header.hasMissing == false {
          throw DataFileError(.malformed, "a number is missing, although @missing is false", line: line)
        }
        numbers.append(.nan)
      } else if let number = TextFile.number(text) {
        numbers.append(number)
      } else {
        throw DataFileError(.malformed, "\(quoted(text)) is not a number", line: line)
      }
    }
    return numbers
  }
}
