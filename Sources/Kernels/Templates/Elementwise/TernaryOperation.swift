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
