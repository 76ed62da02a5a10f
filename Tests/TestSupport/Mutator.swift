/// Damages files the way disks, networks and attackers do: flipped bits, cut ends, moved pieces, wrong lengths, wrong digits.
/// The same seed gives the same damage.
public struct Mutator {
  private var random: TestRandom

  public init(seed: UInt64) { random = TestRandom(seed: seed) }

  /// A number below `bound`, to choose with.
  public mutating func choice(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

  /// The file after one to three kinds of damage. `other` lends pieces.
  public mutating func damaged(_ bytes: [UInt8], with other: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...choice(3) { damage(&bytes, other) }
    return bytes
  }

  private mutating func damage(_ bytes: inout [UInt8], _ other: [UInt8]) {
    if bytes.isEmpty { return bytes = [UInt8(choice(256))] }
    switch choice(9) {
    case 0: bytes[place(in: bytes)] ^= 1 << UInt8(choice(8))
    case 1: bytes[place(in: bytes)] = UInt8(choice(256))
    case 2: bytes.removeLast(choice(bytes.count))
    case 3: bytes.removeSubrange(piece(of: bytes))
    case 4: bytes.insert(contentsOf: bytes[piece(of: bytes)], at: place(in: bytes))
    case 5: bytes.insert(contentsOf: other[piece(of: other)], at: place(in: bytes))
    case 6: writeLength(into: &bytes)
    case 7: replaceDigit(in: &bytes)
    default: bytes.insert(contentsOf: repeatElement(UInt8(choice(256)), count: choice(300)), at: place(in: bytes))
    }
  }

  /// Headers decide more than data: half of all damage goes to the first and the last hundred bytes.
  private mutating func place(in bytes: [UInt8]) -> Int {
    switch choice(4) {
    case 0: choice(min(bytes.count, 100))
    case 1: bytes.count - 1 - choice(min(bytes.count, 100))
    default: choice(bytes.count)
    }
  }

  private mutating func piece(of bytes: [UInt8]) -> Range<Int> {
    if bytes.isEmpty { return 0..<0 }
    let start = choice(bytes.count)
    return start..<start + choice(min(bytes.count - start, 64) + 1)
  }

  /// Puts a number that lengths and offsets stumble over where one may be.
  private mutating func writeLength(into bytes: inout [UInt8]) {
    let width = [1, 2, 4, 8][choice(4)]
    let values: [UInt64] = [
      0, 1, 0x7F, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, 1 << 32, UInt64(Int64.max), 1 << 63, .max, UInt64(bytes.count),
      UInt64(bytes.count) - 1, UInt64(choice(bytes.count)),
    ]
    let value = values[choice(values.count)]
    let start = place(in: bytes)
    for index in 0..<width where start + index < bytes.count {
      bytes[start + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
    }
  }

  /// Replaces a run of digits in a text header by another number.
  private mutating func replaceDigit(in bytes: inout [UInt8]) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let start = bytes[place(in: bytes)...].firstIndex(where: digits.contains) else { return }
    let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
    let numbers = ["0", "1", "-1", "9", "64", "1e9", "4294967296", "9223372036854775807", "18446744073709551616", "1.5", "007"]
    bytes.replaceSubrange(start..<end, with: numbers[choice(numbers.count)].utf8)
  }
}
