/// The functions of two numbers that every kernel table has.
public enum BinaryOperation: UInt8, CaseIterable, Sendable {
  case addition, subtraction, multiplication, division, power, minimum, maximum
  /// x y (1 − y): a cotangent x behind y = σ.
  case sigmoidSlope
  /// x (1 − y²): a cotangent x behind y = tanh.
  case tanhSlope
}

/// out[i] ← f(x[i · dx], y[i · dy]) for n elements, dx and dy 0 or 1. out is contiguous and may be an operand whose step is 1.
public struct BinaryKernel: Sendable {
  public let run:
    @Sendable (
      _ x: UnsafeRawPointer, _ dx: Int, _ y: UnsafeRawPointer, _ dy: Int, _ out: UnsafeMutableRawPointer, _ n: Int
    ) -> Void

  @inlinable @inline(__always)
  init<V: Vector, F: BinaryFunction>(_ vector: V.Type, _ function: F.Type) {
    run = { x, dx, y, dy, out, n in
      binaryLoop(
        V.self, F.self, x.assumingMemoryBound(to: V.Scalar.self), dx, y.assumingMemoryBound(to: V.Scalar.self), dy,
        out.assumingMemoryBound(to: V.Scalar.self), n)
    }
  }

  @inlinable @inline(__always)
  init<V: Vector>(_ vector: V.Type, _ operation: BinaryOperation) {
    switch operation {
    case .addition: self.init(vector, Addition.self)
    case .subtraction: self.init(vector, Subtraction.self)
    case .multiplication: self.init(vector, Multiplication.self)
    case .division: self.init(vector, Division.self)
    case .power: self.init(vector, Power.self)
    case .minimum: self.init(vector, Minimum.self)
    case .maximum: self.init(vector, Maximum.self)
    case .sigmoidSlope: self.init(vector, SigmoidSlope.self)
    case .tanhSlope: self.init(vector, TangentSlope.self)
    }
  }
}
