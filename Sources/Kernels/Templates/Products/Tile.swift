/// R rows times C vectors of a product, held in registers: the heart of every matrix product.
///
/// A tile's code is straight-line over its R·C sums, so R and C are part of its type and each size is a function of its own.
/// It must stay out of line: inlined into a loop nest, the same body stays rolled and runs at half the speed.
///
/// Every element is one chain of multiply-adds in the order of the inner dimension, started from C, a bias or zero. No bit of
/// a result depends on which tile it fell into, on how the inner dimension was blocked or on the number of threads.
@frozen
public enum Tile<let R: Int, let C: Int, V: Vector> {
  public typealias Scalar = V.Scalar

  /// c ← start + a·b, where element (r, k) of `a` is `a.row[r] + k·a.step` and vector j of row k of `b` lies at
  /// `b + k·bStep + (j/2)·bPanel`, pairs of vectors side by side.
  @inlinable @inline(never)
  public static func multiply(_ a: Strided<Scalar>, _ b: PanelRows<Scalar>, _ c: Output<Scalar>, depth: Int) {
    var sums = InlineArray<R, InlineArray<C, V>>(repeating: InlineArray<C, V>(repeating: V()))
    if c.accumulates {
      for r in 0..<R {
        for j in 0..<C { sums[r][j] = V.load(c.pointer + r &* c.row + j &* V.scalarCount) }
      }
    } else if let bias = c.bias {
      for j in 0..<C {
        let start = V.load(bias + j &* V.scalarCount)
        for r in 0..<R { sums[r][j] = start }
      }
    }
    var x = a.pointer
    var y = b.pointer
    var next = b.next.pointer
    var ahead = b.ahead.pointer
    var k = 0
    while k < depth {
      var columns = InlineArray<C, V>(repeating: V())
      for j in 0..<C {
        columns[j] = V.load(y + (j >> 1) &* b.panel + (j & 1) &* V.scalarCount)
      }
      for r in 0..<R {
        let factor = V(repeating: x[r &* a.row])
        for j in 0..<C { sums[r][j] = factor.multiplied(by: columns[j], adding: sums[r][j]) }
      }
      prefetch(next, 0, 3, 1)
      prefetch(ahead, 0, 3, 1)
      next += b.next.step
      ahead += b.ahead.step
      x += a.step
      y += b.step
      k &+= 1
    }
    for r in 0..<R {
      for j in 0..<C { sums[r][j].store(c.pointer + r &* c.row + j &* V.scalarCount) }
    }
  }
}

/// The left operand of a tile: element (r, k) lies at `pointer + r·row + k·step`.
@frozen
public struct Strided<Scalar: Sendable> {
  public var pointer: UnsafePointer<Scalar>
  public var row: Int
  public var step: Int

  @inlinable @inline(__always)
  public init(_ pointer: UnsafePointer<Scalar>, row: Int, step: Int) {
    self.pointer = pointer
    self.row = row
    self.step = step
  }
}

/// The right operand of a tile: panels two vectors wide, `panel` apart; neighbouring rows of a panel are `step` apart.
@frozen
public struct PanelRows<Scalar: Sendable> {
  public var pointer: UnsafePointer<Scalar>
  public var step: Int
  public var panel: Int
  /// What is asked for meanwhile: the panel that comes next, and what else will be needed.
  public var next: Ahead
  public var ahead: Ahead

  @inlinable @inline(__always)
  public init(_ pointer: UnsafePointer<Scalar>, step: Int, panel: Int) {
    self.pointer = pointer
    self.step = step
    self.panel = panel
    next = Ahead(Region(pointer, byteCount: 0), turns: 1)
    ahead = next
  }
}

/// Memory that will be needed soon: with every row of a panel a tile asks for the line `step` bytes on.
@frozen
public struct Ahead {
  public var pointer: UnsafeRawPointer
  public var step: Int

  /// So that all has been asked for after so many turns.
  @inlinable @inline(__always)
  public init(_ region: Region, turns: Int) {
    pointer = region.pointer
    step = (region.byteCount &+ turns &- 1) / turns
  }
}

/// Some bytes in a row.
@frozen
public struct Region {
  public var pointer: UnsafeRawPointer
  public var byteCount: Int

  @inlinable @inline(__always)
  public init(_ pointer: UnsafeRawPointer, byteCount: Int) {
    self.pointer = pointer
    self.byteCount = byteCount
  }
}

/// Where a tile's result goes and what it starts from: what is there already, a bias per column, or zero.
@frozen
public struct Output<Scalar: Sendable> {
  public var pointer: UnsafeMutablePointer<Scalar>
  public var row: Int
  public var accumulates: Bool
  public var bias: UnsafePointer<Scalar>?

  @inlinable @inline(__always)
  public init(_ pointer: UnsafeMutablePointer<Scalar>, row: Int, accumulates: Bool, bias: UnsafePointer<Scalar>?) {
    self.pointer = pointer
    self.row = row
    self.accumulates = accumulates
    self.bias = bias
  }
}
