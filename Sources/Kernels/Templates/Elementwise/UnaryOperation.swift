/// The functions of one number that every kernel table has. `a` and `b` are the parameters of functions that take some.
public enum UnaryOperation: UInt8, CaseIterable, Sendable {
  case negation, magnitude, sign, square, squareRoot, reciprocalSquareRoot, reciprocal
  case exp, exp2, expMinusOne, log, log2, logOnePlus
  case sin, cos, tan, arcsin, arccos, arctan
  case sinh, cosh, tanh, arsinh, arcosh, artanh
  case erf, erfc
  case sigmoid, logSigmoid, softplus, relu, selu, gelu, geluByTanh, silu, mish, softsign, hardSigmoid
  case floor, ceiling, rounded, truncated
  /// x clamped to a…b.
  case clipped
  /// 1 above a, b elsewhere.
  case step
  /// Slope a below 0.
  case leakyRelu
  /// a (eˣ − 1) below 0.
  case elu
  /// ln(1 + eᵃˣ) / a.
  case scaledSoftplus
}

/// y[i] ← f(x[i]; a, b) for rows of n contiguous elements; y may be x. Functions without parameters ignore a and b.
public struct UnaryKernel: Sendable {
  /// Rows lie `xPitch` and `yPitch` bytes apart.
  public let runRows:
    @Sendable (
      _ x: UnsafeRawPointer, _ xPitch: Int, _ y: UnsafeMutableRawPointer, _ yPitch: Int, _ rows: Int, _ n: Int, _ a: Double,
      _ b: Double
    ) -> Void

  /// One row.
  @inlinable @inline(__always)
  public func run(_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ n: Int, _ a: Double, _ b: Double) {
    runRows(x, 0, y, 0, 1, n, a, b)
  }

  @inlinable @inline(__always)
  init<V: Vector, F: ParametricFunction>(_ vector: V.Type, _ function: F.Type) {
    runRows = { x, xPitch, y, yPitch, rows, n, a, b in
      var (x, y, row) = (x, y, 0)
      while row < rows {
        unaryLoop(V.self, F.self, x.assumingMemoryBound(to: V.Scalar.self), y.assumingMemoryBound(to: V.Scalar.self), n, a, b)
        x += xPitch
        y += yPitch
        row &+= 1
      }
    }
  }

  /// The kernel of a block function. The symbol of its closure names V, which keeps the linker from sharing it with other
  /// widths.
  @inlinable @inline(__always)
  init<V: Vector, F: BlockFunction>(_ vector: V.Type, blocks function: F.Type) {
    runRows = { x, xPitch, y, yPitch, rows, n, _, _ in
      blockLoop(
        F.self, x.assumingMemoryBound(to: F.Block.Scalar.self), xPitch, y.assumingMemoryBound(to: F.Block.Scalar.self), yPitch,
        rows, n)
    }
  }

  /// The kernel of a function in which training spends time. A function seldom met is as wide as in another table: to compile one
  /// function takes about as long as to compile a target of plain code, and it would be done once for each table.
  @inlinable @inline(__always)
  init<V: Vector>(_ vector: V.Type, _ operation: UnaryOperation, rare: (UnaryOperation) -> UnaryKernel) {
    switch operation {
    case .negation: self.init(vector, Negation.self)
    case .magnitude: self.init(vector, Magnitude.self)
    case .sign: self.init(vector, Signum.self)
    case .square: self.init(vector, Square.self)
    case .squareRoot: self.init(vector, SquareRoot.self)
    case .reciprocalSquareRoot: self.init(vector, ReciprocalSquareRoot.self)
    case .reciprocal: self.init(vector, Reciprocal.self)
    case .exp: self.init(vector, Exponential.self)
    case .log: self.init(vector, Logarithm.self)
    case .sin: self.init(vector, Sine.self)
    case .cos: self.init(vector, Cosine.self)
    case .tanh where V.self == TabulatedTangent.Block.self: self.init(vector, blocks: TabulatedTangent.self)
    case .tanh: self.init(vector, HyperbolicTangent.self)
    case .sigmoid: self.init(vector, Sigmoid.self)
    case .logSigmoid: self.init(vector, LogarithmOfSigmoid.self)
    case .softplus: self.init(vector, Softplus.self)
    case .relu: self.init(vector, Rectifier.self)
    case .gelu: self.init(vector, GaussianUnit.self)
    case .geluByTanh: self.init(vector, GaussianUnitByTanh.self)
    case .silu: self.init(vector, SigmoidUnit.self)
    case .softsign: self.init(vector, Softsign.self)
    case .hardSigmoid: self.init(vector, HardSigmoid.self)
    case .floor: self.init(vector, Floor.self)
    case .ceiling: self.init(vector, Ceiling.self)
    case .rounded: self.init(vector, Rounding.self)
    case .truncated: self.init(vector, Truncation.self)
    case .clipped: self.init(vector, Clip.self)
    case .step: self.init(vector, Step.self)
    case .leakyRelu: self.init(vector, LeakyRectifier.self)
    case .elu: self.init(vector, ExponentialUnit.self)
    default: self = rare(operation)
    }
  }

  @inlinable @inline(__always)
  init<V: Vector>(_ vector: V.Type, rare operation: UnaryOperation) {
    switch operation {
    case .exp2: self.init(vector, Exponential2.self)
    case .expMinusOne: self.init(vector, ExponentialMinusOne.self)
    case .log2: self.init(vector, Logarithm2.self)
    case .logOnePlus: self.init(vector, LogarithmOnePlus.self)
    case .tan: self.init(vector, Tangent.self)
    case .arcsin: self.init(vector, InverseSine.self)
    case .arccos: self.init(vector, InverseCosine.self)
    case .arctan: self.init(vector, InverseTangent.self)
    case .sinh: self.init(vector, HyperbolicSine.self)
    case .cosh: self.init(vector, HyperbolicCosine.self)
    case .arsinh: self.init(vector, InverseHyperbolicSine.self)
    case .arcosh: self.init(vector, InverseHyperbolicCosine.self)
    case .artanh: self.init(vector, InverseHyperbolicTangent.self)
    case .erf: self.init(vector, ErrorFunction.self)
    case .erfc: self.init(vector, ComplementaryErrorFunction.self)
    case .selu: self.init(vector, ScaledExponentialUnit.self)
    case .mish: self.init(vector, Mish.self)
    case .scaledSoftplus: self.init(vector, ScaledSoftplus.self)
    default: fatalError("a function that every table has")
    }
  }
}

/// y[i] ← f(x[i]) for n elements; y may be x.
///
/// The last vector overlaps the one before it instead of reading past the end. It is loaded first, so that an in-place call
/// never applies the function twice. The function appears in the loop once, because compiling it dominates the build time.
@inlinable @inline(__always)
func unaryLoop<V: Vector, F: ParametricFunction>(
  _: V.Type, _: F.Type, _ x: UnsafePointer<V.Scalar>, _ y: UnsafeMutablePointer<V.Scalar>, _ n: Int, _ a: Double,
  _ b: Double
) {
  if n <= 0 { return }
  let (a, b) = (V.number(a), V.number(b))
  let last = V.load(ending: x, n)
  var i = 0
  while true {
    let ends = i &+ V.scalarCount >= n
    let result = F.apply(ends ? last : V.load(x + i), a, b)
    if ends {
      result.store(ending: y, n)
      return
    }
    result.store(y + i)
    i &+= V.scalarCount
  }
}

extension Vector {
  /// The last vector of n > 0 elements: whole where n is at least its width, else all elements, padded with zeros.
  @inlinable @inline(__always)
  static func load(ending x: UnsafePointer<Scalar>, _ n: Int) -> Self {
    if n >= scalarCount { return load(x + (n &- scalarCount)) }
    var vector = Self.zero
    withUnsafeMutableBytes(of: &vector) { bytes in
      let lanes = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Scalar.self)
      var i = 0
      while i < n {
        lanes[i] = x[i]
        i &+= 1
      }
    }
    return vector
  }

  /// Stores a vector to the elements that `load(ending:)` reads.
  @inlinable @inline(__always)
  func store(ending y: UnsafeMutablePointer<Scalar>, _ n: Int) {
    if n >= Self.scalarCount {
      store(y + (n &- Self.scalarCount))
      return
    }
    withUnsafeBytes(of: self) { bytes in
      let lanes = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Scalar.self)
      var i = 0
      while i < n {
        y[i] = lanes[i]
        i &+= 1
      }
    }
  }
}
