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
