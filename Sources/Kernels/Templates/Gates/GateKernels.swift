/// The elementwise part of one recurrent step, fused, at one width; arrays are rows of `hidden` features side by side.
public struct GateKernels: Sendable {
  /// Activates the gates i, f, g, o of `rows` rows in place, and computes the memory and the output after them.
  public let lstmForward:
    @Sendable (
      _ gates: UnsafeMutableRawPointer, _ cellBefore: UnsafeRawPointer, _ cell: UnsafeMutableRawPointer,
      _ output: UnsafeMutableRawPointer, _ rows: Int, _ hidden: Int
    ) -> Void

  /// The cotangents of the gates before activation, and that of the memory before in place of that after, for the step's activated
  /// gates; the output's cotangent comes in two parts, from above and from the next step.
  public let lstmBackward:
    @Sendable (
      _ gates: UnsafeRawPointer, _ cellBefore: UnsafeRawPointer, _ cell: UnsafeRawPointer, _ above: UnsafeRawPointer,
      _ next: UnsafeRawPointer, _ byCell: UnsafeMutableRawPointer, _ byGates: UnsafeMutableRawPointer, _ rows: Int,
      _ hidden: Int
    ) -> Void

  @inlinable @inline(__always)
  public init<V: Vector>(_: V.Type) {
    lstmForward = { gates, cellBefore, cell, output, rows, hidden in
      lstmRows(
        V.self, gates.assumingMemoryBound(to: V.Scalar.self), cellBefore.assumingMemoryBound(to: V.Scalar.self),
        cell.assumingMemoryBound(to: V.Scalar.self), output.assumingMemoryBound(to: V.Scalar.self), rows, hidden)
    }
    lstmBackward = { gates, cellBefore, cell, above, next, byCell, byGates, rows, hidden in
      lstmRowsBackward(
        V.self, gates.assumingMemoryBound(to: V.Scalar.self), cellBefore.assumingMemoryBound(to: V.Scalar.self),
        cell.assumingMemoryBound(to: V.Scalar.self), above.assumingMemoryBound(to: V.Scalar.self),
        next.assumingMemoryBound(to: V.Scalar.self), byCell.assumingMemoryBound(to: V.Scalar.self),
        byGates.assumingMemoryBound(to: V.Scalar.self), rows, hidden)
    }
  }
}

extension Vector {
  /// The first n ≤ scalarCount elements; the other lanes are zero.
  @inlinable @inline(__always)
  static func load(_ x: UnsafePointer<Scalar>, first n: Int) -> Self {
    if n == scalarCount { return load(x) }
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

  /// Stores the first n ≤ scalarCount lanes.
  @inlinable @inline(__always)
  func store(_ y: UnsafeMutablePointer<Scalar>, first n: Int) {
    if n == Self.scalarCount { return store(y) }
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
