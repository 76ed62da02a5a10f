// The compiler's own operations, by their names: the reason is below.
internal import Builtin

/// Arithmetic of whole vectors, each an operation of the compiler's own, for the vectors of kernels: 64, 32 and 16 bytes.
///
/// The standard library's operators on generic vectors are loops over lanes. The compiler makes vectors of most of them again, and
/// leaves the others as they are: on arm64 two thirds of the multiply-adds outside of tiles were scalar, and half of the additions and
/// products. LLVM's intrinsics by name, as `prefetch` is declared, would not do: vectors wider than 128 bits are passed in pieces.
///
/// They are requirements of `Vector` and `BitVector`, so that templates that have not met their width yet hold a call instead of all cases:
/// otherwise these take half as long again to compile.
extension Vector {
  @inlinable @inline(__always)
  public static func + (a: Self, b: Self) -> Self {
    switch (isSingle, MemoryLayout<Self>.size) {
    case (true, 64): made(Builtin.fadd_Vec16xFPIEEE32(a.made(), b.made()))
    case (false, 64): made(Builtin.fadd_Vec8xFPIEEE64(a.made(), b.made()))
    case (true, 32): made(Builtin.fadd_Vec8xFPIEEE32(a.made(), b.made()))
    case (false, 32): made(Builtin.fadd_Vec4xFPIEEE64(a.made(), b.made()))
    case (true, _): made(Builtin.fadd_Vec4xFPIEEE32(a.made(), b.made()))
    case (false, _): made(Builtin.fadd_Vec2xFPIEEE64(a.made(), b.made()))
    }
  }

  @inlinable @inline(__always)
  public static func - (a: Self, b: Self) -> Self {
    switch (isSingle, MemoryLayout<Self>.size) {
    case (true, 64): made(Builtin.fsub_Vec16xFPIEEE32(a.made(), b.made()))
    case (false, 64): made(Builtin.fsub_Vec8xFPIEEE64(a.made(), b.made()))
    case (true, 32): made(Builtin.fsub_Vec8xFPIEEE32(a.made(), b.made()))
    case (false, 32): made(Builtin.fsub_Vec4xFPIEEE64(a.made(), b.made()))
    case (true, _): made(Builtin.fsub_Vec4xFPIEEE32(a.made(), b.made()))
    case (false, _): made(Builtin.fsub_Vec2xFPIEEE64(a.made(), b.made()))
    }
  }

  @inlinable @inline(__always)
  public static func * (a: Self, b: Self) -> Self {
    switch (isSingle, MemoryLayout<Self>.size) {
    case (true, 64): made(Builtin.fmul_Vec16xFPIEEE32(a.made(), b.made()))
    case (false, 64): made(Builtin.fmul_Vec8xFPIEEE64(a.made(), b.made()))
    case (true, 32): made(Builtin.fmul_Vec8xFPIEEE32(a.made(), b.made()))
    case (false, 32): made(Builtin.fmul_Vec4xFPIEEE64(a.made(), b.made()))
    case (true, _): made(Builtin.fmul_Vec4xFPIEEE32(a.made(), b.made()))
    case (false, _): made(Builtin.fmul_Vec2xFPIEEE64(a.made(), b.made()))
    }
  }

  @inlinable @inline(__always)
  public static func / (a: Self, b: Self) -> Self {
    switch (isSingle, MemoryLayout<Self>.size) {
    case (true, 64): made(Builtin.fdiv_Vec16xFPIEEE32(a.made(), b.made()))
    case (false, 64): made(Builtin.fdiv_Vec8xFPIEEE64(a.made(), b.made()))
    case (true, 32): made(Builtin.fdiv_Vec8xFPIEEE32(a.made(), b.made()))
    case (false, 32): made(Builtin.fdiv_Vec4xFPIEEE64(a.made(), b.made()))
    case (true, _): made(Builtin.fdiv_Vec4xFPIEEE32(a.made(), b.made()))
    case (false, _): made(Builtin.fdiv_Vec2xFPIEEE64(a.made(), b.made()))
    }
  }

  @inlinable @inline(__always)
  public static func += (a: inout Self, b: Self) { a = a + b }

  @inlinable @inline(__always)
  public static func *= (a: inout Self, b: Self) { a = a * b }

  @inlinable @inline(__always)
  public static func fused(_ a: Self, _ b: Self, _ c: Self) -> Self {
    switch (isSingle, MemoryLayout<Self>.size) {
    case (true, 64): made(Builtin.int_fma_Vec16xFPIEEE32(a.made(), b.made(), c.made()))
    case (false, 64): made(Builtin.int_fma_Vec8xFPIEEE64(a.made(), b.made(), c.made()))
    case (true, 32): made(Builtin.int_fma_Vec8xFPIEEE32(a.made(), b.made(), c.made()))
    case (false, 32): made(Builtin.int_fma_Vec4xFPIEEE64(a.made(), b.made(), c.made()))
    case (true, _): made(Builtin.int_fma_Vec4xFPIEEE32(a.made(), b.made(), c.made()))
    case (false, _): made(Builtin.int_fma_Vec2xFPIEEE64(a.made(), b.made(), c.made()))
    }
  }

  @inlinable @inline(__always)
  public func squareRoot() -> Self {
    switch (Self.isSingle, MemoryLayout<Self>.size) {
    case (true, 64): Self.made(Builtin.int_sqrt_Vec16xFPIEEE32(made()))
    case (false, 64): Self.made(Builtin.int_sqrt_Vec8xFPIEEE64(made()))
    case (true, 32): Self.made(Builtin.int_sqrt_Vec8xFPIEEE32(made()))
    case (false, 32): Self.made(Builtin.int_sqrt_Vec4xFPIEEE64(made()))
    case (true, _): Self.made(Builtin.int_sqrt_Vec4xFPIEEE32(made()))
    case (false, _): Self.made(Builtin.int_sqrt_Vec2xFPIEEE64(made()))
    }
  }
}

/// The integers that lie in the lanes of a vector's bits: `Int32` and `Int64`.
public protocol LaneBits: FixedWidthInteger & SignedInteger {}

extension Int32: LaneBits {}
extension Int64: LaneBits {}

/// The bits of a vector, lane by lane.
public protocol BitVector: SIMD where Scalar: LaneBits {
  static func & (a: Self, b: Self) -> Self
  static func | (a: Self, b: Self) -> Self
  static func ^ (a: Self, b: Self) -> Self
  static func &+ (a: Self, b: Self) -> Self
  static func &- (a: Self, b: Self) -> Self
  static func &<< (a: Self, b: Self) -> Self
  static func &>> (a: Self, b: Self) -> Self
}

extension SIMD2: BitVector where Scalar: LaneBits {}
extension SIMD4: BitVector where Scalar: LaneBits {}
extension SIMD8: BitVector where Scalar: LaneBits {}
extension SIMD16: BitVector where Scalar: LaneBits {}

extension BitVector {
  @inlinable @inline(__always)
  static var isSingle: Bool { Scalar.self == Int32.self }

  @inlinable @inline(__always)
  public static func & (a: Self, b: Self) -> Self {
    switch (isSingle, MemoryLayout<Self>.size) {
    case (true, 64): made(Builtin.and_Vec16xInt32(a.made(), b.made()))
    case (false, 64): made(Builtin.and_Vec8xInt64(a.made(), b.made()))
    case (true, 32): made(Builtin.and_Vec8xInt32(a.made(), b.made()))
    case (false, 32): made(Builtin.and_Vec4xInt64(a.made(), b.made()))
    case (true, _): made(Builtin.and_Vec4xInt32(a.made(), b.made()))
    case (false, _): made(Builtin.and_Vec2xInt64(a.made(), b.made()))
    }
  }

  @inlinable @inline(__always)
  public static func | (a: Self, b: Self) -> Self {
    switch (isSingle, MemoryLayout<Self>.size) {
    case (true, 64): made(Builtin.or_Vec16xInt32(a.made(), b.made()))
    case (false, 64): made(Builtin.or_Vec8xInt64(a.made(), b.made()))
    case (true, 32): made(Builtin.or_Vec8xInt32(a.made(), b.made()))
    case (false, 32): made(Builtin.or_Vec4xInt64(a.made(), b.made()))
    case (true, _): made(Builtin.or_Vec4xInt32(a.made(), b.made()))
    case (false, _): made(Builtin.or_Vec2xInt64(a.made(), b.made()))
    }
  }

  @inlinable @inline(__always)
  public static func ^ (a: Self, b: Self) -> Self {
    switch (isSingle, MemoryLayout<Self>.size) {
    case (true, 64): made(Builtin.xor_Vec16xInt32(a.made(), b.made()))
    case (false, 64): made(Builtin.xor_Vec8xInt64(a.made(), b.made()))
    case (true, 32): made(Builtin.xor_Vec8xInt32(a.made(), b.made()))
    case (false, 32): made(Builtin.xor_Vec4xInt64(a.made(), b.made()))
    case (true, _): made(Builtin.xor_Vec4xInt32(a.made(), b.made()))
    case (false, _): made(Builtin.xor_Vec2xInt64(a.made(), b.made()))
    }
  }

  @inlinable @inline(__always)
  public static prefix func ~ (a: Self) -> Self { a ^ Self(repeating: -1) }

  @inlinable @inline(__always)
  public static func &+ (a: Self, b: Self) -> Self {
    switch (isSingle, MemoryLayout<Self>.size) {
    case (true, 64): made(Builtin.add_Vec16xInt32(a.made(), b.made()))
    case (false, 64): made(Builtin.add_Vec8xInt64(a.made(), b.made()))
    case (true, 32): made(Builtin.add_Vec8xInt32(a.made(), b.made()))
    case (false, 32): made(Builtin.add_Vec4xInt64(a.made(), b.made()))
    case (true, _): made(Builtin.add_Vec4xInt32(a.made(), b.made()))
    case (false, _): made(Builtin.add_Vec2xInt64(a.made(), b.made()))
    }
  }

  @inlinable @inline(__always)
  public static func &- (a: Self, b: Self) -> Self {
    switch (isSingle, MemoryLayout<Self>.size) {
    case (true, 64): made(Builtin.sub_Vec16xInt32(a.made(), b.made()))
    case (false, 64): made(Builtin.sub_Vec8xInt64(a.made(), b.made()))
    case (true, 32): made(Builtin.sub_Vec8xInt32(a.made(), b.made()))
    case (false, 32): made(Builtin.sub_Vec4xInt64(a.made(), b.made()))
    case (true, _): made(Builtin.sub_Vec4xInt32(a.made(), b.made()))
    case (false, _): made(Builtin.sub_Vec2xInt64(a.made(), b.made()))
    }
  }

  @inlinable @inline(__always)
  public static func &<< (a: Self, b: Self) -> Self {
    let b = b & Self(repeating: Scalar(Scalar.bitWidth &- 1))
    return switch (isSingle, MemoryLayout<Self>.size) {
    case (true, 64): made(Builtin.shl_Vec16xInt32(a.made(), b.made()))
    case (false, 64): made(Builtin.shl_Vec8xInt64(a.made(), b.made()))
    case (true, 32): made(Builtin.shl_Vec8xInt32(a.made(), b.made()))
    case (false, 32): made(Builtin.shl_Vec4xInt64(a.made(), b.made()))
    case (true, _): made(Builtin.shl_Vec4xInt32(a.made(), b.made()))
    case (false, _): made(Builtin.shl_Vec2xInt64(a.made(), b.made()))
    }
  }

  @inlinable @inline(__always)
  public static func &>> (a: Self, b: Self) -> Self {
    let b = b & Self(repeating: Scalar(Scalar.bitWidth &- 1))
    return switch (isSingle, MemoryLayout<Self>.size) {
    case (true, 64): made(Builtin.ashr_Vec16xInt32(a.made(), b.made()))
    case (false, 64): made(Builtin.ashr_Vec8xInt64(a.made(), b.made()))
    case (true, 32): made(Builtin.ashr_Vec8xInt32(a.made(), b.made()))
    case (false, 32): made(Builtin.ashr_Vec4xInt64(a.made(), b.made()))
    case (true, _): made(Builtin.ashr_Vec4xInt32(a.made(), b.made()))
    case (false, _): made(Builtin.ashr_Vec2xInt64(a.made(), b.made()))
    }
  }
}

extension SIMD {
  /// The same bytes as another type, of the same size.
  @inlinable @inline(__always)
  func made<Other>() -> Other { unsafeBitCast(self, to: Other.self) }

  @inlinable @inline(__always)
  static func made<Other>(_ value: Other) -> Self { unsafeBitCast(value, to: Self.self) }
}
