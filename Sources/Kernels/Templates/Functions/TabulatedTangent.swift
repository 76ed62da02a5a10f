/// tanh of 16 float32 numbers at a time by the addition formula. With m the nearest of 16 equally spaced points and x = m + t,
/// tanh x = tanh m + (1 − tanh² m) τ / (1 + τ tanh m). τ = tanh t is a short polynomial; the factors that depend on m are in
/// tables of 16 numbers, which fit one register.
///
/// The step is chosen so that tanh m is very close to a float32 for every m, above all for the smallest.
public enum TabulatedTangent: BlockFunction {
  public typealias Block = SIMD16<Float>

  @inlinable @inline(__always)
  static var step: Float { 0x1.38315ap-1 }

  /// From 2²³ on, consecutive float32 numbers differ by 1: adding it rounds to an integer, which appears in the low bits.
  @inlinable @inline(__always)
  static var shift: Block { Block(repeating: 0x1p23) }

  /// tanh m.
  @inlinable @inline(__always)
  static var values: Block {
    Block(
      0x0.0p+0, 0x1.1680e6p-1, 0x1.add3eep-1, 0x1.e6460ap-1,
      0x1.f8439ap-1, 0x1.fdb3e8p-1, 0x1.ff5204p-1, 0x1.ffcc96p-1,
      0x1.fff0dp-1, 0x1.fffb84p-1, 0x1.fffeacp-1, 0x1.ffff9cp-1,
      0x1.ffffe2p-1, 0x1.fffff8p-1, 0x1.fffffep-1, 0x1.0p+0)
  }

  /// 1 − tanh² m.
  @inlinable @inline(__always)
  static var slopes: Block {
    Block(
      0x1.0p+0, 0x1.6881e6p-1, 0x1.2e5004p-2, 0x1.9148p-4,
      0x1.eb5c0ap-6, 0x1.256342p-7, 0x1.5bbd04p-9, 0x1.9b3d76p-11,
      0x1.e60484p-13, 0x1.1f23e6p-14, 0x1.53443ep-16, 0x1.90d952p-18,
      0x1.d99b68p-20, 0x1.17c90ep-21, 0x1.4a919p-23, 0x1.8691c2p-25)
  }

  /// |x|, limited to the range of the tables. The last entry is 1, which tanh rounds to from there on.
  @inlinable @inline(__always)
  static func size(_ x: Block) -> Block { Block.lower(Block(repeating: 15.25 * step), x.magnitude) }

  /// The index of m, from 0 to 15, as an integer.
  @inlinable @inline(__always)
  public static func prepare(_ x: Block) -> Block {
    Block(bits: size(x).multiplied(by: Block(repeating: 1 / step), adding: shift).bits & 15)
  }

  @inlinable @inline(__always)
  public static func finish(_ x: Block, _ prepared: Block) -> Block {
    let value = values.picked(by: prepared)
    let slope = slopes.picked(by: prepared)
    // t = |x| − m. The index in the low bits of the shift, less the shift, is the index as a number.
    let t = (shift - Block(bits: shift.bits | prepared.bits)).multiplied(by: Block(repeating: step), adding: size(x))
    let square = t * t
    // tanh t = t + t³ (c₀ + c₁ t² + c₂ t⁴).
    let outer = square.multiplied(by: Block(repeating: -0x1.9bbbc6p-5), adding: Block(repeating: 0x1.10aa42p-3))
    let inner = square.multiplied(by: outer, adding: Block(repeating: -0x1.55548ep-2))
    let tangent = (square * t).multiplied(by: inner, adding: t)
    let result = value + slope * tangent / value.multiplied(by: tangent, adding: Block(repeating: 1))
    return Block(bits: result.bits | x.sign)
  }
}

extension SIMD16<Float> {
  /// Looks up an index from 0 to 15 per lane in a table of 16: one instruction, provided that the indices are loaded from
  /// memory and the compiler cannot see how they were computed. It does not form that instruction behind the bounds checks of
  /// `self[lane]`.
  @inlinable @inline(__always)
  func picked(by indices: Self) -> Self {
    let indices = indices.bits
    var result = Self.zero
    for lane in 0..<16 { result._storage[lane] = _storage[Int(indices._storage[lane])] }
    return result
  }
}
