/// Compresses with the fixed code of RFC 1951 and the first match found in a small hash table of earlier positions: simple,
/// fast, and good for masks, indices and padding. Random fractions do not compress; such zip members are stored.
struct Deflate {
  private static let hashBits = 15
  private static let window = 32768
  private static let longestMatch = 258

  private var output: [UInt8] = []
  private var bits: UInt64 = 0
  private var bitCount = 0

  /// A complete stream; nil as soon as it is not shorter than the input.
  static func deflate(_ input: UnsafeRawBufferPointer) -> [UInt8]? {
    var deflate = Deflate()
    deflate.put(1, count: 1)
    deflate.put(1, count: 2)
    var places = [Int](repeating: -window, count: 1 << hashBits)
    var position = 0
    while position < input.count {
      if deflate.output.count >= input.count { return nil }
      var length = 0
      var distance = 0
      if position + 4 <= input.count {
        // Multiplicative hashing of the next four bytes (the multiplier is 2³² divided by the golden ratio).
        let next = input.loadUnaligned(fromByteOffset: position, as: UInt32.self)
        let hash = Int((next &* 0x9E37_79B1) >> UInt32(32 - hashBits))
        let place = places[hash]
        places[hash] = position
        if position - place < window, place >= 0 {
          distance = position - place
          let limit = min(longestMatch, input.count - position)
          while length < limit && input[place + length] == input[position + length] { length += 1 }
        }
      }
      if length >= 4 {
        deflate.match(length, distance)
        position += length
      } else {
        deflate.symbol(Int(input[position]))
        position += 1
      }
    }
    deflate.symbol(256)
    deflate.put(0, count: 7)  // Pushes the last bits out; what is left of the zeros is dropped.
    return deflate.output.count < input.count ? deflate.output : nil
  }

  private mutating func match(_ length: Int, _ distance: Int) {
    let lengthCode = Deflate.lengthCodes[length]
    symbol(257 + lengthCode)
    put(length - DeflateTables.lengthBase[lengthCode], count: DeflateTables.lengthBits[lengthCode])
    var code = 0
    while code < 29 && DeflateTables.distanceBase[code + 1] <= distance { code += 1 }
    put(Int(UInt16(code).reversedBits >> 11), count: 5)
    put(distance - DeflateTables.distanceBase[code], count: DeflateTables.distanceBits[code])
  }

  private mutating func symbol(_ symbol: Int) {
    let (word, length) = Deflate.words[symbol]
    put(word, count: length)
  }

  private mutating func put(_ value: Int, count: Int) {
    bits |= UInt64(value) << UInt64(bitCount)
    bitCount += count
    while bitCount >= 8 {
      output.append(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
      bitCount -= 8
    }
  }

  /// The symbol of each match length, minus 257.
  private static let lengthCodes: [Int] = (0...longestMatch).map { length in
    DeflateTables.lengthBase.lastIndex { $0 <= length } ?? 0
  }

  /// The words of the fixed code, bit-reversed, since the stream has their first bit lowest.
  private static let words: [(word: Int, length: Int)] = (0..<288).map { symbol in
    let word =
      switch symbol {
      case 0..<144: 0b0011_0000 + symbol
      case 144..<256: 0b1_1001_0000 + symbol - 144
      case 256..<280: symbol - 256
      default: 0b1100_0000 + symbol - 280
      }
    let length = Int(DeflateTables.fixedLengths[symbol])
    return (Int(UInt16(word).reversedBits >> UInt16(16 - length)), length)
  }
}
