internal import UnrollArrays

/// A table for display: columns are as wide as necessary, and numbers and other cells that begin with a digit are
/// right-aligned.
///
///     var table = TextTable("network", "error", "steps")
///     table.add("LSTM", 0.0123456, 500)
///     table.add("tanh", 0.25, 2000)
///     print(table)
///     // network    error  steps
///     // LSTM     0.01235    500
///     // tanh      0.2500   2000
public struct TextTable: Sendable, Equatable {
  /// The names of the columns.
  public let columns: [String]
  /// The cells of each row, as texts.
  public private(set) var rows: [[String]] = []
  /// Whether all cells of a column are numeric, or placeholders for missing numbers.
  private var isNumeric: [Bool]

  /// An empty table with the given columns.
  public init(_ columns: String...) {
    require(!columns.isEmpty, "TextTable: there are no columns")
    self.columns = columns
    isNumeric = Array(repeating: true, count: columns.count)
  }

  /// Adds a row with one cell for each column: a text, an integer, or a `Double`, which is shown with four significant digits.
  ///
  ///     var table = TextTable("steps", "right")
  ///     table.add(20, percentText(0.985))
  public mutating func add(_ cells: any CustomStringConvertible...) {
    require(cells.count == columns.count, "TextTable: \(cells.count) cells do not fill \(columns.count) columns")
    rows.append(cells.map(TextTable.text))
    for (i, cell) in rows[rows.count - 1].enumerated() {
      isNumeric[i] = isNumeric[i] && cell.first.map { $0.isNumber || $0 == "-" || $0 == "–" } ?? true
    }
  }

  private static func text(_ cell: any CustomStringConvertible) -> String {
    switch cell {
    case let number as Double: numberText(number)
    case let number as Float: numberText(Double(number))
    default: cell.description
    }
  }
}

extension TextTable: CustomStringConvertible {
  /// The header and the rows, one line each.
  public var description: String {
    let lines = [columns] + rows
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      columns.indices.map { column in
        let filling = String(repeating: " ", count: widths[column] - line[column].count)
        if isNumeric[column] { return filling + line[column] }
        return line[column] + (column == columns.count - 1 ? "" : filling)
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
