public import UnrollArrays

/// A file to which a training adds a line of numbers after each step, or now and then: CSV or JSON lines.
///
/// A training that goes on opens the log with the step that it goes on from: lines of later steps, and one that was not finished when
/// the training was stopped, are taken away, so that no step is there twice.
///
///     var log = try TrainingLog("run.csv", columns: ["loss", "rate"], after: 0)
///     try log.append(step: 1, ["loss": 0.5, "rate": 0.1])
public struct TrainingLog: Sendable {
  /// How a line is written.
  public enum Format: Sendable {
    /// A header and numbers with commas between them.
    case csv
    /// An object of numbers, those that are not finite as null.
    case jsonLines
  }

  /// The path of the file.
  public let path: String
  /// The names of the numbers, in their order; before them comes the step.
  public let columns: [String]
  /// How a line is written.
  public let format: Format
  /// The step of the latest line.
  public private(set) var step: Int

  /// Opens or makes a log whose next line is of a later step than this. Throws where the file is no log of these columns.
  public init(_ path: String, columns: [String], as format: Format = .csv, after step: Int) throws(ArrayFileError) {
    for column in columns {
      let isPlain = !column.isEmpty && !column.contains { ",\"\\\n\r".contains($0) }
      require(isPlain && column != "step", "TrainingLog: a column cannot be called \"\(column)\"")
    }
    require(Set(columns).count == columns.count, "TrainingLog: two of the columns \(columns) have the same name")
    (self.path, self.columns, self.format, self.step) = (path, columns, format, step)
    let old = try fileText(path)
    let kept = try keptText(old ?? "")
    // A log that is as it should be is not written again.
    if old != kept { try replaceFile(path, text: kept) }
  }

  /// Adds a line, in one call to the operating system. Numbers that are not given are left out.
  public mutating func append(step: Int, _ values: [String: Double]) throws(ArrayFileError) {
    require(step > self.step, "TrainingLog: step \(step) does not come after step \(self.step)")
    for name in values.keys.sorted() { require(columns.contains(name), "TrainingLog: there is no column \"\(name)\"") }
    try appendToFile(path, text: TrainingLog.line(step, values, columns, format))
    self.step = step
  }

  /// The line of a step, with its end.
  static func line(_ step: Int, _ values: [String: Double], _ columns: [String], _ format: Format) -> String {
    switch format {
    case .csv: return "\(step)" + columns.map { "," + (values[$0].map { "\($0)" } ?? "") }.joined() + "\n"
    case .jsonLines:
      let members = columns.compactMap { name in
        values[name].map { ",\"\(name)\":" + ($0.isFinite ? "\($0)" : "null") }
      }
      return "{\"step\":\(step)" + members.joined() + "}\n"
    }
  }

  /// What of a file's text is kept: the header, and whole lines up to the step.
  private func keptText(_ text: String) throws(ArrayFileError) -> String {
    let header = format == .csv ? (["step"] + columns).joined(separator: ",") + "\n" : ""
    // In bytes: a carriage return and a line feed are one character.
    var lines = Array(text.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    // After the last line feed comes nothing, or a line that was not finished.
    lines.removeLast()
    if format == .csv, let first = lines.first {
      if first + "\n" != header {
        throw .notALog(path, 1, "its header is \"\(first.prefix(80))\", not \"\(header.dropLast())\"")
      }
      lines.removeFirst()
    }
    var kept = header
    for (i, line) in lines.enumerated() {
      guard let number = stepNumber(of: line) else {
        throw .notALog(path, i + (format == .csv ? 2 : 1), "it does not begin with a step: \"\(line.prefix(80))\"")
      }
      if number <= step { kept += line + "\n" }
    }
    return kept
  }

  private func stepNumber(of line: String) -> Int? {
    let start = format == .csv ? "" : "{\"step\":"
    guard line.hasPrefix(start) else { return nil }
    return Int(line.dropFirst(start.count).prefix { $0 != "," && $0 != "}" })
  }
}

extension ArrayFileError {
  fileprivate static func notALog(_ path: String, _ line: Int, _ reason: String) -> ArrayFileError {
    ArrayFileError(malformed: "line \(line) is no line of such a log; \(reason)", file: path)
  }
}
