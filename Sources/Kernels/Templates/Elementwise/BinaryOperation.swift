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
