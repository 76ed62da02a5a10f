/// Writes the fields of a message in the wire format of protocol buffers: a tag of the field's number and kind, and the value.
struct Protobuf {
  private(set) var bytes: [UInt8] = []

  /// The kinds of fields, as the low three bits of a tag have them.
  private enum Kind: UInt64 {
    case varint = 0
    case lengthDelimited = 2
    case fixed32 = 5
  }

  /// Seven bits a byte, the lowest first; the high bit says that more follow.
  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  private mutating func tag(_ field: Int, _ kind: Kind) { append(varint: UInt64(field) << 3 | kind.rawValue) }

  /// A negative number takes ten bytes, as two's complement of 64 bits.
  mutating func write(_ field: Int, _ value: Int) {
    tag(field, .varint)
    append(varint: UInt64(bitPattern: Int64(value)))
  }

  mutating func write(_ field: Int, _ value: Float) {
    tag(field, .fixed32)
    let pattern = value.bitPattern
    for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: pattern >> shift)) }
  }

  mutating func write(_ field: Int, _ text: String) { write(field, Array(text.utf8)) }

  mutating func write(_ field: Int, _ value: [UInt8]) {
    tag(field, .lengthDelimited)
    append(varint: UInt64(value.count))
    bytes += value
  }

  /// A message in a message.
  mutating func write(_ field: Int, _ message: Protobuf) { write(field, message.bytes) }
}
