internal import UnrollArrays

/// A number with the given number of significant digits, in a readable form: 0.03125, 12.35, 1.2e-07.
///
///     print("loss \(numberText(0.123456789))")  // loss 0.1235
public func numberText(_ value: Double, digits: Int = 4) -> String {
  if !value.isFinite { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
  if value == 0 { return "0" }
  // The order comes from the shortest decimal text of the value, because a logarithm could be off by one.
  let order = decimalOrder(value.magnitude)
  if order < -4 || order >= 7 {
    // A power of ten for a subnormal value may itself underflow.
    let scaled = order < -300 ? value * 1e300 / power(order + 300) : value / power(order)
    let mantissa = fixedText(scaled, decimals: digits - 1)
    if mantissa.hasPrefix("10") || mantissa.hasPrefix("-10") { return numberText((scaled < 0 ? -1 : 1) * power(order + 1)) }
    return mantissa + (order < 0 ? "e-" : "e+") + (abs(order) < 10 ? "0" : "") + "\(abs(order))"
  }
  return fixedText(value, decimals: max(0, digits - 1 - order))
}

/// A fraction as a percentage with one decimal: 98.5 %.
///
///     print("\(percentText(0.985)) are right")  // 98.5 % are right
public func percentText(_ part: Double) -> String {
  part.isFinite ? fixedText(part * 100, decimals: 1) + " %" : numberText(part)
}

/// A number of magnitude below 10¹⁵ with the given number of decimals.
package func fixedText(_ value: Double, decimals: Int) -> String {
  let scaled = (value.magnitude * power(decimals)).rounded()
  if scaled >= 9e18 { return "\(value)" }
  var text = "\(UInt64(scaled))"
  if decimals > 0 {
    text = String(repeating: "0", count: max(0, decimals + 1 - text.utf8.count)) + text
    text.insert(".", at: text.index(text.endIndex, offsetBy: -decimals))
  }
  return (value < 0 && scaled > 0 ? "-" : "") + text
}

/// The exponent of a positive number in scientific notation.
private func decimalOrder(_ value: Double) -> Int {
  var order = 0
  var bound = 1.0
  if value >= 1 {
    while order < 308, value >= power(order + 1) { order += 1 }
  } else {
    while order > -324, value < bound {
      order -= 1
      bound = power(order)
    }
  }
  return order
}

private func power(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 0 }

/// A duration in a readable form: 8 s, 2:05, 1:00:09, 3 d 4 h.
func durationText(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e12 else { return "?" }
  let whole = Int(max(0, seconds).rounded())
  func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return "\(whole / 60):\(two(whole % 60))" }
  if whole < 86_400 { return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))" }
  return "\(whole / 86_400) d \(whole / 3600 % 24) h"
}

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
  /// Whether all cells of a column are numeric, or say that a number is missing.
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

/// The name nearest to a mistyped one, by edit distance; nil if more than a third of its letters (at least two) would have to
/// change.
package func nearestName(_ text: String, among names: [String]) -> String? {
  let ranked = names.map { (name: $0, distance: $0.hasPrefix(text) && !text.isEmpty ? 0 : editDistance(text, $0)) }
  guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
  return best.distance <= max(2, best.name.count / 3) ? best.name : nil
}

/// The number of insertions, deletions, substitutions and swaps of neighbouring letters that turn one text into the other.
package func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a.lowercased()), Array(b.lowercased()))
  var before: [Int] = []
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
      row.append(cost)
    }
    (before, last) = (last, row)
  }
  return last[b.count]
}
