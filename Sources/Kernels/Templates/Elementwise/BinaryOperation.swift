/// The functions of two numbers that every kernel table has.
public enum BinaryOperation: UInt8, CaseIterable, Sendable {
  case addition, subtraction, multiplication, division, power, minimum, maximum
  /// x y (1 − y): the cotangent of u in y = σ(u), where x is the cotangent of y.
  case sigmoidSlope
  /// x (1 − y²): the cotangent of u in y = tanh u, where x is the cotangent of y.
  case tanhSlope
}

/// An operand of a kernel over rows: the address of its first row, the row pitch in bytes, and the step between elements, which
/// is 1, or 0 for rows that repeat one number.
public struct OperandRows {
  public var start: UnsafeRawPointer
  public var step: Int
  public var pitch: Int

  @inlinable @inline(__always)
  public init(_ start: UnsafeRawPointer, _ step: Int, pitch: Int = 0) {
    self.start = start
    self.step = step
    self.pitch = pitch
  }
}

/// out[i] ← f(x[i · dx], y[i · dy]) for rows of n elements, dx and dy 0 or 1. A row of out is contiguous and may be a row of an
/// operand with step 1.
public struct BinaryKernel: Sendable {
  public let runRows:
    @Sendable (
      _ x: OperandRows, _ y: OperandRows, _ out: UnsafeMutableRawPointer, _ outPitch: Int, _ rows: Int, _ n: Int
    ) -> Void

  /// One row.
  @inlinable @inline(__always)
  public func run(
    _ x: UnsafeRawPointer, _ dx: Int, _ y: UnsafeRawPointer, _ dy: Int, _ out: UnsafeMutableRawPointer, _ n: Int
  ) {
    runRows(OperandRows(x, dx), OperandRows(y, dy), out, 0, 1, n)
  }

  @inlinable @inline(__always)
  init<V: Vector, F: BinaryFunction>(_ vector: V.Type, _ function: F.Type) {
    runRows = { x, y, out, outPitch, rows, n in
      var (a, b, out, row) = (x.start, y.start, out, 0)
      while row < rows {
        binaryLoop(
          V.self, F.self, a.assumingMemoryBound(to: V.Scalar.self), x.step, b.assumingMemoryBound(to: V.Scalar.self), y.step,
          out.assumingMemoryBound(to: V.Scalar.self), n)
        a += x.pitch
        b += y.pitch
        out += outPitch
        row &+= 1
      }
    }
  }

  /// Powers are seldom met, and the longest function of all: see `UnaryKernel`.
  @inlinable @inline(__always)
  init<V: Vector>(_ vector: V.Type, _ operation: BinaryOperation, rare: (BinaryOperation) -> BinaryKernel) {
    switch operation {
    case .addition: self.init(vector, Addition.self)
    case .subtraction: self.init(vector, Subtraction.self)
    case .multiplication: self.init(vector, Multiplication.self)
    case .division: self.init(vector, Division.self)
    case .power: self = rare(operation)
    case .minimum: self.init(vector, Minimum.self)
    case .maximum: self.init(vector, Maximum.self)
    case .sigmoidSlope: self.init(vector, SigmoidSlope.self)
    case .tanhSlope: self.init(vector, TangentSlope.self)
    }
  }
}

/// The functions of three numbers that every kernel table has.
public enum TernaryOperation: UInt8, CaseIterable, Sendable {
  /// x y + z, rounded once where the vector width has a fused multiply-add.
  case multiplyAdd
  /// x y z (1 − z): the cotangent of u in z = σ(u), where x y is the cotangent of z.
  case sigmoidSlope
  /// x y (1 − z²): the cotangent of u in z = tanh u, where x y is the cotangent of z.
  case tanhSlope
  /// (x − y) z: a row x with mean y and standard deviation 1/z, normalised to mean 0 and deviation 1.
  case deviation
}

/// out[i] ← f(x[i · dx], y[i · dy], z[i · dz]) for rows of n elements, the steps 0 or 1. A row of out is contiguous and may be
/// a row of an operand with step 1.
public struct TernaryKernel: Sendable {
  public let runRows:
    @Sendable (
      _ x: OperandRows, _ y: OperandRows, _ z: OperandRows, _ out: UnsafeMutableRawPointer, _ outPitch: Int, _ rows: Int,
      _ n: Int
    ) -> Void

  @inlinable @inline(__always)
  init<V: Vector, F: TernaryFunction>(_ vector: V.Type, _ function: F.Type) {
    runRows = { x, y, z, out, outPitch, rows, n in
      var (a, b, c, out, row) = (x.start, y.start, z.start, out, 0)
      while row < rows {
        ternaryLoop(
          V.self, F.self, a.assumingMemoryBound(to: V.Scalar.self), x.step, b.assumingMemoryBound(to: V.Scalar.self), y.step,
          c.assumingMemoryBound(to: V.Scalar.self), z.step, out.assumingMemoryBound(to: V.Scalar.self), n)
        a += x.pitch
        b += y.pitch
        c += z.pitch
        out += outPitch
        row &+= 1
      }
    }
  }

  @inlinable @inline(__always)
  init<V: Vector>(_ vector: V.Type, _ operation: TernaryOperation) {
    switch operation {
    case .multiplyAdd: self.init(vector, MultiplyAdd.self)
    case .sigmoidSlope: self.init(vector, ProductSigmoidSlope.self)
    case .tanhSlope: self.init(vector, ProductTangentSlope.self)
    case .deviation: self.init(vector, Deviation.self)
    }
  }
}

/// out[i] ← f(x[i · dx], y[i · dy]) for n elements, dx and dy 0 or 1; out may be an operand with step 1.
///
/// A repeated number (step 0) is broadcast into a vector on the stack, which every iteration reads again: one loop serves all
/// cases.
@inlinable @inline(__always)
func binaryLoop<V: Vector, F: BinaryFunction>(
  _: V.Type, _: F.Type, _ x: UnsafePointer<V.Scalar>, _ dx: Int, _ y: UnsafePointer<V.Scalar>, _ dy: Int,
  _ out: UnsafeMutablePointer<V.Scalar>, _ n: Int
) {
  if n <= 0 { return }
  withOperand(V.self, x, dx, n) { x, lastX in
    withOperand(V.self, y, dy, n) { y, lastY in
      var i = 0
      while true {
        let ends = i &+ V.scalarCount >= n
        let result = F.apply(ends ? lastX : V.load(x + i &* dx), ends ? lastY : V.load(y + i &* dy))
        if ends {
          result.store(ending: out, n)
          return
        }
        result.store(out + i)
        i &+= V.scalarCount
      }
    }
  }
}

/// out[i] ← f(x[i · dx], y[i · dy], z[i · dz]) for n elements, the steps 0 or 1; out may be an operand with step 1.
@inlinable @inline(__always)
func ternaryLoop<V: Vector, F: TernaryFunction>(
  _: V.Type, _: F.Type, _ x: UnsafePointer<V.Scalar>, _ dx: Int, _ y: UnsafePointer<V.Scalar>, _ dy: Int,
  _ z: UnsafePointer<V.Scalar>, _ dz: Int, _ out: UnsafeMutablePointer<V.Scalar>, _ n: Int
) {
  if n <= 0 { return }
  withOperand(V.self, x, dx, n) { x, lastX in
    withOperand(V.self, y, dy, n) { y, lastY in
      withOperand(V.self, z, dz, n) { z, lastZ in
        var i = 0
        while i &+ V.scalarCount < n {
          F.apply(V.load(x + i &* dx), V.load(y + i &* dy), V.load(z + i &* dz)).store(out + i)
          i &+= V.scalarCount
        }
        F.apply(lastX, lastY, lastZ).store(ending: out, n)
      }
    }
  }
}

/// Calls `body` with an address from which vectors can be read at any multiple of the step, and with the operand's last vector.
@inlinable @inline(__always)
func withOperand<V: Vector>(
  _: V.Type, _ x: UnsafePointer<V.Scalar>, _ step: Int, _ n: Int, _ body: (UnsafePointer<V.Scalar>, V) -> Void
) {
  let last = step == 0 ? V(repeating: x[0]) : V.load(ending: x, n)
  withUnsafeBytes(of: last) { bytes in
    body(step == 0 ? bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: V.Scalar.self) : x, last)
  }
}
