/// i, f, o ← σ, g ← tanh in place; c ← f c₀ + i g; h ← o tanh c. Gates are rows of 4·hidden elements.
@inlinable @inline(__always)
func lstmRows<V: Vector>(
  _: V.Type, _ gates: UnsafeMutablePointer<V.Scalar>, _ cellBefore: UnsafePointer<V.Scalar>,
  _ cell: UnsafeMutablePointer<V.Scalar>, _ output: UnsafeMutablePointer<V.Scalar>, _ rows: Int, _ hidden: Int
) {
  var row = 0
  while row < rows {
    let gates = gates + (4 &* row &* hidden)
    let place = row &* hidden
    var j = 0
    while j < hidden {
      let n = min(V.scalarCount, hidden &- j)
      let (gi, gf, gg, go) = (gates + j, gates + (hidden &+ j), gates + (2 &* hidden &+ j), gates + (3 &* hidden &+ j))
      let i = Sigmoid.apply(V.load(gi, first: n))
      let f = Sigmoid.apply(V.load(gf, first: n))
      let g = HyperbolicTangent.apply(V.load(gg, first: n))
      let o = Sigmoid.apply(V.load(go, first: n))
      let c = f.multiplied(by: V.load(cellBefore + (place &+ j), first: n), adding: i * g)
      i.store(gi, first: n)
      f.store(gf, first: n)
      g.store(gg, first: n)
      o.store(go, first: n)
      c.store(cell + (place &+ j), first: n)
      (o * HyperbolicTangent.apply(c)).store(output + (place &+ j), first: n)
      j &+= V.scalarCount
    }
    row &+= 1
  }
}

/// With h̄ = above + next and T = tanh c: c̄ += h̄ o (1 − T²); āᵢ = c̄ g i (1 − i), ā_f = c̄ c₀ f (1 − f), ā_g = c̄ i (1 − g²),
/// āₒ = h̄ T o (1 − o); c̄ ← c̄ f.
@inlinable @inline(__always)
func lstmRowsBackward<V: Vector>(
  _: V.Type, _ gates: UnsafePointer<V.Scalar>, _ cellBefore: UnsafePointer<V.Scalar>, _ cell: UnsafePointer<V.Scalar>,
  _ above: UnsafePointer<V.Scalar>, _ next: UnsafePointer<V.Scalar>, _ byCell: UnsafeMutablePointer<V.Scalar>,
  _ byGates: UnsafeMutablePointer<V.Scalar>, _ rows: Int, _ hidden: Int
) {
  let one = V.number(1)
  var row = 0
  while row < rows {
    let start = 4 &* row &* hidden
    let place = row &* hidden
    var j = 0
    while j < hidden {
      let n = min(V.scalarCount, hidden &- j)
      let (a, here) = (start &+ j, place &+ j)
      let i = V.load(gates + a, first: n)
      let f = V.load(gates + (a &+ hidden), first: n)
      let g = V.load(gates + (a &+ 2 &* hidden), first: n)
      let o = V.load(gates + (a &+ 3 &* hidden), first: n)
      let t = HyperbolicTangent.apply(V.load(cell + here, first: n))
      let byOutput = V.load(above + here, first: n) + V.load(next + here, first: n)
      let c = (byOutput * o).multiplied(by: one - t * t, adding: V.load(byCell + here, first: n))
      (c * g * (i * (one - i))).store(byGates + a, first: n)
      (c * V.load(cellBefore + here, first: n) * (f * (one - f))).store(byGates + (a &+ hidden), first: n)
      (c * i * (one - g * g)).store(byGates + (a &+ 2 &* hidden), first: n)
      (byOutput * t * (o * (one - o))).store(byGates + (a &+ 3 &* hidden), first: n)
      (c * f).store(byCell + here, first: n)
      j &+= V.scalarCount
    }
    row &+= 1
  }
}
