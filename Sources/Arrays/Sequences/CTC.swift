internal import UnrollKernelTemplates

/// Label sequences to align with sequences of steps, in batch order. Every row has its own length and number of steps.
package struct CTCTargets: Sendable {
  package let labels: [[Int]]
  /// The number of valid steps of each row.
  package let steps: [Int]
  package let blank: Int

  package init(labels: [[Int]], steps: [Int], blank: Int) {
    self.labels = labels
    self.steps = steps
    self.blank = blank
  }

  /// The number of labels that equal their predecessor: a blank must stand between the two.
  package func repeats(_ row: Int) -> Int { zip(labels[row], labels[row].dropFirst()).count { $0 == $1 } }

  /// The number of states of the longest row: its labels, with blanks before, between and after them.
  package var stateCount: Int { 2 * (labels.map(\.count).max() ?? 0) + 1 }

  /// The classes of the states of a row: blank, label, blank, label, …, blank.
  package func states(_ row: Int) -> [Int] { labels[row].flatMap { [blank, $0] } + [blank] }

  /// Whether each state of a row may follow the one two before it: a label that differs from the label before.
  package func skips(_ row: Int) -> [Bool] {
    let states = states(row)
    return states.indices.map { $0 % 2 == 1 && $0 > 1 && states[$0] != states[$0 - 2] }
  }
}

/// The states of one target, in scratch memory that all rows of a thread reuse.
struct CTCLattice {
  private let count: Int
  private let classCount: Int
  /// The stride of `alphas`.
  private let stride: Int
  private let classes: UnsafeMutablePointer<Int>
  /// 0 where a state may follow the one two before it, else −∞; padded with two −∞.
  private let skips: UnsafeMutablePointer<Double>
  private let emissions: UnsafeMutablePointer<Double>
  private let largest: UnsafeMutablePointer<Double>
  private let terms: UnsafeMutablePointer<Double>
  private let betas: UnsafeMutablePointer<Double>
  /// The log-probabilities from the next step on: a number per state, padded with two −∞.
  private let ahead: UnsafeMutablePointer<Double>
  private let exp = Machine.table.float64.elements.unary(.exp)
  private let log = Machine.table.float64.elements.unary(.log)

  static func byteCount(width: Int) -> Int { 8 * (9 * width + 4) }

  init(_ states: [Int], _ mayFollow: [Bool], width: Int, classes classCount: Int, in scratch: UnsafeMutableRawPointer) {
    count = states.count
    self.classCount = classCount
    stride = width + 2
    classes = scratch.assumingMemoryBound(to: Int.self)
    skips = (scratch + 8 * width).assumingMemoryBound(to: Double.self)
    ahead = skips + (width + 2)
    emissions = ahead + (width + 2)
    largest = emissions + width
    betas = largest + width
    terms = betas + width
    for s in 0..<count {
      classes[s] = states[s]
      skips[s] = mayFollow[s] ? 0 : -.infinity
    }
    for s in count..<count + 2 {
      skips[s] = -.infinity
      ahead[s] = -.infinity
    }
  }

  /// Computes the alphas of all steps and returns the loss.
  func forward(_ x: UnsafePointer<Double>, _ alphas: UnsafeMutablePointer<Double>, steps: Int) -> Double {
    if steps == 0 { return count == 1 ? 0 : .infinity }
    alphas.update(repeating: -.infinity, count: count + 2)
    for s in 0..<min(2, count) { alphas[2 + s] = x[classes[s]] }
    for t in 1..<max(steps, 1) {
      let before = alphas + (t - 1) * stride
      let here = before + stride
      (here[0], here[1]) = (-.infinity, -.infinity)
      emit(x + t * classCount)
      join(before + 2, before + 1, before, skips, into: here + 2)
      add(emissions, to: here + 2)
    }
    let last = alphas + (steps - 1) * stride + count
    return -sum(last[1], count > 1 ? last[0] : -.infinity)
  }

  /// Writes the gradient of weight · loss by the logits of all steps.
  func backward(
    _ x: UnsafePointer<Double>, _ alphas: UnsafePointer<Double>, steps: Int, loss: Double, weight: Double,
    into gradient: UnsafeMutablePointer<Double>
  ) {
    betas.update(repeating: -.infinity, count: count)
    for s in max(0, count - 2)..<count { betas[s] = 0 }
    for t in (0..<steps).reversed() {
      if t < steps - 1 {
        emit(x + (t + 1) * classCount)
        for s in 0..<count { ahead[s] = betas[s] + emissions[s] }
        join(ahead, ahead + 1, ahead + 2, skips + 2, into: betas)
      }
      let alphas = alphas + (t * stride + 2)
      for s in 0..<count { terms[s] = alphas[s] + betas[s] + loss }
      exp.run(terms, terms, count, 0, 0)
      let row = gradient + t * classCount
      exp.run(x + t * classCount, row, classCount, 0, 0)
      for s in 0..<count { row[classes[s]] -= terms[s] }
      for k in 0..<classCount { row[k] *= weight }
    }
  }

  private func emit(_ x: UnsafePointer<Double>) {
    for s in 0..<count { emissions[s] = x[classes[s]] }
  }

  private func add(_ x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>) {
    for s in 0..<count { y[s] += x[s] }
  }

  /// ln (eᵃ + eᵇ + eᶜ) of every state; c counts only where it is allowed.
  @inline(__always)
  private func join(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ c: UnsafePointer<Double>, _ allowed: UnsafePointer<Double>,
    into y: UnsafeMutablePointer<Double>
  ) {
    let (second, third) = (terms + count, terms + 2 * count)
    for s in 0..<count {
      let (first, next, skipping) = (a[s], b[s], c[s] + allowed[s])
      var most = first > next ? first : next
      most = skipping > most ? skipping : most
      // Finite, so that three −∞ minus their maximum stay −∞ instead of NaN.
      most = most > -Double.greatestFiniteMagnitude ? most : -Double.greatestFiniteMagnitude
      largest[s] = most
      terms[s] = first - most
      second[s] = next - most
      third[s] = skipping - most
    }
    exp.run(terms, terms, 3 * count, 0, 0)
    for s in 0..<count { y[s] = terms[s] + second[s] + third[s] }
    log.run(y, y, count, 0, 0)
    add(largest, to: y)
  }

  /// ln (eᵃ + eᵇ).
  private func sum(_ a: Double, _ b: Double) -> Double {
    if a == -.infinity && b == -.infinity { return a }
    let most = max(a, b)
    (terms[0], terms[1]) = (a - most, b - most)
    exp.run(terms, terms, 2, 0, 0)
    terms[0] += terms[1]
    log.run(terms, terms, 1, 0, 0)
    return most + terms[0]
  }
}

/// The sum over all alignments of targets with sequences of class probabilities, in float64 (connectionist temporal
/// classification).
///
/// The states of a target are its labels with blanks around them. A path stays in a state, moves to the next, or skips a blank
/// between two different labels. `alphas` holds the log-probability of all paths to each state at each step. Rows are
/// independent, so threads share them.
package struct CTCPaths: Sendable {
  private let targets: CTCTargets
  /// The log-probabilities of the classes, `[batch, time, classes]`.
  private let logarithms: NDArray
  /// `[batch, time, 2 + states]`; the two in front are −∞, so that every state has two predecessors.
  private let alphas: NDArray
  /// −ln of the probability of each target, `[batch]`; infinite where no path spells it.
  package let losses: NDArray

  private var batch: Int { logarithms.shape[0] }
  private var time: Int { logarithms.shape[1] }
  private var classes: Int { logarithms.shape[2] }
  private var width: Int { targets.stateCount }

  /// Sums over the paths along logits `[batch, time, classes]`.
  package init(_ logits: NDArray, _ targets: CTCTargets) {
    let (batch, time) = (logits.shape[0], logits.shape[1])
    self.targets = targets
    logarithms = logits.cast(to: .float64).logSoftmax().contiguous()
    alphas = NDArray(uninitialized: [batch, time, targets.stateCount + 2], .float64)
    losses = NDArray(uninitialized: [batch], .float64)
    run()
  }

  /// Restores sums that are computed already, from their `residuals`.
  package init(residuals: [NDArray], _ targets: CTCTargets) {
    self.targets = targets
    (logarithms, alphas, losses) = (residuals[0], residuals[1], residuals[2])
  }

  /// The arrays that the gradient needs.
  package var residuals: [NDArray] { [logarithms, alphas, losses] }

  private func run() {
    logarithms.read { x in
      alphas.fill { alphas in
        losses.fill { losses in
          let losses = losses.assumingMemoryBound(to: Double.self)
          eachRow { row, lattice in
            losses[row] = lattice.forward(
              x.assumingMemoryBound(to: Double.self) + row * time * classes,
              alphas.assumingMemoryBound(to: Double.self) + row * time * (width + 2), steps: targets.steps[row])
          }
        }
      }
    }
  }

  /// The gradient of Σ g · losses by the logits, `[batch, time, classes]`: g (p − q), where q is the probability that the step
  /// spells the class. A row with an infinite loss has no gradient: it is filled with `infinite`.
  package func gradient(_ g: NDArray, infinite: Double) -> NDArray {
    let result = NDArray(uninitialized: logarithms.shape, .float64)
    let weights: [Double] = g.scalars()
    let losses: [Double] = losses.scalars()
    logarithms.read { x in
      alphas.read { alphas in
        result.fill { result in
          let result = result.assumingMemoryBound(to: Double.self)
          eachRow { row, lattice in
            let (target, steps) = (result + row * time * classes, targets.steps[row])
            (target + steps * classes).update(repeating: 0, count: (time - steps) * classes)
            if losses[row] == .infinity {
              target.update(repeating: infinite, count: steps * classes)
            } else {
              lattice.backward(
                x.assumingMemoryBound(to: Double.self) + row * time * classes,
                alphas.assumingMemoryBound(to: Double.self) + row * time * (width + 2), steps: steps, loss: losses[row],
                weight: weights[row], into: target)
            }
          }
        }
      }
    }
    return result
  }

  /// Calls the body for each row with a lattice of its target, on several threads where the work is large enough.
  private func eachRow(_ body: (Int, CTCLattice) -> Void) {
    let isLarge = batch * time * width > 1 << 14
    parallel(batch, grain: isLarge ? 1 : batch) { rows in
      withScratch(byteCount: CTCLattice.byteCount(width: width)) { scratch in
        for row in rows {
          body(row, CTCLattice(targets.states(row), targets.skips(row), width: width, classes: classes, in: scratch))
        }
      }
    }
  }
}
