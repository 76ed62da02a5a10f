/// What keeps numbers of a state as they were, and takes their cotangents past the step, for numbers in a row.
public struct ZoneoutKernels: Sendable {
  /// s ← s + k (s₀ − s).
  public let keep:
    @Sendable (_ before: UnsafeRawPointer, _ k: UnsafeRawPointer, _ state: UnsafeMutableRawPointer, _ n: Int) -> Void
  /// kept ← g k, g ← g − g k.
  public let split:
    @Sendable (_ g: UnsafeMutableRawPointer, _ k: UnsafeRawPointer, _ kept: UnsafeMutableRawPointer, _ n: Int) -> Void
  /// The memory of an LSTM from the blocks i, f, g of one row: c ← f c₀ + i g.
  public let memory: @Sendable (_ step: StepRows, _ hidden: Int) -> Void

  @inlinable @inline(__always)
  init<V: Vector>(_: V.Type) {
    keep = { forEachVector(Kept<V>(Elements($0), Elements($1), Elements($2)), 1, $3) }
    split = { forEachVector(Split<V>(Elements($0), Elements($1), Elements($2)), 1, $3) }
    memory = { forEachVector(LSTMMemory<V>($0, $1), 1, $1) }
  }
}

/// s ← s + k (s₀ − s).
@usableFromInline
struct Kept<V: Vector>: StepBody {
  @usableFromInline let before: Elements<V>
  @usableFromInline let k: Elements<V>
  @usableFromInline let state: Elements<V>

  @inlinable @inline(__always)
  init(_ before: Elements<V>, _ k: Elements<V>, _ state: Elements<V>) {
    self.before = before
    self.k = k
    self.state = state
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    let next = state[column, n]
    state[column, n] = k[column, n].multiplied(by: before[column, n] - next, adding: next)
  }
}

/// kept ← g k, g ← g − g k.
@usableFromInline
struct Split<V: Vector>: StepBody {
  @usableFromInline let g: Elements<V>
  @usableFromInline let k: Elements<V>
  @usableFromInline let kept: Elements<V>

  @inlinable @inline(__always)
  init(_ g: Elements<V>, _ k: Elements<V>, _ kept: Elements<V>) {
    self.g = g
    self.k = k
    self.kept = kept
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    let (all, part) = (g[column, n], g[column, n] * k[column, n])
    kept[column, n] = part
    g[column, n] = all - part
  }
}
