/// A function of one number in two passes over a block. The first leaves an intermediate result in memory for the second, which
/// table lookups need: see `TabulatedTangent`.
public protocol BlockFunction: SendableMetatype {
  associatedtype Block: Vector

  static func prepare(_ x: Block) -> Block
  static func finish(_ x: Block, _ prepared: Block) -> Block
}

/// y[i] ← f(x[i]) for rows of n elements; y may be x. Elements after the last whole vector form a block of their own, in
/// scratch memory.
@inlinable @inline(__always)
func blockLoop<F: BlockFunction>(
  _: F.Type, _ x: UnsafePointer<F.Block.Scalar>, _ xPitch: Int, _ y: UnsafeMutablePointer<F.Block.Scalar>, _ yPitch: Int,
  _ rows: Int, _ n: Int
) {
  var scratch = InlineArray<16, F.Block>(repeating: .zero)
  var edge = F.Block.zero
  withUnsafeMutableBytes(of: &scratch) { scratch in
    withUnsafeMutableBytes(of: &edge) { edge in
      let prepared = scratch.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: F.Block.Scalar.self)
      let rest = edge.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: F.Block.Scalar.self)
      var (x, y, row) = (UnsafeRawPointer(x), UnsafeMutableRawPointer(y), 0)
      while row < rows {
        blockRow(
          F.self, x.assumingMemoryBound(to: F.Block.Scalar.self), y.assumingMemoryBound(to: F.Block.Scalar.self), n, prepared,
          rest)
        x += xPitch
        y += yPitch
        row &+= 1
      }
    }
  }
}

/// One row. `prepared` has room for 16 vectors, `rest` for one.
@inlinable @inline(__always)
func blockRow<F: BlockFunction>(
  _: F.Type, _ x: UnsafePointer<F.Block.Scalar>, _ y: UnsafeMutablePointer<F.Block.Scalar>, _ n: Int,
  _ prepared: UnsafeMutablePointer<F.Block.Scalar>, _ rest: UnsafeMutablePointer<F.Block.Scalar>
) {
  var start = 0
  while start < n {
    let left = n &- start
    let ends = left < F.Block.scalarCount
    if ends { F.Block.load(ending: x + start, left).store(rest) }
    let source = ends ? UnsafePointer(rest) : x + start
    let target = ends ? rest : y + start
    let vectors = ends ? 1 : left >= 16 &* F.Block.scalarCount ? 16 : left / F.Block.scalarCount
    let count = vectors &* F.Block.scalarCount
    // Two loops, not one: `finish` must load what `prepare` stored.
    var i = 0
    while i < count {
      F.prepare(F.Block.load(source + i)).store(prepared + i)
      i &+= F.Block.scalarCount
    }
    i = 0
    while i < count {
      F.finish(F.Block.load(source + i), F.Block.load(prepared + i)).store(target + i)
      i &+= F.Block.scalarCount
    }
    if ends { F.Block.load(rest).store(ending: y + start, left) }
    start &+= count
  }
}
