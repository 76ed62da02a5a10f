internal import UnrollArrays
internal import UnrollFiles

/// The text of a log file, CSV or JSON lines. It rejects a file that is not a log, so that nothing in it is overwritten.
struct LogText {
  let columns: [String]
  let format: TrainingLog.Format
  let path: String

  private var header: [UInt8] { format == .csv ? Array((["step"] + columns).joined(separator: ",").utf8) : [] }
  private static let lineFeed = UInt8(ascii: "\n")
  /// The beginning of a line of JSON.
  private static let opening = Array("{\"step\":".utf8)

  /// The part of a file to keep: the header, and complete lines up to the given step.
  func kept(of bytes: [UInt8], upTo step: Int) throws(ArrayFileError) -> [UInt8] {
    var kept = format == .csv ? header + [Self.lineFeed] : []
    var lines = bytes.split(separator: Self.lineFeed, omittingEmptySubsequences: false)[...]
    // The text after the last line feed is empty or an incomplete line.
    let rest = lines.removeLast()
    var number = 1
    if format == .csv {
      let first = lines.popFirst()
      if let first, !first.elementsEqual(header) { throw notALog(1, "its header is", first) }
      if first == nil {
        if !header.starts(with: rest) { throw notALog(1, "its header is", rest) }
        return kept
      }
      number += 1
    }
    for line in lines {
      guard let found = stepNumber(of: line) else {
        throw notALog(number, "it is not a step with numbers of these columns:", line)
      }
      if found <= step { kept += line + [Self.lineFeed] }
      number += 1
    }
    if !isBeginning(rest) { throw notALog(number, "it is not the beginning of an incomplete line:", rest) }
    return kept
  }

  /// The step of a complete line; nil if the line is not one of this log.
  private func stepNumber(of line: ArraySlice<UInt8>) -> Int? {
    if format == .csv {
      let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
      let areNumbers = fields.dropFirst().allSatisfy { $0.utf8.isEmpty || Double($0) != nil }
      return fields.count == columns.count + 1 && areNumbers ? Int(fields[0]) : nil
    }
    guard let members = (try? JSON(Array(line)))?.members, members.first?.name == "step" else { return nil }
    let areColumns = members.dropFirst().allSatisfy { member in
      columns.contains(member.name) && (member.value == .null || member.value.double != nil)
    }
    return areColumns ? members[0].value.integer.map { Int($0) } : nil
  }

  /// Whether the bytes can be the beginning of a line of this log, so that they can be discarded.
  private func isBeginning(_ rest: ArraySlice<UInt8>) -> Bool {
    if format == .csv {
      // Numbers, nan and inf, separated by commas.
      let isPlain = rest.allSatisfy { "0123456789+-.,einfa".utf8.contains($0) }
      return isPlain && rest.count { $0 == UInt8(ascii: ",") } <= columns.count && rest.first != UInt8(ascii: ",")
    }
    if rest.count <= Self.opening.count { return Self.opening.starts(with: rest) }
    return rest.starts(with: Self.opening) && rest.dropFirst(Self.opening.count).allSatisfy { $0 >= 0x20 && $0 != 0x7F }
  }

  private func notALog(_ line: Int, _ reason: String, _ content: ArraySlice<UInt8>) -> ArrayFileError {
    let start = quoted(String(decoding: content.prefix(120), as: UTF8.self))
    let wanted = format == .csv && line == 1 ? ", not \(quoted(String(decoding: header, as: UTF8.self)))" : ""
    return ArrayFileError(malformed: "line \(line) does not belong to this log; \(reason) \(start)\(wanted)", file: path)
  }
}
