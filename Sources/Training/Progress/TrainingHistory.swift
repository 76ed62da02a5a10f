internal import UnrollArrays
public import UnrollFiles
public import UnrollNetworks

/// The numbers of a training, step by step, in named columns: a value that can be written as CSV, kept in a checkpoint, and drawn.
///
/// Its text is that of a `TrainingLog` in CSV, which it also reads: a log is the file of a training in progress, and this the
/// numbers themselves.
///
///     var history = TrainingHistory(columns: ["training", "validation"])
///     history.append(step: 1, ["training": 2.5, "validation": 2.75])
///     history.append(step: 2, ["training": 1.5])
///     print(history.values("training"))  // [2.5, 1.5]
///     try history.write(to: "history.csv")
///     try history.plot().write(to: "history.svg")
public struct TrainingHistory: Sendable, Equatable {
  /// The names of the columns, in order.
  public let columns: [String]
  /// The steps of all rows, ascending.
  public private(set) var allSteps: [Int] = []
  /// The numbers of each row; nil where one is missing.
  private var rows: [[Double?]] = []

  /// A history without rows.
  public init(columns: [String]) {
    TrainingLog.check(columns, "TrainingHistory")
    self.columns = columns
  }

  /// Adds a row; numbers that are not given are missing.
  public mutating func append(step: Int, _ values: [String: Double]) {
    let last = allSteps.last ?? .min
    require(step > last, "TrainingHistory: step \(step) does not come after step \(last)")
    for name in values.keys.sorted() { _ = position(name) }
    allSteps.append(step)
    rows.append(columns.map { values[$0] })
  }

  /// The numbers of a column, without the missing ones.
  public func values(_ column: String) -> [Double] {
    let position = position(column)
    return rows.compactMap { $0[position] }
  }

  /// The steps at which a column has a number.
  public func steps(_ column: String) -> [Int] {
    let position = position(column)
    return zip(allSteps, rows).compactMap { $1[position] == nil ? nil : $0 }
  }

  private func position(_ column: String) -> Int {
    guard let position = columns.firstIndex(of: column) else {
      let advice = nearestName(column, among: columns).map { "; there is \"\($0)\"" } ?? ""
      stop("TrainingHistory: there is no column \"\(column)\"" + advice)
    }
    return position
  }
}

extension TrainingHistory: LosslessStringConvertible, Restorable {
  /// The history as CSV, with a header: the text of a `TrainingLog`.
  public var description: String {
    (["step"] + columns).joined(separator: ",") + "\n" + zip(allSteps, rows).map(TrainingLog.csvLine).joined()
  }

  /// The history with the given text; nil if the text is not that of one.
  public init?(_ description: String) {
    do { self = try TrainingHistory(parsing: description) } catch { return nil }
  }

  /// Reads a file that a history or a `TrainingLog` in CSV has written. An incomplete last line, of a training that was
  /// interrupted, is not read.
  ///
  ///     let history = try TrainingHistory(contentsOf: "run.csv")
  public init(contentsOf path: String) throws(DataFileError) {
    let text = try TextFile.read(path)
    do { try self.init(parsing: text) } catch { throw error.located(path) }
  }

  /// Writes the history to a CSV file, atomically.
  ///
  ///     try TrainingHistory(columns: ["loss"]).write(to: "history.csv")
  public func write(to path: String) throws(ArrayFileError) { try replaceFile(path, text: description) }

  private init(parsing text: String) throws(DataFileError) {
    // What follows the last line feed is incomplete.
    let lines = TextFile.lines(text).dropLast()
    guard let header = lines.first else { throw DataFileError(.empty, "there is no header that ends its line") }
    let names = TextFile.parts(header, UInt8(ascii: ",")).map(String.init)
    guard names.first == "step", TrainingLog.fault(of: Array(names.dropFirst())) == nil else {
      throw DataFileError(.malformed, "the header \(quoted(header)) is not that of a history", line: 1)
    }
    self.init(columns: Array(names.dropFirst()))
    for (number, line) in zip(2..., lines.dropFirst()) {
      let fields = TextFile.parts(line, UInt8(ascii: ","))
      guard fields.count == names.count, let step = Int(fields[0]), step > allSteps.last ?? .min else {
        let reason = "\(quoted(line)) is not a later step with \(columns.count) numbers"
        throw DataFileError(.malformed, reason, line: number)
      }
      var row: [Double?] = []
      for field in fields.dropFirst() {
        if !field.isEmpty && Double(field) == nil {
          throw DataFileError(.malformed, "\(quoted(field)) is not a number", line: number)
        }
        row.append(Double(field))
      }
      allSteps.append(step)
      rows.append(row)
    }
  }
}
