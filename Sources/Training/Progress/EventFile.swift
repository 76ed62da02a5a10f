internal import UnrollArrays
internal import UnrollFiles

/// The bytes of TensorBoard's event files, which are records of the TFRecord format: the length of a message, the checksum of the
/// length, the message, and its checksum. A message is an `Event` in protocol buffers; only the fields of scalars are written.
///
/// It rejects a file that is not a log of these columns, so that nothing in it is overwritten.
struct EventFile {
  let columns: [String]
  let path: String

  /// The record of a step with the numbers that are given, in the order of the columns.
  static func event(_ step: Int, _ values: [String: Double], _ columns: [String], at time: Double) -> [UInt8] {
    let scalars = columns.flatMap { column -> [UInt8] in
      guard let value = values[column] else { return [] }
      let number = [simpleValueKey] + littleEndian(Float(value).bitPattern)
      return [valueKey] + sized([tagKey] + sized(Array(column.utf8)) + number)
    }
    // Fields that are zero are left out.
    let stepField = step == 0 ? [] : [stepKey] + varint(UInt64(bitPattern: Int64(step)))
    return record([timeKey] + littleEndian(time.bitPattern) + stepField + [summaryKey] + sized(scalars))
  }

  /// The record with which every file begins.
  static func beginning(at time: Double) -> [UInt8] {
    record([timeKey] + littleEndian(time.bitPattern) + [versionKey] + sized(Array((version + "2").utf8)))
  }

  private static let version = "brain.Event:"

  // A key is the number of a field, times 8, and the way in which it is written.
  private static let (timeKey, stepKey, versionKey, summaryKey): (UInt8, UInt8, UInt8, UInt8) = (0x09, 0x10, 0x1A, 0x2A)
  private static let (valueKey, tagKey, simpleValueKey): (UInt8, UInt8, UInt8) = (0x0A, 0x0A, 0x15)

  /// The part of a file to keep: its beginning, and complete records up to the given step.
  func kept(of bytes: [UInt8], upTo step: Int, now: Double) throws(ArrayFileError) -> [UInt8] {
    let beginning = EventFile.beginning(at: now)
    var kept: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let place = rest.startIndex
      if rest.count < 12 {
        // What is too short to have a checksum is the rest of a record only behind others, or if it could be the first.
        if place == 0 && !beginning.starts(with: rest) { throw notALog(place, "it is not the beginning of one") }
        break
      }
      let head = rest.prefix(8)
      let length = EventFile.integer(head)
      if EventFile.integer(rest.dropFirst(8).prefix(4)) != UInt64(EventFile.checksum(head)) {
        throw notALog(place, "its length does not match its checksum")
      }
      guard let count = Int(exactly: length), count <= rest.count - 16 else { break }
      let message = rest.dropFirst(12).prefix(count)
      if EventFile.integer(rest.dropFirst(12 + count).prefix(4)) != UInt64(EventFile.checksum(message)) {
        throw notALog(place, "its message does not match its checksum")
      }
      guard let event = Event(message) else { throw notALog(place, "its message is not an event") }
      if place == 0 {
        if !event.version.hasPrefix(EventFile.version) { throw notALog(place, "it does not say the version of the file") }
      } else if let tag = event.tags.first(where: { !columns.contains($0) }) {
        throw notALog(place, "it has a number named \(quoted(tag)), not one of \(columns)")
      }
      if place == 0 || event.step <= step { kept += rest.prefix(16 + count) }
      rest = rest.dropFirst(16 + count)
    }
    return kept.isEmpty ? beginning : kept
  }

  private func notALog(_ offset: Int, _ reason: String) -> ArrayFileError {
    ArrayFileError(malformed: "the record at byte \(offset) does not belong to this log; \(reason)", file: path)
  }
}

/// What a resumed log has to know about an event.
private struct Event {
  var step: Int64 = 0
  var version = ""
  var tags: [String] = []

  /// Nil where the message is not one.
  init?(_ message: ArraySlice<UInt8>) {
    guard let fields = EventFile.fields(of: message) else { return nil }
    for field in fields {
      switch field.number {
      case 2: step = Int64(bitPattern: field.integer)
      case 3: version = String(decoding: field.bytes, as: UTF8.self)
      case 5:
        guard let values = EventFile.fields(of: field.bytes) else { return nil }
        for value in values where value.number == 1 {
          guard let parts = EventFile.fields(of: value.bytes) else { return nil }
          for part in parts where part.number == 1 { tags.append(String(decoding: part.bytes, as: UTF8.self)) }
        }
      default: break
      }
    }
  }
}

/// Records and protocol buffers.
extension EventFile {
  private static func record(_ message: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(message.count))
    return length + littleEndian(checksum(length)) + message + littleEndian(checksum(message))
  }

  /// CRC-32C, the one of Castagnoli's polynomial, masked as TFRecord does: a checksum of bytes that hold checksums would be weak.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let sum = ~bytes.reduce(UInt32.max) { sum, byte in table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8 }
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }

  private static let table = (0..<256 as Range<UInt32>).map { byte in
    (0..<8).reduce(byte) { sum, _ in sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0x82F6_3B78 }
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    stride(from: 0, to: value.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

  /// Seven bits in each byte, the lowest first; the eighth says that there are more.
  private static func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(truncatingIfNeeded: value) | 0x80] + varint(value >> 7)
  }

  private static func sized(_ bytes: [UInt8]) -> [UInt8] { varint(UInt64(bytes.count)) + bytes }

  /// The fields of a message: each has an integer or bytes. Nil where the bytes are not a message.
  fileprivate static func fields(
    of message: ArraySlice<UInt8>
  ) -> [(number: UInt64, integer: UInt64, bytes: ArraySlice<UInt8>)]? {
    var rest = message
    func takeVarint() -> UInt64? {
      var value: UInt64 = 0
      for shift in stride(from: 0, to: 64, by: 7) {
        guard let byte = rest.popFirst() else { return nil }
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
      }
      return nil
    }
    var fields: [(UInt64, UInt64, ArraySlice<UInt8>)] = []
    while !rest.isEmpty {
      guard let key = takeVarint() else { return nil }
      var (integer, count): (UInt64, UInt64) = (0, 0)
      switch key & 7 {
      case 0:
        guard let value = takeVarint() else { return nil }
        integer = value
      case 1: count = 8
      case 2:
        guard let value = takeVarint() else { return nil }
        count = value
      case 5: count = 4
      default: return nil
      }
      if count > UInt64(rest.count) { return nil }
      fields.append((key >> 3, integer, rest.prefix(Int(count))))
      rest = rest.dropFirst(Int(count))
    }
    return fields
  }
}
