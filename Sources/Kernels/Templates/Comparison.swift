/// Comparisons of generic vectors. The standard library's generic `.<` is a loop over lanes that stays a loop, the concrete
/// ones are one instruction; after specialisation the ladder below folds to the concrete one.
extension Vector {
  public typealias Truth = SIMDMask<MaskStorage>

  @inlinable @inline(__always)
  func cast<W>(_: W.Type) -> W { unsafeBitCast(self, to: W.self) }

  @inlinable @inline(__always)
  static func truth<M>(_ mask: M) -> Truth { unsafeBitCast(mask, to: Truth.self) }

  /// Lanes where a < b; false where either is NaN.
  @inlinable @inline(__always)
  public static func less(_ a: Self, _ b: Self) -> Truth {
    if Self.self == SIMD16<Float>.self { return truth(a.cast(SIMD16<Float>.self) .< b.cast(SIMD16<Float>.self)) }
    if Self.self == SIMD8<Float>.self { return truth(a.cast(SIMD8<Float>.self) .< b.cast(SIMD8<Float>.self)) }
    if Self.self == SIMD4<Float>.self { return truth(a.cast(SIMD4<Float>.self) .< b.cast(SIMD4<Float>.self)) }
    if Self.self == SIMD8<Double>.self { return truth(a.cast(SIMD8<Double>.self) .< b.cast(SIMD8<Double>.self)) }
    if Self.self == SIMD4<Double>.self { return truth(a.cast(SIMD4<Double>.self) .< b.cast(SIMD4<Double>.self)) }
    if Self.self == SIMD2<Double>.self { return truth(a.cast(SIMD2<Double>.self) .< b.cast(SIMD2<Double>.self)) }
    return a .< b
  }

  /// Lanes where a ≤ b; false where either is NaN.
  @inlinable @inline(__always)
  public static func lessOrEqual(_ a: Self, _ b: Self) -> Truth {
    if Self.self == SIMD16<Float>.self { return truth(a.cast(SIMD16<Float>.self) .<= b.cast(SIMD16<Float>.self)) }
    if Self.self == SIMD8<Float>.self { return truth(a.cast(SIMD8<Float>.self) .<= b.cast(SIMD8<Float>.self)) }
    if Self.self == SIMD4<Float>.self { return truth(a.cast(SIMD4<Float>.self) .<= b.cast(SIMD4<Float>.self)) }
    if Self.self == SIMD8<Double>.self { return truth(a.cast(SIMD8<Double>.self) .<= b.cast(SIMD8<Double>.self)) }
    if Self.self == SIMD4<Double>.self { return truth(a.cast(SIMD4<Double>.self) .<= b.cast(SIMD4<Double>.self)) }
    if Self.self == SIMD2<Double>.self { return truth(a.cast(SIMD2<Double>.self) .<= b.cast(SIMD2<Double>.self)) }
    return a .<= b
  }

  /// Lanes where a = b; false where either is NaN.
  @inlinable @inline(__always)
  public static func equal(_ a: Self, _ b: Self) -> Truth {
    if Self.self == SIMD16<Float>.self { return truth(a.cast(SIMD16<Float>.self) .== b.cast(SIMD16<Float>.self)) }
    if Self.self == SIMD8<Float>.self { return truth(a.cast(SIMD8<Float>.self) .== b.cast(SIMD8<Float>.self)) }
    if Self.self == SIMD4<Float>.self { return truth(a.cast(SIMD4<Float>.self) .== b.cast(SIMD4<Float>.self)) }
    if Self.self == SIMD8<Double>.self { return truth(a.cast(SIMD8<Double>.self) .== b.cast(SIMD8<Double>.self)) }
    if Self.self == SIMD4<Double>.self { return truth(a.cast(SIMD4<Double>.self) .== b.cast(SIMD4<Double>.self)) }
    if Self.self == SIMD2<Double>.self { return truth(a.cast(SIMD2<Double>.self) .== b.cast(SIMD2<Double>.self)) }
    return a .== b
  }

  /// The smaller of each pair; the second where either is NaN (as the machine's instruction does).
  @inlinable @inline(__always)
  public static func lower(_ a: Self, _ b: Self) -> Self { b.replacing(with: a, where: less(a, b)) }

  /// The larger of each pair; the second where either is NaN (as the machine's instruction does).
  @inlinable @inline(__always)
  public static func higher(_ a: Self, _ b: Self) -> Self { b.replacing(with: a, where: less(b, a)) }
}
