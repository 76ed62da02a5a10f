/// ā = (above + next) f′.
@usableFromInline
struct ActivationBackward<V: Vector, F: StepActivation>: StepBody {
  @usableFromInline let output: Elements<V>
  @usableFromInline let above: Elements<V>
  @usableFromInline let next: Elements<V>
  @usableFromInline let byGates: Elements<V>

  @inlinable @inline(__always)
  init(_ step: StepRows, _ cotangents: StepCotangents) {
    output = Elements(step.hidden)
    above = Elements(cotangents.above)
    next = Elements(cotangents.next)
    byGates = Elements(cotangents.byGates)
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    byGates[column, n] = (above[column, n] + next[column, n]) * F.slope(output[column, n])
  }
}

/// h ← a.
@usableFromInline
struct Copy<V: Vector>: StepBody {
  @usableFromInline let gates: Elements<V>
  @usableFromInline let output: Elements<V>

  @inlinable @inline(__always)
  init(_ step: StepRows) {
    gates = Elements(step.gates)
    output = Elements(step.hidden)
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    output[column, n] = gates[column, n]
  }
}

/// A function whose value tells its derivative.
@usableFromInline
protocol StepActivation: UnaryFunction {
  /// f′(x) from y = f(x).
  static func slope<V: Vector>(_ y: V) -> V
}

extension HyperbolicTangent: StepActivation {
  @inlinable @inline(__always)
  static func slope<V: Vector>(_ y: V) -> V { V.number(1) - y * y }
}

extension Sigmoid: StepActivation {
  @inlinable @inline(__always)
  static func slope<V: Vector>(_ y: V) -> V { y * (V.number(1) - y) }
}

extension Rectifier: StepActivation {
  @inlinable @inline(__always)
  static func slope<V: Vector>(_ y: V) -> V { V.choose(V.less(V.number(0), y), V.number(1), V.number(0)) }
}

/// x itself.
@usableFromInline
enum Same: StepActivation {
  @inlinable @inline(__always)
  static func apply<V: Vector>(_ x: V) -> V { x }

  @inlinable @inline(__always)
  static func slope<V: Vector>(_ y: V) -> V { V.number(1) }
}
