public import UnrollArrays
public import UnrollFiles

/// A file to which a training adds a line of numbers after each step, or now and then: CSV or JSON lines.
///
/// A training that goes on opens the log with the step that it goes on from: lines of later steps, and one that was not finished when
/// the training was stopped, are taken away, so that no step is there twice. A file that is anything but a log of these columns is
/// left as it is.
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
    let old = try fileBytes(path)
    let kept = try LogText(columns: columns, format: format, path: path).kept(of: old ?? [], upTo: step)
    // A log that is as it should be is not written again.
    if old != kept { try replaceFile(path, bytes: kept) }
  }

  /// Adds a line, in one call to the operating system: all of it, or, where that fails, nothing. Numbers that are not given are left
  /// out.
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
}
