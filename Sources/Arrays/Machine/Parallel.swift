/// Splits `0..<count` into runs, at most one a thread, and calls `body` for each, on this thread and the pool's.
/// A run has at least `grain` elements (the last may be shorter) and starts at a multiple of `grain`, so that results and
/// cache lines do not depend on the split. `body` runs on this thread alone where the work is small or the pool is busy.
func parallel(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
  if count > 0 { body(0..<count) }
}
