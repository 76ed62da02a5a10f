/// Random numbers from the words of a stream, written contiguously. Everything is computed in float64 by operations that round
/// alike everywhere, never fused: every table gives the same bits.
public struct RandomKernels: Sendable {
  /// A range of words: element `i` is made from the word at `first + i`.
  public struct Words: Sendable {
    public var philox: Philox
    public var first: UInt64
    public var count: Int

    @inlinable
    public init(philox: Philox, first: UInt64, count: Int) {
      self.philox = philox
      self.first = first
      self.count = count
    }
  }

  /// lower + width·u, at most `last`, u uniform in [0, 1).
  public struct Uniform: Sendable {
    public var lower, width, last: Double

    @inlinable
    public init(lower: Double, width: Double, last: Double) {
      self.lower = lower
      self.width = width
      self.last = last
    }
  }

  /// mean + deviation·z, z normal and truncated to ±bound; `within` is the probability of that interval.
  public struct Normal: Sendable {
    public var mean, deviation, within, bound: Double

    @inlinable
    public init(mean: Double, deviation: Double, within: Double, bound: Double) {
      self.mean = mean
      self.deviation = deviation
      self.within = within
      self.bound = bound
    }
  }

  public let uniform32: @Sendable (Words, Uniform, UnsafeMutablePointer<Float>) -> Void
  public let uniform64: @Sendable (Words, Uniform, UnsafeMutablePointer<Double>) -> Void
  public let normal32: @Sendable (Words, Normal, UnsafeMutablePointer<Float>) -> Void
  public let normal64: @Sendable (Words, Normal, UnsafeMutablePointer<Double>) -> Void
  /// 1 where a 32-bit half of a word is below the threshold, else 0. Element `i` uses half `first + i`, so one block gives
  /// four. The words come from blocks that nothing else uses.
  public let bernoulli: @Sendable (Words, UInt64, UnsafeMutablePointer<UInt8>) -> Void
  public let words: @Sendable (Words, UnsafeMutablePointer<UInt64>) -> Void

  @inlinable @inline(__always)
  public init<V: Vector>(_ width: V.Type) {
    // The kernels are the same at every width but are compiled for different instruction sets: the type parameter keeps their
    // symbols apart. A Float takes a word's upper 24 bits, a Double its upper 53: 52 of them at once, and the last one
    // separately.
    uniform32 = { words, uniform, target in
      words.fill(V.self, target) { word in uniform.number(Self.unit((word &>> 40) &<< 28)) }
    }
    uniform64 = { words, uniform, target in
      words.fill(V.self, target) { word in
        uniform.number(Self.unit(word &>> 12) + Self.unit(((word &>> 11) & 1) &<< 51) * 0x1p-52)
      }
    }
    normal32 = { words, normal, target in words.fill(V.self, target) { normal.number($0) } }
    normal64 = { words, normal, target in words.fill(V.self, target) { normal.number($0) } }
    bernoulli = { words, threshold, target in words.fillTrials(V.self, threshold, target) }
    words = { words, target in
      words.forEachRun(V.self, UInt64.self) { buffer, done, count in
        for i in 0..<count { target[done &+ i] = buffer[i] }
      }
    }
  }

  /// The number in [0, 1) with the lower 52 bits as its fraction, by the exponent of 1 and a subtraction.
  @inlinable @inline(__always)
  static func unit(_ bits: SIMD8<UInt64>) -> SIMD8<Double> {
    unsafeBitCast(bits | 0x3FF0_0000_0000_0000, to: SIMD8<Double>.self) - 1
  }
}

extension RandomKernels.Uniform {
  @inlinable @inline(__always)
  func number(_ u: SIMD8<Double>) -> SIMD8<Double> {
    SIMD8.lower(lower + width * u, SIMD8(repeating: last))
  }
}

extension RandomKernels.Normal {
  /// The upper 52 bits of the word give the distance from the mean, the lowest bit the sign.
  @inlinable @inline(__always)
  func number(_ word: SIMD8<UInt64>) -> SIMD8<Double> {
    let q = (RandomKernels.unit(word &>> 12) + 0x1p-53) * within
    let z = SIMD8.lower(NormalQuantile.magnitude(q), SIMD8(repeating: bound))
    let signed = unsafeBitCast(unsafeBitCast(z, to: SIMD8<UInt64>.self) | word &<< 63, to: SIMD8<Double>.self)
    return mean + deviation * signed
  }
}

extension RandomKernels.Words {
  /// Writes `body` of every word, eight words at a time.
  @inlinable @inline(__always)
  func fill<V: Vector, T: KernelScalar>(
    _: V.Type, _ target: UnsafeMutablePointer<T>, _ body: (SIMD8<UInt64>) -> SIMD8<Double>
  ) {
    forEachRun(V.self, UInt64.self) { words, done, count in
      let numbers = UnsafeMutableRawPointer(words)
      var i = 0
      while i < count {
        let place = numbers + 8 &* i
        place.storeBytes(of: body(place.loadUnaligned(as: SIMD8<UInt64>.self)), as: SIMD8<Double>.self)
        i &+= 8
      }
      // A scalar loop: the compiler vectorises this conversion, but splits one of vectors into lanes.
      let found = numbers.assumingMemoryBound(to: Double.self)
      for i in 0..<count { target[done &+ i] = T(found[i]) }
    }
  }

  /// 1 where a half word is below the threshold, which is at most 2³², else 0.
  @inlinable @inline(__always)
  func fillTrials<V: Vector>(_: V.Type, _ threshold: UInt64, _ target: UnsafeMutablePointer<UInt8>) {
    // `≤ threshold − 1` instead of `< threshold`: 2³² itself needs more than 32 bits.
    let last = UInt32(truncatingIfNeeded: threshold &- 1)
    let hit: UInt8 = threshold == 0 ? 0 : 1
    forEachRun(V.self, UInt32.self) { halves, done, count in
      for i in 0..<count { target[done &+ i] = halves[i] <= last ? hit : 0 }
    }
  }

  /// Calls `body` with runs of some hundred words, or halves: their address, the number of those before, and their count. The
  /// buffer has room for seven more behind them.
  @inlinable @inline(__always)
  func forEachRun<V: Vector, T: FixedWidthInteger>(
    _: V.Type, _: T.Type, _ body: (_ words: UnsafeMutablePointer<T>, _ done: Int, _ count: Int) -> Void
  ) {
    // 64-bit words come from the blocks below 2⁶³. Blocks from 2⁶³ on make child generators, except for their upper half, from
    // 3 · 2⁶² on, which makes halves.
    let areHalves = MemoryLayout<T>.size == 4
    let (perBlock, mark): (UInt64, UInt64) = areHalves ? (4, 3 &<< 62) : (2, 0)
    var blocks = PhiloxBlocks(philox, from: first / perBlock, bits: areHalves ? 62 : 63, mark: mark)
    var buffer = InlineArray<33, SIMD8<UInt64>>(repeating: .zero)
    withUnsafeMutableBytes(of: &buffer) { bytes in
      let words = bytes.baseAddress.unsafelyUnwrapped
      var skipped = Int(truncatingIfNeeded: first % perBlock)
      var done = 0
      while done < count {
        let left = count &- done &+ skipped
        let groups = min(16, (left &- 1) / Int(truncatingIfNeeded: 8 &* perBlock) &+ 1)
        blocks.next(V.self, groups, into: words.assumingMemoryBound(to: UInt64.self))
        let taken = min(left, groups &* Int(truncatingIfNeeded: 8 &* perBlock)) &- skipped
        body(words.assumingMemoryBound(to: T.self) + skipped, done, taken)
        done &+= taken
        skipped = 0
      }
    }
  }
}
