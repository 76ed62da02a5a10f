/// Rows of complex numbers: real parts, and the imaginary parts at a fixed distance behind them.
@frozen
public enum ComplexRecurrence<V: Vector>: RecurrenceArithmetic {
  public typealias Width = V
  public typealias Scalar = V.Scalar

  @inlinable @inline(__always)
  public static func advance(_ extent: RecurrenceExtent, _ a: Row, _ column: Int, _ before: Row?, _ b: Row, _ h: Row) {
    let n = extent.columns
    guard let before else {
      h.update(from: b, count: n)
      (h + extent.imaginary).update(from: b + extent.imaginary, count: n)
      return
    }
    let sign = V(repeating: extent.conjugates ? -1 : 1)
    var j = 0
    while j < n {
      let count = min(V.scalarCount, n &- j)
      let factor = Parts(a + j, extent.imaginary, count)
      let state = Parts(before + j, extent.imaginary, count)
      let source = Parts(b + j, extent.imaginary, count)
      state.multiplied(by: Parts(factor.real, factor.imaginary * sign), adding: source).store(h + j, extent.imaginary, count)
      j &+= V.scalarCount
    }
  }

  @inlinable @inline(__always)
  public static func retreat(
    _ extent: RecurrenceExtent, _ a: Row, _ column: Int, _ after: Row?, _ h: Row?, _ g: Row, _ byA: Row, _ adds: Bool,
    _ byB: Row
  ) {
    let (n, distance) = (extent.columns, extent.imaginary)
    var j = 0
    while j < n {
      let count = min(V.scalarCount, n &- j)
      var sum = Parts(g + j, distance, count)
      if let after {
        let factor = Parts(a + j, distance, count)
        sum = Parts(after + j, distance, count).multiplied(by: Parts(factor.real, -factor.imaginary), adding: sum)
      }
      sum.store(byB + j, distance, count)
      var product = adds ? Parts(byA + j, distance, count) : Parts(V(), V())
      if let h {
        let state = Parts(h + j, distance, count)
        product = sum.multiplied(by: Parts(state.real, -state.imaginary), adding: product)
      }
      product.store(byA + j, distance, count)
      j &+= V.scalarCount
    }
  }

  /// A vector of complex numbers, or its first lanes.
  @frozen
  public struct Parts {
    public var real: V
    public var imaginary: V

    @inlinable @inline(__always)
    init(_ real: V, _ imaginary: V) {
      self.real = real
      self.imaginary = imaginary
    }

    @inlinable @inline(__always)
    init(_ x: Row, _ distance: Int, _ count: Int) {
      if count == V.scalarCount {
        self.init(V.load(x), V.load(x + distance))
      } else {
        self.init(partialLoad(V.self, x, count), partialLoad(V.self, x + distance, count))
      }
    }

    @inlinable @inline(__always)
    func store(_ y: Row, _ distance: Int, _ count: Int) {
      if count == V.scalarCount {
        real.store(y)
        imaginary.store(y + distance)
      } else {
        partialStore(real, y, count)
        partialStore(imaginary, y + distance, count)
      }
    }

    /// self · factor + term.
    @inlinable @inline(__always)
    func multiplied(by factor: Parts, adding term: Parts) -> Parts {
      Parts(
        imaginary.multiplied(by: -factor.imaginary, adding: real.multiplied(by: factor.real, adding: term.real)),
        imaginary.multiplied(by: factor.real, adding: real.multiplied(by: factor.imaginary, adding: term.imaginary)))
    }
  }
}
