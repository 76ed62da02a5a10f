/// How two scaled numbers are combined in one pass over memory: the form of moving averages and of optimizers' steps.
public struct CombinationOperation: Hashable, Sendable {
  public enum Joint: UInt8, CaseIterable, Sendable {
    case sum
    /// A sum that is flushed to 0 where it is subnormal. Arithmetic on subnormal numbers is slow, and a decaying average would
    /// stay there for ever, since a subnormal number times 0.9 rounds to itself.
    case fadingSum
    case quotient
  }

  public var joint: Joint
  /// Whether the first number is replaced by its square root before it is scaled.
  public var takesRoot: Bool
  /// Whether the second number is squared before it is scaled.
  public var takesSquare: Bool

  public init(_ joint: Joint, takesRoot: Bool = false, takesSquare: Bool = false) {
    self.joint = joint
    self.takesRoot = takesRoot
    self.takesSquare = takesSquare
  }
}

/// out[i] ← f(x[i · dx]) · a ∘ g(y[i · dy]) · b for n elements, dx and dy 0 or 1; out is contiguous and may be an operand with
/// step 1. Every operation rounds by itself on every machine: the bits equal those of separate operations.
public struct CombinationKernel: Sendable {
  public let run:
    @Sendable (
      _ x: UnsafeRawPointer, _ dx: Int, _ a: UnsafeRawPointer, _ y: UnsafeRawPointer, _ dy: Int, _ b: UnsafeRawPointer,
      _ out: UnsafeMutableRawPointer, _ n: Int
    ) -> Void

  @inlinable @inline(__always)
  init<V: Vector, F: BinaryFunction, X: UnaryFunction, Y: UnaryFunction>(_ vector: V.Type, _: F.Type, _: X.Type, _: Y.Type) {
    run = { x, dx, a, y, dy, b, out, n in
      combinationLoop(
        V.self, F.self, X.self, Y.self, x.assumingMemoryBound(to: V.Scalar.self), dx, a.load(as: V.Scalar.self),
        y.assumingMemoryBound(to: V.Scalar.self), dy, b.load(as: V.Scalar.self), out.assumingMemoryBound(to: V.Scalar.self), n)
    }
  }

  @inlinable @inline(__always)
  init<V: Vector, F: BinaryFunction>(_ vector: V.Type, _ joint: F.Type, _ operation: CombinationOperation) {
    switch (operation.takesRoot, operation.takesSquare) {
    case (false, false): self.init(vector, joint, Unchanged.self, Unchanged.self)
    case (false, true): self.init(vector, joint, Unchanged.self, Square.self)
    case (true, false): self.init(vector, joint, SquareRoot.self, Unchanged.self)
    case (true, true): self.init(vector, joint, SquareRoot.self, Square.self)
    }
  }

  @inlinable @inline(__always)
  init<V: Vector>(_ vector: V.Type, _ operation: CombinationOperation) {
    switch operation.joint {
    case .sum: self.init(vector, Addition.self, operation)
    case .fadingSum: self.init(vector, FadingAddition.self, operation)
    case .quotient: self.init(vector, Division.self, operation)
    }
  }
}

@inlinable @inline(__always)
func combinationLoop<V: Vector, F: BinaryFunction, X: UnaryFunction, Y: UnaryFunction>(
  _: V.Type, _: F.Type, _: X.Type, _: Y.Type, _ x: UnsafePointer<V.Scalar>, _ dx: Int, _ a: V.Scalar,
  _ y: UnsafePointer<V.Scalar>, _ dy: Int, _ b: V.Scalar, _ out: UnsafeMutablePointer<V.Scalar>, _ n: Int
) {
  if n <= 0 { return }
  let (a, b) = (V(repeating: a), V(repeating: b))
  withOperand(V.self, x, dx, n) { x, lastX in
    withOperand(V.self, y, dy, n) { y, lastY in
      var i = 0
      while i &+ V.scalarCount < n {
        F.apply(X.apply(V.load(x + i &* dx)) * a, Y.apply(V.load(y + i &* dy)) * b).store(out + i)
        i &+= V.scalarCount
      }
      F.apply(X.apply(lastX) * a, Y.apply(lastY) * b).store(ending: out, n)
    }
  }
}

/// x itself.
public enum Unchanged: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { x }
}

/// x + y, or 0 where the sum is subnormal.
public enum FadingAddition: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V {
    let sum = x + y
    return V.choose(V.less(sum.magnitude, V(repeating: V.Scalar.leastNormalMagnitude)), V.zero, sum)
  }
}

/// out[i] ← z[i] · c − x[i] · a / (f(y[i]) · b + e) · d for n elements, f being the square root or the identity: an optimizer's
/// step along a direction divided by its size. out may be any operand; every operation rounds by itself.
public struct QuotientStepKernel: Sendable {
  public let run:
    @Sendable (
      _ z: UnsafeRawPointer, _ c: UnsafeRawPointer, _ x: UnsafeRawPointer, _ a: UnsafeRawPointer, _ y: UnsafeRawPointer,
      _ b: UnsafeRawPointer, _ e: UnsafeRawPointer, _ d: UnsafeRawPointer, _ out: UnsafeMutableRawPointer, _ n: Int
    ) -> Void

  @inlinable @inline(__always)
  init<V: Vector, F: UnaryFunction>(_: V.Type, _: F.Type) {
    run = { z, c, x, a, y, b, e, d, out, n in
      if n <= 0 { return }
      let (z, x) = (z.assumingMemoryBound(to: V.Scalar.self), x.assumingMemoryBound(to: V.Scalar.self))
      let (y, out) = (y.assumingMemoryBound(to: V.Scalar.self), out.assumingMemoryBound(to: V.Scalar.self))
      let (a, b) = (V(repeating: a.load(as: V.Scalar.self)), V(repeating: b.load(as: V.Scalar.self)))
      let (c, d) = (V(repeating: c.load(as: V.Scalar.self)), V(repeating: d.load(as: V.Scalar.self)))
      let e = V(repeating: e.load(as: V.Scalar.self))
      let (lastX, lastY, lastZ) = (V.load(ending: x, n), V.load(ending: y, n), V.load(ending: z, n))
      var i = 0
      while i &+ V.scalarCount < n {
        (V.load(z + i) * c - V.load(x + i) * a / (F.apply(V.load(y + i)) * b + e) * d).store(out + i)
        i &+= V.scalarCount
      }
      (lastZ * c - lastX * a / (F.apply(lastY) * b + e) * d).store(ending: out, n)
    }
  }

  @inlinable @inline(__always)
  init<V: Vector>(_ vector: V.Type, takesRoot: Bool) {
    if takesRoot { self.init(vector, SquareRoot.self) } else { self.init(vector, Unchanged.self) }
  }
}
