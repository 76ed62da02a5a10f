/// Vector comparisons. The standard library's generic `.<` compiles to a loop over lanes, its overloads for concrete types to
/// one instruction. So each width casts to its concrete type; the test for that type folds away when a kernel is specialised.
extension Vector {
  public typealias Truth = SIMDMask<MaskStorage>

  @inlinable @inline(__always)
  func cast<W>(_: W.Type) -> W { unsafeBitCast(self, to: W.self) }

  @inlinable @inline(__always)
  static func truth<M>(_ mask: M) -> Truth { unsafeBitCast(mask, to: Truth.self) }

  /// The smaller of each pair; the second where either is NaN, like the machine's instruction.
  @inlinable @inline(__always)
  public static func lower(_ a: Self, _ b: Self) -> Self { b.replacing(with: a, where: less(a, b)) }

  /// The larger of each pair; the second where either is NaN, like the machine's instruction.
  @inlinable @inline(__always)
  public static func higher(_ a: Self, _ b: Self) -> Self { b.replacing(with: a, where: less(b, a)) }
}

extension SIMD2: Vector where Scalar: KernelScalar {
  @inlinable @inline(__always)
  public static func less(_ a: Self, _ b: Self) -> Truth {
    Scalar.self == Float.self
      ? truth(a.cast(SIMD2<Float>.self) .< b.cast(SIMD2<Float>.self))
      : truth(a.cast(SIMD2<Double>.self) .< b.cast(SIMD2<Double>.self))
  }

  @inlinable @inline(__always)
  public static func lessOrEqual(_ a: Self, _ b: Self) -> Truth {
    Scalar.self == Float.self
      ? truth(a.cast(SIMD2<Float>.self) .<= b.cast(SIMD2<Float>.self))
      : truth(a.cast(SIMD2<Double>.self) .<= b.cast(SIMD2<Double>.self))
  }

  @inlinable @inline(__always)
  public static func equal(_ a: Self, _ b: Self) -> Truth {
    Scalar.self == Float.self
      ? truth(a.cast(SIMD2<Float>.self) .== b.cast(SIMD2<Float>.self))
      : truth(a.cast(SIMD2<Double>.self) .== b.cast(SIMD2<Double>.self))
  }
}

extension SIMD4: Vector where Scalar: KernelScalar {
  @inlinable @inline(__always)
  public static func less(_ a: Self, _ b: Self) -> Truth {
    Scalar.self == Float.self
      ? truth(a.cast(SIMD4<Float>.self) .< b.cast(SIMD4<Float>.self))
      : truth(a.cast(SIMD4<Double>.self) .< b.cast(SIMD4<Double>.self))
  }

  @inlinable @inline(__always)
  public static func lessOrEqual(_ a: Self, _ b: Self) -> Truth {
    Scalar.self == Float.self
      ? truth(a.cast(SIMD4<Float>.self) .<= b.cast(SIMD4<Float>.self))
      : truth(a.cast(SIMD4<Double>.self) .<= b.cast(SIMD4<Double>.self))
  }

  @inlinable @inline(__always)
  public static func equal(_ a: Self, _ b: Self) -> Truth {
    Scalar.self == Float.self
      ? truth(a.cast(SIMD4<Float>.self) .== b.cast(SIMD4<Float>.self))
      : truth(a.cast(SIMD4<Double>.self) .== b.cast(SIMD4<Double>.self))
  }
}

extension SIMD8: Vector where Scalar: KernelScalar {
  @inlinable @inline(__always)
  public static func less(_ a: Self, _ b: Self) -> Truth {
    Scalar.self == Float.self
      ? truth(a.cast(SIMD8<Float>.self) .< b.cast(SIMD8<Float>.self))
      : truth(a.cast(SIMD8<Double>.self) .< b.cast(SIMD8<Double>.self))
  }

  @inlinable @inline(__always)
  public static func lessOrEqual(_ a: Self, _ b: Self) -> Truth {
    Scalar.self == Float.self
      ? truth(a.cast(SIMD8<Float>.self) .<= b.cast(SIMD8<Float>.self))
      : truth(a.cast(SIMD8<Double>.self) .<= b.cast(SIMD8<Double>.self))
  }

  @inlinable @inline(__always)
  public static func equal(_ a: Self, _ b: Self) -> Truth {
    Scalar.self == Float.self
      ? truth(a.cast(SIMD8<Float>.self) .== b.cast(SIMD8<Float>.self))
      : truth(a.cast(SIMD8<Double>.self) .== b.cast(SIMD8<Double>.self))
  }
}

extension SIMD16: Vector where Scalar: KernelScalar {
  @inlinable @inline(__always)
  public static func less(_ a: Self, _ b: Self) -> Truth {
    Scalar.self == Float.self
      ? truth(a.cast(SIMD16<Float>.self) .< b.cast(SIMD16<Float>.self))
      : truth(a.cast(SIMD16<Double>.self) .< b.cast(SIMD16<Double>.self))
  }

  @inlinable @inline(__always)
  public static func lessOrEqual(_ a: Self, _ b: Self) -> Truth {
    Scalar.self == Float.self
      ? truth(a.cast(SIMD16<Float>.self) .<= b.cast(SIMD16<Float>.self))
      : truth(a.cast(SIMD16<Double>.self) .<= b.cast(SIMD16<Double>.self))
  }

  @inlinable @inline(__always)
  public static func equal(_ a: Self, _ b: Self) -> Truth {
    Scalar.self == Float.self
      ? truth(a.cast(SIMD16<Float>.self) .== b.cast(SIMD16<Float>.self))
      : truth(a.cast(SIMD16<Double>.self) .== b.cast(SIMD16<Double>.self))
  }
}
