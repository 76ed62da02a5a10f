/// Rows of real numbers.
@frozen
public enum RealRecurrence<V: Vector>: RecurrenceArithmetic {
  public typealias Width = V
  public typealias Scalar = V.Scalar

  @inlinable @inline(__always)
  public static func advance(_ extent: RecurrenceExtent, _ a: Row, _ column: Int, _ before: Row?, _ b: Row, _ h: Row) {
    let n = extent.columns
    guard let before else {
      h.update(from: b, count: n)
      return
    }
    let (same, isSame) = (V(repeating: column == 0 ? a[0] : 0), column == 0)
    var j = 0
    while j &+ V.scalarCount <= n {
      let factor = isSame ? same : V.load(a + j)
      V.load(before + j).multiplied(by: factor, adding: V.load(b + j)).store(h + j)
      j &+= V.scalarCount
    }
    let rest = n &- j
    if rest == 0 { return }
    let factor = isSame ? same : partialLoad(V.self, a + j, rest)
    let state = partialLoad(V.self, before + j, rest)
    partialStore(state.multiplied(by: factor, adding: partialLoad(V.self, b + j, rest)), h + j, rest)
  }

  @inlinable @inline(__always)
  public static func retreat(
    _ extent: RecurrenceExtent, _ a: Row, _ column: Int, _ after: Row?, _ h: Row?, _ g: Row, _ byA: Row, _ adds: Bool,
    _ byB: Row
  ) {
    let n = extent.columns
    let (same, isSame) = (V(repeating: column == 0 && after != nil ? a[0] : 0), column == 0)
    var j = 0
    while j &+ V.scalarCount <= n {
      var sum = V.load(g + j)
      if let after { sum = V.load(after + j).multiplied(by: isSame ? same : V.load(a + j), adding: sum) }
      sum.store(byB + j)
      if let h {
        let product = V.load(h + j) * sum
        (adds ? V.load(byA + j) + product : product).store(byA + j)
      } else if !adds {
        V().store(byA + j)
      }
      j &+= V.scalarCount
    }
    let rest = n &- j
    if rest == 0 { return }
    var sum = partialLoad(V.self, g + j, rest)
    if let after {
      let factor = isSame ? same : partialLoad(V.self, a + j, rest)
      sum = partialLoad(V.self, after + j, rest).multiplied(by: factor, adding: sum)
    }
    partialStore(sum, byB + j, rest)
    if let h {
      let product = partialLoad(V.self, h + j, rest) * sum
      partialStore(adds ? partialLoad(V.self, byA + j, rest) + product : product, byA + j, rest)
    } else if !adds {
      partialStore(V(), byA + j, rest)
    }
  }
}
