public import UnrollArrays
public import UnrollAutograd

/// A table from a file of comma-separated values.
///
/// Fields may stand in quotes, where separators and line ends are text and a doubled quote is one; empty lines are left out; every
/// row has as many fields as the first.
///
///     let table = try CSVTable(text: "time,load\n0,1.5\n1,\n2,2.5")
///     let load = try table.tensor(["load"])  // [3, 1]: 1.5, NaN, 2.5
public struct CSVTable: Sendable, Equatable {
  /// The names of the columns, if the file has them.
  public let header: [String]?
  /// The fields of every row.
  public let rows: [[String]]
  /// The line of the file on which each row begins, counted from 1.
  public let lines: [Int]
  private let file: String?

  /// Reads a file.
  public init(
    contentsOf path: String, separator: Character = ",", hasHeader: Bool = true
  ) throws(DataFileError) {
    try self.init(try TextFile.read(path), separator, hasHeader, path)
  }

  /// Reads a text.
  public init(text: String, separator: Character = ",", hasHeader: Bool = true) throws(DataFileError) {
    try self.init(text, separator, hasHeader, nil)
  }

  private init(
    _ text: String, _ separator: Character, _ hasHeader: Bool, _ file: String?
  ) throws(DataFileError) {
    require(
      separator != "\"" && !separator.isNewline, "CSVTable: \(quoted(String(separator))) cannot separate the fields of a row")
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
    } catch {
      throw error.located(file)
    }
    header = hasHeader ? rows.removeFirst() : nil
    if hasHeader { lines.removeFirst() }
    self.rows = rows
    self.lines = lines
    self.file = file
  }

  /// How many columns there are.
  public var columnCount: Int { header?.count ?? rows.first?.count ?? 0 }

  /// The fields of a column by its name.
  public func column(_ name: String) throws(DataFileError) -> [String] {
    let position = try position(name)
    return rows.map { $0[position] }
  }

  /// The numbers of a column by its name: NaN where a field is empty, `?`, `NA` or NaN.
  public func numbers(_ name: String) throws(DataFileError) -> [Double] { try numbers(position(name)) }

  /// The numbers of a column by its position, counted from 0.
  public func numbers(_ column: Int) throws(DataFileError) -> [Double] {
    require(
      column >= 0 && column < columnCount, "CSVTable: the column \(column) is not one of \(columnCount)")
    var numbers: [Double] = []
    for (row, line) in zip(rows, lines) {
      let field = TextFile.trimmed(row[column])
      if ["", "?", "NA", "NaN", "nan"].contains(field) {
        numbers.append(.nan)
      } else if let number = TextFile.number(field) {
        numbers.append(number)
      } else {
        let name = header.map { quoted($0[column]) } ?? "\(column)"
        throw DataFileError(.malformed, "\(quoted(field)) in column \(name) is no number", line: line, file: file)
      }
    }
    return numbers
  }

  /// Columns by their names as a tensor, `[rows, columns]`; NaN where a number is missing.
  public func tensor(_ names: [String], _ type: ElementType = .float32) throws(DataFileError) -> Tensor {
    var columns: [[Double]] = []
    for name in names { columns.append(try numbers(name)) }
    let numbers = rows.indices.flatMap { row in columns.map { $0[row] } }
    return Tensor(NDArray(numbers, shape: [rows.count, names.count]).cast(to: type))
  }

  private func position(_ name: String) throws(DataFileError) -> Int {
    guard let header else { throw DataFileError(.missing, "the table has no header, so no column \(quoted(name))", file: file) }
    guard let position = header.firstIndex(of: name) else {
      throw DataFileError(
        .missing, "no column \(quoted(name)) among \(header.map { quoted($0) }.joined(separator: ", "))", file: file)
    }
    return position
  }
}

/// Walks through a text's rows.
private struct CSVReader {
  private let characters: [Character]
  private let separator: Character
  private var position = 0
  private var line = 1

  init(_ text: String, _ separator: Character) {
    characters = Array(text)
    self.separator = separator
  }

  /// The next row that is not empty, and the line it begins on.
  mutating func row() throws(DataFileError) -> (fields: [String], line: Int)? {
    while position < characters.count && characters[position].isNewline { step() }
    if position == characters.count { return nil }
    let start = line
    var fields = [try field()]
    while position < characters.count && characters[position] == separator {
      step()
      fields.append(try field())
    }
    return (fields, start)
  }

  private mutating func step() {
    if characters[position].isNewline { line += 1 }
    position += 1
  }

  private mutating func field() throws(DataFileError) -> String {
    if position < characters.count && characters[position] == "\"" { return try quotedField() }
    var field = ""
    while position < characters.count && characters[position] != separator && !characters[position].isNewline {
      if characters[position] == "\"" {
        throw DataFileError(.malformed, "a quote within a field that has none at its beginning", line: line)
      }
      field.append(characters[position])
      step()
    }
    return field
  }

  private mutating func quotedField() throws(DataFileError) -> String {
    let start = line
    var field = ""
    step()
    while position < characters.count {
      let character = characters[position]
      step()
      if character != "\"" {
        field.append(character)
      } else if position < characters.count && characters[position] == "\"" {
        field.append("\"")
        step()
      } else if position == characters.count || characters[position] == separator || characters[position].isNewline {
        return field
      } else {
        throw DataFileError(
          .malformed, "\(quoted(String(characters[position]))) behind the quote that ends a field", line: line)
      }
    }
    throw DataFileError(.malformed, "the quote that begins a field is never closed", line: start)
  }
}
