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
