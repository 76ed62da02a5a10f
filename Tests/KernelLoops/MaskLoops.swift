internal import UnrollKernelTemplates
internal import UnrollTestSupport

/// Loops over bytes: every length, every step, nothing written beyond the end.
struct MaskLoops: KernelLoops {
  let table: KernelTable
  let findings: Findings

  static let lengths = Array(0...70) + [127, 128, 129, 1000]

  static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = TestRandom(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 40) & 1 }
  }

  func operationsTakeAnySteps(_ operation: MaskOperation) {
    for n in Self.lengths where n > 0 {
      let (x, y) = (Self.bytes(2 * n, seed: 1), Self.bytes(2 * n, seed: 2))
      for (dx, dy) in [(1, 1), (1, 0), (0, 1), (0, 0), (2, 1), (1, 2)] {
        var out = [UInt8](repeating: 7, count: n + 1)
        table.masks.combine(operation, x, dx, y, dy, &out, n)
        let expected = (0..<n).map { Self.combined(operation, x[$0 * dx], y[$0 * dy]) }
        let same = out == expected + [7]
        expect(same, "\(operation.rawValue) of \(n) with steps \(dx) and \(dy)")
      }
    }
  }

  static func combined(_ operation: MaskOperation, _ a: UInt8, _ b: UInt8) -> UInt8 {
    switch operation {
    case .or: a == 1 || b == 1 ? 1 : 0
    case .and: a == 1 && b == 1 ? 1 : 0
    case .exclusiveOr: a == b ? 0 : 1
    }
  }

  func countsAreThoseOfALoop() {
    for n in Self.lengths + [65535, 65536, 65537, 140_001] {
      let x = Self.bytes(n, seed: 3)
      expect(table.masks.count(x, n) == x.count { $0 == 1 }, "\(n)")
      expect(table.masks.count([UInt8](repeating: 1, count: n + 1), n) == n)
    }
  }

  func aDifferenceIsSeenWhereverItIs() {
    for n in Self.lengths + [4095, 4096, 4097, 9000] {
      let x = Self.bytes(n + 1, seed: 4)
      expect(table.masks.areEqual(x, x, n))
      var y = x
      y[n] ^= 1
      expect(table.masks.areEqual(x, y, n), "the byte behind \(n) counts")
      for place in [0, n / 2, n - 1] where n > 0 {
        var y = x
        y[place] ^= 1
        expect(!table.masks.areEqual(x, y, n), "\(place) of \(n)")
      }
    }
  }

  func bytesBecomeNumbers() {
    for n in Self.lengths {
      let x = Self.bytes(n, seed: 5)
      var (single, double) = ([Float](repeating: 7, count: n + 1), [Double](repeating: 7, count: n + 1))
      single.withUnsafeMutableBytes { table.float32.movement.expand(x, 1 / 0.3, $0.baseAddress.unsafelyUnwrapped, n) }
      double.withUnsafeMutableBytes { table.float64.movement.expand(x, 1 / 0.3, $0.baseAddress.unsafelyUnwrapped, n) }
      expect(single == x.map { $0 == 1 ? Float(1 / 0.3) : 0 } + [7], "\(n)")
      expect(double == x.map { $0 == 1 ? 1 / 0.3 : 0 } + [7], "\(n)")
    }
  }
}
