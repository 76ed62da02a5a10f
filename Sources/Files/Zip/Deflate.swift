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

/// The tables of RFC 1951, 3.2.5, from symbols to lengths and distances of matches.
enum DeflateTables {
  /// The shortest length of each symbol from 257 on, and the number of extra bits that are added to it.
  static let lengthBase = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
  ]
  static let lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]

  /// The same for distances.
  static let distanceBase = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193,
    12289, 16385, 24577,
  ]
  static let distanceBits = [
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
  ]

  /// The word lengths of the fixed code of literals and lengths.
  static let fixedLengths: [UInt8] = (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }
}

/// A canonical Huffman code, built from the lengths of its words (RFC 1951, 3.2.2). Words of up to ten bits take one look-up,
/// longer ones are decoded bit by bit.
struct HuffmanCode {
  private static let tableBits = 10

  /// For every ten bits of input: symbol × 16 + length of the word that they begin with; 0 if the word is longer or does not
  /// exist.
  private var table = [UInt16](repeating: 0, count: 1 << tableBits)
  /// The number of words of each length.
  private var counts: InlineArray<16, Int> = InlineArray(repeating: 0)
  /// The symbols in the order of their words.
  private var symbols: [UInt16] = []

  /// Nil where the lengths are not a code: more words than fit, or fewer than use all bit patterns. As in zlib, only a code
  /// without words, or with a single word of one bit, may be incomplete.
  init?(lengths: some Collection<UInt8>) {
    for length in lengths { counts[Int(length)] += 1 }
    let used = lengths.count - counts[0]
    counts[0] = 0
    // `room` counts the unused words of the present length: it doubles with every bit.
    var room = 1
    var firstWord = InlineArray<16, Int>(repeating: 0)
    var firstIndex = InlineArray<16, Int>(repeating: 0)
    for length in 1..<16 {
      firstWord[length] = (firstWord[length - 1] + counts[length - 1]) << 1
      firstIndex[length] = firstIndex[length - 1] + counts[length - 1]
      room = room << 1 - counts[length]
      if room < 0 { return nil }
    }
    if room > 0 && !(used == 0 || used == 1 && counts[1] == 1) { return nil }
    symbols = [UInt16](repeating: 0, count: used)
    var next = firstIndex
    for (symbol, length) in lengths.enumerated() where length > 0 {
      let length = Int(length)
      symbols[next[length]] = UInt16(symbol)
      let word = firstWord[length] + next[length] - firstIndex[length]
      next[length] += 1
      if length > HuffmanCode.tableBits { continue }
      // The stream has a word's first bit lowest, and any bits may follow: every entry with these low bits gets the word.
      let start = Int(UInt16(word).reversedBits >> UInt16(16 - length))
      for index in stride(from: start, to: 1 << HuffmanCode.tableBits, by: 1 << length) {
        table[index] = UInt16(symbol) << 4 | UInt16(length)
      }
    }
  }

  /// The symbol whose word the bits begin with, and the word's length; nil if none fits the `available` bits.
  @inline(__always)
  func decode(_ bits: UInt64, available: Int) -> (symbol: Int, length: Int)? {
    let entry = table[Int(truncatingIfNeeded: bits & (1 << UInt64(HuffmanCode.tableBits) - 1))]
    if entry != 0 {
      let length = Int(entry & 15)
      return length <= available ? (Int(entry >> 4), length) : nil
    }
    var (word, first, index) = (0, 0, 0)
    for length in 1..<16 where length <= available {
      word |= Int(truncatingIfNeeded: bits >> UInt64(length - 1) & 1)
      if word - first < counts[length] { return (Int(symbols[index + word - first]), length) }
      index += counts[length]
      first = (first + counts[length]) << 1
      word <<= 1
    }
    return nil
  }
}

extension UInt16 {
  /// The same bits, lowest first.
  var reversedBits: UInt16 {
    var x = self
    x = x >> 1 & 0x5555 | (x & 0x5555) << 1
    x = x >> 2 & 0x3333 | (x & 0x3333) << 2
    x = x >> 4 & 0x0F0F | (x & 0x0F0F) << 4
    return x.byteSwapped
  }
}
