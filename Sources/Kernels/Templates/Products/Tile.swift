/// R rows times C vectors of a product, held in registers: the core of every matrix product.
///
/// A tile's code is straight-line over its R·C sums, so R and C are part of its type and each size is a function of its own. It
/// must not be inlined: in a loop nest the same body is not unrolled and runs at half the speed.
///
/// Every element is one chain of multiply-adds in the order of the depth, started from c, a bias or zero. So no bit of a result
/// depends on its tile, on the blocking of the depth or on the number of threads.
@frozen
public enum Tile<let R: Int, let C: Int, V: Vector> {
  public typealias Scalar = V.Scalar

  /// c ← start + a·b. Element (r, k) of `a` lies at `a.pointer + r·a.row + k·a.step`, vector j of row k of `b` at `b.pointer +
  /// k·b.step + (j/2)·b.panel`, the two vectors of a panel side by side.
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
        // One broadcast element of a is multiplied into C vectors of b: R·C multiply-adds for R + C loads.
        let factor = V(repeating: x[r &* a.row])
        for j in 0..<C { sums[r][j] = factor.multiplied(by: columns[j], adding: sums[r][j]) }
      }
      // Two prefetches per row of the panel spread the traffic evenly over the multiply-adds.
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
  /// What to prefetch meanwhile: the next panel, and memory that will be needed after it.
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

/// A region to prefetch a piece at a time: with every row of a panel, a tile prefetches one cache line and moves `step` bytes
/// on.
@frozen
public struct Ahead {
  public var pointer: UnsafeRawPointer
  public var step: Int

  /// Spreads the region over `turns` prefetches.
  @inlinable @inline(__always)
  public init(_ region: Region, turns: Int) {
    pointer = region.pointer
    step = (region.byteCount &+ turns &- 1) / turns
  }
}

/// A contiguous range of bytes.
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

/// The result of a tile and its initial value: the present contents of c, a bias per column, or zero.
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
