internal import UnrollArrays
public import UnrollFiles

/// A file to which a training appends lines of numbers, step by step: CSV, JSON lines, or the events of TensorBoard.
///
/// A resumed training opens the log with the step from which it resumes. Lines of later steps, and an incomplete last line, are
/// removed, so that no step appears twice. A file that is not a log with these columns is not changed.
///
///     var log = try TrainingLog("run.csv", columns: ["loss", "rate"], after: 0)
///     try log.append(step: 1, ["loss": 0.5, "rate": 0.1])
///     var events = try TrainingLog("events.out.tfevents.run", columns: ["loss"], as: .tensorBoard, after: 0)
///     try events.append(step: 1, ["loss": 0.5])
public struct TrainingLog: Sendable {
  /// The format of a line.
  public enum Format: Sendable {
    /// A header, and numbers separated by commas.
    case csv
    /// A JSON object of numbers; those that are not finite are null.
    case jsonLines
    /// A file of events, which `tensorboard --logdir` shows as curves: each line is one event with its time, and numbers are
    /// rounded to float32. TensorBoard reads only files whose names contain `tfevents`.
    case tensorBoard
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
    TrainingLog.check(columns, "TrainingLog")
    require(
      format != .tensorBoard || path.split(separator: "/").last?.contains("tfevents") == true,
      "TrainingLog: TensorBoard reads files whose names contain tfevents, and \(path) does not")
    (self.path, self.columns, self.format, self.step) = (path, columns, format, step)
    let old = try fileBytes(path)
    let kept =
      format == .tensorBoard
      ? try EventFile(columns: columns, path: path).kept(of: old ?? [], upTo: step, now: secondsSince1970())
      : try LogText(columns: columns, format: format, path: path).kept(of: old ?? [], upTo: step)
    // An unchanged log is not rewritten.
    if old != kept { try replaceFile(path, bytes: kept) }
  }

  /// Appends a line in a single system call, so that either the whole line is written or nothing. Missing numbers are left out.
  public mutating func append(step: Int, _ values: [String: Double]) throws(ArrayFileError) {
    require(step > self.step, "TrainingLog: step \(step) does not come after step \(self.step)")
    for name in values.keys.sorted() { require(columns.contains(name), "TrainingLog: there is no column \"\(name)\"") }
    if format == .tensorBoard {
      try appendToFile(path, bytes: EventFile.event(step, values, columns, at: secondsSince1970()))
    } else {
      try appendToFile(path, text: TrainingLog.line(step, values, columns, format))
    }
    self.step = step
  }

  /// Stops if columns cannot have these names.
  static func check(_ columns: [String], _ operation: String) {
    if let fault = fault(of: columns) { stop("\(operation): \(fault)") }
  }

  /// Why columns cannot have these names; nil if they can.
  static func fault(of columns: [String]) -> String? {
    for column in columns {
      let isPlain = !column.isEmpty && !column.contains { ",\"\\\n\r".contains($0) }
      if !isPlain || column == "step" { return "a column cannot have the name \"\(column)\"" }
    }
    return Set(columns).count == columns.count ? nil : "two of the columns \(columns) have the same name"
  }

  /// The line of a step in a log that is a text, with its line feed.
  static func line(_ step: Int, _ values: [String: Double], _ columns: [String], _ format: Format) -> String {
    if format == .csv { return csvLine(step, columns.map { values[$0] }) }
    let members = columns.compactMap { name in
      values[name].map { ",\"\(name)\":" + ($0.isFinite ? "\($0)" : "null") }
    }
    return "{\"step\":\(step)" + members.joined() + "}\n"
  }

  /// A line of CSV, with its line feed.
  static func csvLine(_ step: Int, _ values: [Double?]) -> String {
    "\(step)" + values.map { "," + ($0.map { "\($0)" } ?? "") }.joined() + "\n"
  }
}
