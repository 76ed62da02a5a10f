/// The elementwise part of one recurrent step, fused, at one width. Everything is rows of `hidden` features side by side.
public struct GateKernels: Sendable {
  public let lstm: StepKernels
  public let peepholeLSTM: StepKernels
  public let gru: StepKernels
  public let tanh: StepKernels
  public let sigmoid: StepKernels
  public let relu: StepKernels
  public let identity: StepKernels

  @inlinable @inline(__always)
  public init<V: Vector>(_: V.Type) {
    lstm = StepKernels(
      forward: { lstmForward(V.self, $0, $1, $2) }, backward: { lstmBackward(V.self, $0, $1, $2, $3) })
    peepholeLSTM = StepKernels(
      forward: { peepholeForward(V.self, $0, $1, $2) }, backward: { peepholeBackward(V.self, $0, $1, $2, $3) })
    gru = StepKernels(forward: { gruForward(V.self, $0, $1, $2) }, backward: { gruBackward(V.self, $0, $1, $2, $3) })
    tanh = StepKernels(
      forward: { activationForward(V.self, HyperbolicTangent.self, $0, $1, $2) },
      backward: { activationBackward(V.self, $0, $1, $2, $3) { V.number(1) - $0 * $0 } })
    sigmoid = StepKernels(
      forward: { activationForward(V.self, Sigmoid.self, $0, $1, $2) },
      backward: { activationBackward(V.self, $0, $1, $2, $3) { $0 * (V.number(1) - $0) } })
    relu = StepKernels(
      forward: { activationForward(V.self, Rectifier.self, $0, $1, $2) },
      backward: {
        activationBackward(V.self, $0, $1, $2, $3) { V.choose(V.less(V.number(0), $0), V.number(1), V.number(0)) }
      })
    identity = StepKernels(
      forward: { activationForward(V.self, Same.self, $0, $1, $2) },
      backward: { activationBackward(V.self, $0, $1, $2, $3) { _ in V.number(1) } })
  }

  /// x itself.
  public enum Same: UnaryFunction {
    @inlinable @inline(__always)
    public static func apply<V: Vector>(_ x: V) -> V { x }
  }
}

/// The way of one cell through a step, and back.
public struct StepKernels: Sendable {
  public let forward: @Sendable (_ step: StepRows, _ rows: Int, _ hidden: Int) -> Void
  public let backward: @Sendable (_ step: StepRows, _ cotangents: StepCotangents, _ rows: Int, _ hidden: Int) -> Void

  @inlinable
  public init(
    forward: @escaping @Sendable (StepRows, Int, Int) -> Void,
    backward: @escaping @Sendable (StepRows, StepCotangents, Int, Int) -> Void
  ) {
    self.forward = forward
    self.backward = backward
  }
}

/// Where the rows of a step lie.
public struct StepRows {
  /// Several blocks of `hidden` features a row: what input and hidden state contribute, after the step what its derivative needs.
  public var gates: UnsafeMutableRawPointer
  /// The states that the step begins from, and those that it leaves; a cell without a memory has only hidden ones.
  public var hiddenBefore: UnsafeRawPointer
  public var hidden: UnsafeMutableRawPointer
  public var cellBefore: UnsafeRawPointer
  public var cell: UnsafeMutableRawPointer
  /// Weights of the elementwise part: the peepholes.
  public var weights: UnsafeRawPointer

  @inlinable
  public init(
    gates: UnsafeMutableRawPointer, hiddenBefore: UnsafeRawPointer, hidden: UnsafeMutableRawPointer,
    cellBefore: UnsafeRawPointer, cell: UnsafeMutableRawPointer, weights: UnsafeRawPointer
  ) {
    self.gates = gates
    self.hiddenBefore = hiddenBefore
    self.hidden = hidden
    self.cellBefore = cellBefore
    self.cell = cell
    self.weights = weights
  }
}

/// Where the cotangents of a step lie.
public struct StepCotangents {
  /// That of the output, from whatever reads it.
  public var above: UnsafeRawPointer
  /// That of the output from the step after; where a state passes by the gates, afterwards what it hands to the state before.
  public var next: UnsafeMutableRawPointer
  /// That of the memory after the step, afterwards that of the memory before.
  public var byCell: UnsafeMutableRawPointer
  /// Those of the gates before activation: the result.
  public var byGates: UnsafeMutableRawPointer

  @inlinable
  public init(
    above: UnsafeRawPointer, next: UnsafeMutableRawPointer, byCell: UnsafeMutableRawPointer, byGates: UnsafeMutableRawPointer
  ) {
    self.above = above
    self.next = next
    self.byCell = byCell
    self.byGates = byGates
  }
}

/// Numbers of one type, somewhere.
@usableFromInline
struct Elements<V: Vector> {
  @usableFromInline let p: UnsafeMutablePointer<V.Scalar>

  @inlinable @inline(__always)
  init(_ p: UnsafeMutableRawPointer) { self.p = p.assumingMemoryBound(to: V.Scalar.self) }

  @inlinable @inline(__always)
  init(_ p: UnsafeRawPointer) { self.init(UnsafeMutableRawPointer(mutating: p)) }

  /// n ≤ V.scalarCount elements from the i-th on.
  @inlinable @inline(__always)
  subscript(i: Int, n: Int) -> V {
    get { V.load(UnsafePointer(p + i), first: n) }
    nonmutating set { newValue.store(p + i, first: n) }
  }
}

/// Calls `body` for every vector of every row: where it begins in an array of `hidden` features a row, and how many lanes count.
@inlinable @inline(__always)
func forEachVector<V: Vector>(_: V.Type, _ rows: Int, _ hidden: Int, _ body: (_ row: Int, _ column: Int, _ count: Int) -> Void)
{
  var row = 0
  while row < rows {
    var column = 0
    while column < hidden {
      body(row, column, min(V.scalarCount, hidden &- column))
      column &+= V.scalarCount
    }
    row &+= 1
  }
}
