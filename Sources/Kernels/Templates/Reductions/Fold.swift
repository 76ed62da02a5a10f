/// A reduction: it maps each element and combines the results in any grouping.
///
/// `parameter` belongs to the result that an element contributes to: the centre of a variance, the scale of a norm.
public protocol Fold: SendableMetatype {
  /// The neutral element of `combine`, and the result of a reduction without elements.
  static var identity: Double { get }
  static func map<V: Vector>(_ x: V, _ parameter: V) -> V
  static func combine<V: Vector>(_ a: V, _ b: V) -> V
  static func combine<S: KernelScalar>(scalars a: S, _ b: S) -> S
}

extension Fold {
  @inlinable @inline(__always)
  public static func map<V: Vector>(_ x: V, _ parameter: V) -> V { x }
}

/// A fold that adds.
public protocol Additive: Fold {}

extension Additive {
  @inlinable @inline(__always)
  public static var identity: Double { 0 }
  @inlinable @inline(__always)
  public static func combine<V: Vector>(_ a: V, _ b: V) -> V { a + b }
  @inlinable @inline(__always)
  public static func combine<S: KernelScalar>(scalars a: S, _ b: S) -> S { a + b }
}

/// Σ x
public enum Sum: Additive {}

/// Σ |x|
public enum SumOfMagnitudes: Additive {
  @inlinable @inline(__always)
  public static func map<V: Vector>(_ x: V, _ parameter: V) -> V { x.magnitude }
}

/// Σ (p·x)²
public enum SumOfScaledSquares: Additive {
  @inlinable @inline(__always)
  public static func map<V: Vector>(_ x: V, _ parameter: V) -> V {
    let scaled = x * parameter
    return scaled * scaled
  }
}

/// Σ (x − p)²
public enum SumOfSquaredDeviations: Additive {
  @inlinable @inline(__always)
  public static func map<V: Vector>(_ x: V, _ parameter: V) -> V {
    let deviation = x - parameter
    return deviation * deviation
  }
}

/// Π x
public enum ProductOfAll: Fold {
  @inlinable @inline(__always)
  public static var identity: Double { 1 }
  @inlinable @inline(__always)
  public static func combine<V: Vector>(_ a: V, _ b: V) -> V { a * b }
  @inlinable @inline(__always)
  public static func combine<S: KernelScalar>(scalars a: S, _ b: S) -> S { a * b }
}

/// The largest element; NaN if any element is NaN.
public enum Largest: Fold {
  @inlinable @inline(__always)
  public static var identity: Double { -.infinity }
  @inlinable @inline(__always)
  public static func combine<V: Vector>(_ a: V, _ b: V) -> V {
    // `Maximum.apply` keeps masks as integers, which LLVM splits into lanes when a loop carries them.
    a.replacing(with: V.higher(a, b), where: V.equal(a, a))
  }
  @inlinable @inline(__always)
  public static func combine<S: KernelScalar>(scalars a: S, _ b: S) -> S { a > b || a != a ? a : b }
}

/// The largest magnitude; NaN if any element is NaN.
public enum LargestMagnitude: Fold {
  @inlinable @inline(__always)
  public static var identity: Double { 0 }
  @inlinable @inline(__always)
  public static func map<V: Vector>(_ x: V, _ parameter: V) -> V { x.magnitude }
  @inlinable @inline(__always)
  public static func combine<V: Vector>(_ a: V, _ b: V) -> V { Largest.combine(a, b) }
  @inlinable @inline(__always)
  public static func combine<S: KernelScalar>(scalars a: S, _ b: S) -> S { Largest.combine(scalars: a, b) }
}

/// The smallest element; NaN if any element is NaN.
public enum Smallest: Fold {
  @inlinable @inline(__always)
  public static var identity: Double { .infinity }
  @inlinable @inline(__always)
  public static func combine<V: Vector>(_ a: V, _ b: V) -> V {
    // `Minimum.apply` keeps masks as integers, which LLVM splits into lanes when a loop carries them.
    a.replacing(with: V.lower(a, b), where: V.equal(a, a))
  }
  @inlinable @inline(__always)
  public static func combine<S: KernelScalar>(scalars a: S, _ b: S) -> S { a < b || a != a ? a : b }
}

/// Copies fewer elements than a vector has lanes, in pieces of 8, 4, 2 and 1.
@inlinable @inline(__always)
func copyLanes<S: KernelScalar>(_ x: UnsafePointer<S>, _ y: UnsafeMutablePointer<S>, _ count: Int) {
  var i = 0
  if count & 8 != 0 {
    SIMD8<S>.load(x).store(y)
    i = 8
  }
  if count & 4 != 0 {
    SIMD4<S>.load(x + i).store(y + i)
    i &+= 4
  }
  if count & 2 != 0 {
    SIMD2<S>.load(x + i).store(y + i)
    i &+= 2
  }
  if count & 1 != 0 { y[i] = x[i] }
}

/// The first `count` lanes from memory, the others from another vector.
@inlinable @inline(__always)
func partialLoad<V: Vector>(_ x: UnsafePointer<V.Scalar>, _ count: Int, _ others: V) -> V {
  var result = others
  withUnsafeMutableBytes(of: &result) { lanes in
    copyLanes(x, lanes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: V.Scalar.self), count)
  }
  return result
}

/// The first `count` lanes from memory, the others zero.
@inlinable @inline(__always)
func partialLoad<V: Vector>(_: V.Type, _ x: UnsafePointer<V.Scalar>, _ count: Int) -> V { partialLoad(x, count, V()) }

/// Writes the first `count` lanes.
@inlinable @inline(__always)
func partialStore<V: Vector>(_ vector: V, _ y: UnsafeMutablePointer<V.Scalar>, _ count: Int) {
  withUnsafeBytes(of: vector) { lanes in
    copyLanes(lanes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: V.Scalar.self), y, count)
  }
}

/// The first `count` lanes of one vector, the others of another.
@inlinable @inline(__always)
func keepingLanes<V: Vector>(_ vector: V, _ count: Int, _ others: V) -> V {
  withUnsafeBytes(of: vector) { lanes in
    partialLoad(lanes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: V.Scalar.self), count, others)
  }
}

/// All lanes combined, half with half. After specialisation one branch remains.
@inlinable @inline(__always)
func foldLanes<F: Fold, V: Vector>(_: F.Type, _ vector: V) -> V.Scalar {
  if V.scalarCount == 16 { return foldSixteen(F.self, vector.cast(SIMD16<V.Scalar>.self)) }
  if V.scalarCount == 8 { return foldEight(F.self, vector.cast(SIMD8<V.Scalar>.self)) }
  if V.scalarCount == 4 { return foldFour(F.self, vector.cast(SIMD4<V.Scalar>.self)) }
  return F.combine(scalars: vector[0], vector[1])
}

@inlinable @inline(__always)
func foldSixteen<F: Fold, S: KernelScalar>(_: F.Type, _ v: SIMD16<S>) -> S {
  foldEight(F.self, F.combine(v.lowHalf, v.highHalf))
}

@inlinable @inline(__always)
func foldEight<F: Fold, S: KernelScalar>(_: F.Type, _ v: SIMD8<S>) -> S {
  foldFour(F.self, F.combine(v.lowHalf, v.highHalf))
}

@inlinable @inline(__always)
func foldFour<F: Fold, S: KernelScalar>(_: F.Type, _ v: SIMD4<S>) -> S {
  F.combine(scalars: F.combine(scalars: v[0], v[2]), F.combine(scalars: v[1], v[3]))
}

/// y[i] ← √y[i] / scale[i].
@inlinable @inline(__always)
func takeRoots<S: KernelScalar>(_ y: UnsafeMutablePointer<S>, _ scales: UnsafePointer<S>?, _ count: Int) {
  for i in 0..<count {
    let root = y[i].squareRoot()
    y[i] = scales.map { root / $0[i] } ?? root
  }
}

/// Replaces a magnitude by the power of two that scales it to about one, so that the squares of numbers up to that magnitude
/// neither overflow nor all vanish; 1 for zero, infinity and NaN.
@inlinable @inline(__always)
func takeScales<S: KernelScalar>(_ y: UnsafeMutablePointer<S>, _ count: Int) {
  for i in 0..<count {
    let magnitude = y[i]
    if magnitude > 0 && magnitude < S.infinity {
      // The scale of a subnormal is limited by the largest finite power of two.
      let exponent = max(magnitude.exponent, S.leastNormalMagnitude.exponent)
      y[i] = S(sign: .plus, exponent: 0 - exponent, significand: 1)
    } else {
      y[i] = 1
    }
  }
}
