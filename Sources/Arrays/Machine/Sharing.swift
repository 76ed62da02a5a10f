/// What it costs to hand shares of a job to other threads, in nanoseconds: once, and for each of them.
package struct HandOver: Sendable {
  package let first: Double
  package let each: Double

  package init(first: Double, each: Double) {
    self.first = first
    self.each = each
  }

  /// Workers may be asleep: a system call wakes each, and it begins late. Estimates, not measured.
  package static let toSleepers = HandOver(first: 10_000, each: 2_000)

  /// The job is one of many that follow each other within microseconds, so that workers still look for the next: a step of a
  /// recurrence. Measured when it is first asked for, by 64 jobs of nothing, since it differs between machines: 0.2 µs between
  /// processors of one server, 0.9 µs in a virtual machine. A share that does something also moves what it reads and writes from
  /// cache to cache, so it counts three times.
  package static let betweenSteps: HandOver = {
    var times: [Int] = []
    for _ in 0..<64 {
      let start = monotonicNanoseconds()
      if !Workers.shared.run(shares: 2, { _ in }) { return HandOver(first: 1500, each: 250) }
      times.append(monotonicNanoseconds() - start)
    }
    let roundTrip = Double(times.sorted()[times.count / 4])
    return HandOver(first: 3 * roundTrip, each: roundTrip / 2)
  }()
}

/// The number of threads with which a job ends first: a job that one thread does in `nanoseconds`, in pieces of equal size that
/// cannot be divided, of which each thread gets as many as another or one more.
///
/// One more thread must save 5 %, since the model is not more exact than that. A further thread is considered only while what it
/// costs is less than the time that is left, so that thread counts are tried up to about √(time / cost of a thread). What `n`
/// threads would choose, more threads choose too unless they end earlier: with more threads a job never takes longer.
package func threadsWorth(_ nanoseconds: Double, pieces: Int, of available: Int, _ handOver: HandOver) -> Int {
  fastest(nanoseconds, of: min(available, pieces), handOver) { threads in
    nanoseconds * Double((pieces - 1) / threads + 1) / Double(pieces)
  }.threads
}

/// The same for any time of the largest share among so many threads.
package func fastest(
  _ alone: Double, of available: Int, _ handOver: HandOver, largestShare: (_ threads: Int) -> Double
) -> (threads: Int, nanoseconds: Double) {
  var best = (threads: 1, nanoseconds: alone)
  if available < 2 { return best }
  for threads in 2...available {
    let cost = handOver.first + handOver.each * Double(threads - 1)
    if cost >= best.nanoseconds { break }
    let time = largestShare(threads) + cost
    if time < 0.95 * best.nanoseconds { best = (threads, time) }
  }
  return best
}

/// Splits `0..<count` into ranges, one for each of as many threads as are worth it, and calls `body` for each, on this thread and
/// on workers.
///
/// A grain is work of about 8 µs. A range starts at a multiple of `grain`, and only the last may be shorter than `grain`. `body`
/// runs on this thread alone where there is little work or the workers are busy.
package func parallel(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
  if count <= 0 { return }
  let grains = (count - 1) / grain + 1
  let available = Machine.operationThreads
  let threads =
    Machine.splitsEverything
    ? min(available, grains) : threadsWorth(8000 * Double(grains), pieces: grains, of: available, .toSleepers)
  parallel(count, unit: grain, threads: threads, body)
}

/// Splits `0..<count` into `threads` ranges of nearly equal size that start at multiples of `unit`.
package func parallel(_ count: Int, unit: Int, threads: Int, _ body: (Range<Int>) -> Void) {
  if count <= 0 { return }
  let units = (count - 1) / unit + 1
  let shares = min(threads, units)
  if shares > 1 {
    let isShared = Workers.shared.run(shares: shares) { share in
      let first = units * share / shares * unit
      let last = min(units * (share + 1) / shares * unit, count)
      body(first..<last)
    }
    if isShared { return }
  }
  body(0..<count)
}

/// The time that one thread takes for a product, as a model: two multiply-adds per nanosecond for each column of a panel, which is
/// within a factor of two on all machines measured. Fewer than four rows take as long as four, since their tile waits for the panel; one
/// row alone takes several panels at once, and as long as two rows, since it waits for memory.
package func productNanoseconds(rows: Int, columns: Int, depth: Int, panelWidth: Int) -> Double {
  Double(rows == 1 ? 2 : max(rows, 4)) * Double(columns) * Double(max(depth, 1)) / Double(2 * panelWidth)
}

/// How threads share the steps of a recurrence: the rows, once for many steps, or the columns of each step's products.
package struct StepSharing: Sendable {
  /// The rows of the batch, and how many of them stay together.
  package let rows: Int
  package let unit: Int
  /// The multiply-adds of one row and step, the columns of its products, and the elements that its instructions write.
  package let multiplyAdds: Int
  package let columns: Int
  package let elements: Int
  package let steps: Int

  package init(rows: Int, unit: Int, multiplyAdds: Int, columns: Int, elements: Int, steps: Int) {
    self.rows = rows
    self.unit = unit
    self.multiplyAdds = multiplyAdds
    self.columns = columns
    self.elements = elements
    self.steps = steps
  }

  /// The number of threads that share the rows, or 1 where each step's products are shared by columns or nothing is, and the time
  /// of all steps.
  package func choice(
    panelWidth: Int, of available: Int, betweenSteps: @autoclosure () -> HandOver = .betweenSteps
  ) -> (threads: Int, nanoseconds: Double) {
    let (alone, units) = (time(panelWidth, rows: rows), (rows - 1) / unit + 1)
    let byRows = fastest(alone, of: min(available, units), .toSleepers) { threads in
      time(panelWidth, rows: min(rows, ((units - 1) / threads + 1) * unit))
    }
    let (products, panels) = (productTime(panelWidth, rows: rows), (columns - 1) / panelWidth + 1)
    // Short products do not even ask what a hand-over costs between steps, since a worker is started to find out.
    let columnThreads = products < Product.shortest ? 1 : min(available, panels)
    let byColumns = fastest(products, of: columnThreads, columnThreads > 1 ? betweenSteps() : .toSleepers) { threads in
      products * Double((panels - 1) / threads + 1) / Double(panels)
    }
    let columnTime = alone - Double(steps) * (products - byColumns.nanoseconds)
    return byRows.nanoseconds <= columnTime ? byRows : (1, columnTime)
  }

  func threads(panelWidth: Int) -> Int {
    let available = Machine.operationThreads
    if available == 1 || rows == 1 { return 1 }
    if Machine.splitsEverything { return min(available, (rows - 1) / unit + 1) }
    return choice(panelWidth: panelWidth, of: available).threads
  }

  private func productTime(_ panelWidth: Int, rows: Int) -> Double {
    if multiplyAdds == 0 { return 0 }
    // A share of one row takes as long as one of two: that only the products of a batch of one are faster by row is no reason to
    // read all weights for each row.
    return productNanoseconds(
      rows: rows == 1 && self.rows > 1 ? 2 : rows, columns: multiplyAdds, depth: 1, panelWidth: panelWidth)
  }

  /// The time that one thread needs for all steps of so many rows. An element of the record takes half a nanosecond with AVX-512, a
  /// little more than a sigmoid's 0.41, and longer with narrower vectors.
  private func time(_ panelWidth: Int, rows: Int) -> Double {
    let instructions = Double(rows * elements) * 16 / Double(panelWidth)
    return Double(steps) * (productTime(panelWidth, rows: rows) + instructions)
  }
}
