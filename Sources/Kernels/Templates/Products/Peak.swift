/// Nothing but fused multiply-adds in registers, `count` times twenty-four vectors: the most that the machine can do, for
/// measurements to be held against. Returns something that depends on all of them.
@inlinable @inline(__always)
func multiplyAddOnly<V: Vector>(_: V.Type, _ count: Int) -> Double {
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
