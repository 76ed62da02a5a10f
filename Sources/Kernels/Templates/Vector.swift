/// An element type of kernels: `Float` or `Double`.
public protocol KernelScalar: BinaryFloatingPoint, SIMDScalar, Sendable, SendableMetatype, Decodable, Encodable
where SIMDMaskScalar: LaneBits {}

extension Float: KernelScalar {}
extension Double: KernelScalar {}

/// A SIMD vector as wide as one instruction. Kernels are generic over it, and a kernel table is their instantiation at one
/// width: `SIMD4<Float>` and `SIMD2<Double>` on any machine, twice that for AVX2, four times for AVX-512.
///
/// `replacing(with:where:)` is the standard library's and compiles to one instruction. Operations that do not (arithmetic, bits, comparisons,
/// extrema, conversions between numbers and integers) are defined here.
public protocol Vector: SIMD, Sendable, SendableMetatype where Scalar: KernelScalar, MaskStorage: BitVector {
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self

  /// a · b + c, rounded once: an instruction where the width `fuses`, and a library call for each lane elsewhere.
  static func fused(_ a: Self, _ b: Self, _ c: Self) -> Self

  /// The square root of every lane.
  func squareRoot() -> Self

  /// Lanes where a < b; false where either is NaN.
  static func less(_ a: Self, _ b: Self) -> SIMDMask<MaskStorage>

  /// Lanes where a ≤ b; false where either is NaN.
  static func lessOrEqual(_ a: Self, _ b: Self) -> SIMDMask<MaskStorage>

  /// Lanes where a = b; false where either is NaN.
  static func equal(_ a: Self, _ b: Self) -> SIMDMask<MaskStorage>
}

extension Vector {
  /// The same lanes as signed integers of the same size.
  public typealias Bits = MaskStorage

  @inlinable @inline(__always)
  public static func load(_ p: UnsafePointer<Scalar>) -> Self {
    UnsafeRawPointer(p).loadUnaligned(as: Self.self)
  }

  @inlinable @inline(__always)
  public func store(_ p: UnsafeMutablePointer<Scalar>) {
    UnsafeMutableRawPointer(p).storeBytes(of: self, as: Self.self)
  }

  /// Whether `multiplied(by:adding:)` rounds once: on x86-64 the baseline width has no fused instruction.
  @inlinable @inline(__always)
  public static var fuses: Bool {
    #if arch(x86_64)
      Self.self != SIMD4<Float>.self && Self.self != SIMD2<Double>.self
    #else
      true
    #endif
  }

  /// self · b + c, rounded once where `fuses`.
  @inlinable @inline(__always)
  public func multiplied(by b: Self, adding c: Self) -> Self {
    Self.fuses ? Self.fused(self, b, c) : self * b + c
  }

  @inlinable @inline(__always)
  public var bits: Bits { unsafeBitCast(self, to: Bits.self) }

  @inlinable @inline(__always)
  public init(bits: Bits) { self = unsafeBitCast(bits, to: Self.self) }
}
