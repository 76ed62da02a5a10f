internal import UnrollArrays
public import UnrollFiles

/// A file to which a training appends lines of numbers, step by step: CSV or JSON lines.
///
/// A resumed training opens the log with the step from which it resumes. Lines of later steps, and an incomplete last line, are
/// removed, so that no step appears twice. A file that is not a log with these columns is not changed.
///
///     var log = try TrainingLog("run.csv", columns: ["loss", "rate"], after: 0)
///     try log.append(step: 1, ["loss": 0.5, "rate": 0.1])
public struct TrainingLog: Sendable {
  /// The format of a line.
  public enum Format: Sendable {
    /// A header, and numbers separated by commas.
    case csv
    /// A JSON object of numbers; those that are not finite are null.
    case jsonLines
  }

  /// The path of the file.
  let path: String
  /// The names of the numbers, in order; the step comes before them.
  let columns: [String]
  /// The format of a line.
  let format: Format
  /// The step of the latest line.
  public private(set) var step: Int

  /// Opens or creates a log whose next line has a later step than `step`. Throws if the file is not a log with these columns.
  public init(_ path: String, columns: [String], as format: Format = .csv, after step: Int) throws(ArrayFileError) {
    for column in columns {
      let isPlain = !column.isEmpty && !column.contains { ",\"\\\n\r".contains($0) }
      require(isPlain && column != "step", "TrainingLog: a column cannot have the name \"\(column)\"")
    }
    require(Set(columns).count == columns.count, "TrainingLog: two of the columns \(columns) have the same name")
    (self.path, self.columns, self.format, self.step) = (path, columns, format, step)
    let old = try fileBytes(path)
    let kept = try LogText(columns: columns, format: format, path: path).kept(of: old ?? [], upTo: step)
    // An unchanged log is not rewritten.
    if old != kept { try replaceFile(path, bytes: kept) }
  }

  /// Appends a line in a single system call, so that either the whole line is written or nothing. Missing numbers are left out.
  public mutating func append(step: Int, _ values: [String: Double]) throws(ArrayFileError) {
    require(step > self.step, "TrainingLog: step \(step) does not come after step \(self.step)")
    for name in values.keys.sorted() { require(columns.contains(name), "TrainingLog: there is no column \"\(name)\"") }
    try appendToFile(path, text: TrainingLog.line(step, values, columns, format))
    self.step = step
  }

  /// The line of a step, with its line feed.
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
