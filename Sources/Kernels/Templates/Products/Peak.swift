/// Nothing but multiply-adds in registers, 24 · `count` of vectors: the machine's peak, to compare measurements with. Returns a
/// number that depends on all of them, so that none is optimised away.
@inlinable @inline(__always)
func multiplyAddOnly<V: Vector>(_: V.Type, _ count: Int) -> Double {
  // Twelve independent sums hide the latency of a multiply-add.
  var sums = InlineArray<12, InlineArray<1, V>>(repeating: InlineArray<1, V>(repeating: V()))
  let factor = V(repeating: 0.5)
  let term = V(repeating: 1)
  for _ in 0..<(2 &* count) {
    for i in 0..<12 { sums[i][0] = sums[i][0].multiplied(by: factor, adding: term) }
  }
  var total = V()
  for i in 0..<12 { total += sums[i][0] }
  return Double(total[0])
}
