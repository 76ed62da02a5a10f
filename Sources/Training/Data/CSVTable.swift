public import UnrollArrays
public import UnrollAutograd
internal import UnrollFiles

/// A table from a file of comma-separated values.
///
/// Rows end with a line feed, a carriage return, or both; empty lines are skipped. In a quoted field, separators and line ends
/// are text, and a doubled quote is one quote. Every row must have as many fields as the first, and no two columns may have the
/// same non-empty name, compared byte by byte.
///
///     let table = try CSVTable(text: "time,load\n0,1.5\n1,\n2,2.5")
///     let load = try table.tensor(["load"])  // [3, 1]: 1.5, NaN, 2.5
public struct CSVTable: Sendable, Equatable {
  /// The names of the columns; nil if the file has no header.
  public let header: [String]?
  /// The fields of every row.
  public let rows: [[String]]
  /// The line on which each row begins, counted from 1.
  public let lines: [Int]
  private let file: String?

  /// Reads a file.
  public init(
    contentsOf path: String, separator: Character = ",", hasHeader: Bool = true
  ) throws(DataFileError) {
    try self.init(try TextFile.read(path), separator, hasHeader, path)
  }

  /// Parses a text.
  public init(text: String, separator: Character = ",", hasHeader: Bool = true) throws(DataFileError) {
    try self.init(text, separator, hasHeader, nil)
  }

  private init(
    _ text: String, _ separator: Character, _ hasHeader: Bool, _ file: String?
  ) throws(DataFileError) {
    require(
      separator != "\"" && !separator.utf8.contains { CSVReader.isLineEnd($0) },
      "CSVTable: \(quoted(String(separator))) cannot separate the fields of a row")
    var reader = CSVReader(text, separator)
    var rows: [[String]] = []
    var lines: [Int] = []
    do throws(DataFileError) {
      while let row = try reader.row() {
        rows.append(row.fields)
        lines.append(row.line)
        if row.fields.count != rows[0].count {
          throw DataFileError(
            .malformed, "\(row.fields.count) fields, where the first row has \(rows[0].count)", line: row.line)
        }
      }
      if rows.isEmpty { throw DataFileError(.empty, "the table has no rows") }
      if hasHeader { try CSVTable.requireDistinct(rows[0], lines[0]) }
    } catch {
      throw error.located(file)
    }
    header = hasHeader ? rows.removeFirst() : nil
    if hasHeader { lines.removeFirst() }
    self.rows = rows
    self.lines = lines
    self.file = file
  }

  /// The number of columns.
  public var columnCount: Int { header?.count ?? rows.first?.count ?? 0 }

  /// The fields of the column with the given name.
  public func column(_ name: String) throws(DataFileError) -> [String] {
    let position = try position(name)
    return rows.map { $0[position] }
  }

  /// The numbers of the column with the given name; NaN where a field is empty, `?`, `NA` or NaN.
  public func numbers(_ name: String) throws(DataFileError) -> [Double] { try numbers(position(name)) }

  /// The numbers of the column at the given position, counted from 0.
  public func numbers(_ column: Int) throws(DataFileError) -> [Double] {
    require(
      column >= 0 && column < columnCount, "CSVTable: the column \(column) is not one of \(columnCount)")
    var numbers: [Double] = []
    for (row, line) in zip(rows, lines) {
      let field = TextFile.trimmed(row[column])
      if ["", "?", "NA", "NaN", "nan"].contains(where: field.hasBytes) {
        numbers.append(.nan)
      } else if let number = TextFile.number(field) {
        numbers.append(number)
      } else {
        let name = header.map { quoted($0[column]) } ?? "\(column)"
        throw DataFileError(.malformed, "\(quoted(field)) in column \(name) is not a number", line: line, file: file)
      }
    }
    return numbers
  }

  /// The columns with the given names as a tensor, `[rows, columns]`; NaN where a number is missing.
  public func tensor(_ names: [String], _ type: ElementType = .float32) throws(DataFileError) -> Tensor {
    var columns: [[Double]] = []
    for name in names { columns.append(try numbers(name)) }
    let numbers = rows.indices.flatMap { row in columns.map { $0[row] } }
    return Tensor(NDArray(numbers, shape: [rows.count, names.count]).cast(to: type))
  }

  private func position(_ name: String) throws(DataFileError) -> Int {
    guard let header else { throw DataFileError(.missing, "the table has no header, so no column \(quoted(name))", file: file) }
    guard let position = header.firstIndex(where: name.hasBytes) else {
      throw DataFileError(
        .missing, "there is no column \(quoted(name)) among \(header.map { quoted($0) }.joined(separator: ", "))", file: file)
    }
    return position
  }

  private static func requireDistinct(_ header: [String], _ line: Int) throws(DataFileError) {
    var names: Set<ByteKey> = []
    for name in header where !name.utf8.isEmpty && !names.insert(ByteKey(name)).inserted {
      throw DataFileError(.malformed, "two columns have the name \(quoted(name))", line: line)
    }
  }
}

/// Reads the rows of a table byte by byte. A `Character` could combine a separator with a mark that follows it.
struct CSVReader {
  private let bytes: [UInt8]
  private let separator: [UInt8]
  private var position = 0
  private var line = 1

  init(_ text: String, _ separator: Character) {
    bytes = Array(text.utf8)
    self.separator = Array(separator.utf8)
  }

  static func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

  private static let quote = UInt8(ascii: "\"")

  /// The next row that is not empty, and the line on which it begins.
  mutating func row() throws(DataFileError) -> (fields: [String], line: Int)? {
    while position < bytes.count && Self.isLineEnd(bytes[position]) { step() }
    if position == bytes.count { return nil }
    let start = line
    var fields = [try field()]
    while isSeparator {
      position += separator.count
      fields.append(try field())
    }
    return (fields, start)
  }

  private var isSeparator: Bool {
    position + separator.count <= bytes.count && bytes[position] == separator[0] && bytes[position...].starts(with: separator)
  }

  private var isAtEnd: Bool { position == bytes.count || Self.isLineEnd(bytes[position]) }

  /// Advances past a byte, or past a carriage return and line feed, which are one line end.
  private mutating func step() {
    let byte = bytes[position]
    position += 1
    if !Self.isLineEnd(byte) { return }
    line += 1
    if byte == UInt8(ascii: "\r") && position < bytes.count && bytes[position] == UInt8(ascii: "\n") { position += 1 }
  }

  private mutating func field() throws(DataFileError) -> String {
    if position < bytes.count && bytes[position] == Self.quote { return try quotedField() }
    let start = position
    while !isAtEnd && !isSeparator {
      if bytes[position] == Self.quote {
        throw DataFileError(.malformed, "a quote inside a field that does not begin with one", line: line)
      }
      position += 1
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func quotedField() throws(DataFileError) -> String {
    let start = line
    var field: [UInt8] = []
    position += 1
    while position < bytes.count {
      let place = position
      step()
      if bytes[place] != Self.quote {
        field += bytes[place..<position]
      } else if position < bytes.count && bytes[position] == Self.quote {
        field.append(Self.quote)
        position += 1
      } else if isAtEnd || isSeparator {
        return String(decoding: field, as: UTF8.self)
      } else {
        let next = String(decoding: bytes[position...].prefix(32), as: UTF8.self).prefix(1)
        throw DataFileError(.malformed, "\(quoted(next)) after the closing quote of a field", line: line)
      }
    }
    throw DataFileError(.malformed, "the opening quote of a field is never closed", line: start)
  }
}
