internal import UnrollKernelTemplates

/// Words and trials eight blocks at a time are those of single blocks, at every place of the stream and on every table.
struct RandomLoops: KernelLoops {
  let table: KernelTable
  let findings: Findings

  static let philoxes = [
    Philox(key: 0, stream: 0), Philox(key: .max, stream: .max), Philox(key: 0x9E37_79B9_0000_0001, stream: 5),
  ]
  static let starts: [UInt64] = [0, 1, 2, 3, 5, 0xFFFF_FFF0, 1 << 33 - 9, 1 << 63 - 3, .max - 40]
  static let lengths = [0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 100, 511, 512, 513, 700, 1100]

  /// Every key and stream, place, and length on every table.
  func forEachDraw(_ body: (RandomKernels.Words, String) -> Void) {
    for (number, philox) in Self.philoxes.enumerated() {
      for first in Self.starts {
        for count in Self.lengths where number == 1 || count < 40 {
          let words = RandomKernels.Words(philox: philox, first: first, count: count)
          body(words, "\(count) from \(first), key \(number)")
        }
      }
    }
  }

  func wordsAreThoseOfSingleBlocks() {
    forEachDraw { words, name in
      var out = [UInt64](repeating: 7, count: words.count + 1)
      table.random.words(words, &out)
      let same = out == (0..<words.count).map { words.philox.word(words.first &+ UInt64($0)) } + [7]
      expect(same, "\(name)")
    }
  }

  /// Four trials a block, of blocks that no word is made of.
  func trialsCompareHalvesOfWords(_ threshold: UInt64) {
    forEachDraw { words, name in
      var out = [UInt8](repeating: 7, count: words.count + 1)
      table.random.bernoulli(words, threshold, &out)
      let expected = (0..<words.count).map { i in
        Self.half(words.philox, words.first &+ UInt64(i)) < threshold ? UInt8(1) : 0
      }
      let same = out == expected + [7]
      expect(same, "\(name), threshold \(threshold)")
    }
  }

  static func half(_ philox: Philox, _ position: UInt64) -> UInt64 {
    let (first, second) = philox.block(3 << 62 | position >> 2)
    let word = position & 2 == 0 ? first : second
    return position & 1 == 0 ? word & 0xFFFF_FFFF : word >> 32
  }

  /// The threshold is met by exactly those words that are below it: those around one word.
  func aThresholdIsExact() {
    let philox = Philox(key: 3, stream: 4)
    for position in [0, 1, 2, 3] as [UInt64] {
      let half = Self.half(philox, position)
      let words = RandomKernels.Words(philox: philox, first: position, count: 1)
      var out: [UInt8] = [7]
      table.random.bernoulli(words, half, &out)
      expect(out == [0], "\(half) is below itself")
      table.random.bernoulli(words, half + 1, &out)
      expect(out == [1], "\(half) is not below the next number")
    }
  }
}
