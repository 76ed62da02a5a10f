/// Numbers from the words of a stream, written to consecutive places. Everything is computed in float64 by operations that
/// round alike everywhere, never fused: the bits are those of every table.
public struct RandomKernels: Sendable {
  /// Which words, and how many: the element at `i` is made of the word at `first + i`.
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

  /// mean + deviation·z, z normal within ±bound, which happens with probability `within`.
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
  /// 1 where the word's upper 53 bits are below the threshold, else 0.
  public let bernoulli: @Sendable (Words, UInt64, UnsafeMutablePointer<UInt8>) -> Void
  public let words: @Sendable (Words, UnsafeMutablePointer<UInt64>) -> Void

  @inlinable @inline(__always)
  public init<V: Vector>(_ width: V.Type) {
    // The kernels are the same at every width, but compiled for other instructions: the width keeps their symbols apart.
    // A Float holds the word's upper 24 bits, a Double its upper 53: 52 of them as they are and the last one by itself.
    uniform32 = { words, uniform, target in
      words.fill(V.self, target) { word in SIMD8<Float>(uniform.number(Self.unit((word &>> 40) &<< 28))) }
    }
    uniform64 = { words, uniform, target in
      words.fill(V.self, target) { word in
        uniform.number(Self.unit(word &>> 12) + Self.unit(((word &>> 11) & 1) &<< 51) * 0x1p-52)
      }
    }
    normal32 = { words, normal, target in words.fill(V.self, target) { SIMD8<Float>(normal.number($0)) } }
    normal64 = { words, normal, target in words.fill(V.self, target) { normal.number($0) } }
    bernoulli = { words, threshold, target in
      words.fill(V.self, target) { SIMD8<UInt8>(truncatingIfNeeded: (($0 &>> 11) &- threshold) &>> 63) }
    }
    words = { words, target in words.fill(V.self, target) { $0 } }
  }

  /// The number in [0, 1) that has the lower 52 bits behind its point.
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
  /// The upper 52 bits say how far from the mean, the lowest says on which side.
  @inlinable @inline(__always)
  func number(_ word: SIMD8<UInt64>) -> SIMD8<Double> {
    let q = (RandomKernels.unit(word &>> 12) + 0x1p-53) * within
    let z = SIMD8.lower(NormalQuantile.magnitude(q), SIMD8(repeating: bound))
    let signed = unsafeBitCast(unsafeBitCast(z, to: SIMD8<UInt64>.self) | word &<< 63, to: SIMD8<Double>.self)
    return mean + deviation * signed
  }
}

extension RandomKernels.Words {
  /// Gives every word to `body`, eight at a time, and writes what it makes of them. A block of sixteen that starts before or
  /// ends behind the words wanted goes through a buffer.
  @inlinable @inline(__always)
  func fill<V: Vector, T: SIMDScalar>(_: V.Type, _ target: UnsafeMutablePointer<T>, _ body: (SIMD8<UInt64>) -> SIMD8<T>) {
    var done = 0
    var position = first & ~15
    while done < count {
      let sixteen = philox.eightBlocks(position >> 1)
      let (a, b) = (body(sixteen.lowHalf), body(sixteen.highHalf))
      let skipped = done == 0 ? Int(truncatingIfNeeded: first &- position) : 0
      let taken = min(16 &- skipped, count &- done)
      let place = UnsafeMutableRawPointer(target + done)
      if taken == 16 {
        place.storeBytes(of: a, as: SIMD8<T>.self)
        (place + 8 &* MemoryLayout<T>.size).storeBytes(of: b, as: SIMD8<T>.self)
      } else {
        withUnsafeBytes(of: (a, b)) {
          place.copyMemory(
            from: $0.baseAddress.unsafelyUnwrapped + skipped &* MemoryLayout<T>.size, byteCount: taken &* MemoryLayout<T>.size)
        }
      }
      done &+= taken
      position &+= 16
    }
  }
}
