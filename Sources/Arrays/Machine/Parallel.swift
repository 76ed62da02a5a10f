/// Splits `0..<count` into ranges, at most one per thread, and calls `body` for each, on this thread and on workers.
///
/// A range starts at a multiple of `grain`, and only the last may be shorter than `grain`, so that the split respects the
/// structure of the work. `body` runs on this thread alone where there is only one grain of work or the workers are busy.
package func parallel(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
  if count <= 0 { return }
  let grains = (count - 1) / grain + 1
  let parts = min(Machine.operationThreads, grains)
  if parts > 1 {
    let shared = Workers.shared.run(parts: parts) { part in
      let first = grains * part / parts * grain
      let last = min(grains * (part + 1) / parts * grain, count)
      body(first..<last)
    }
    if shared { return }
  }
  body(0..<count)
}
