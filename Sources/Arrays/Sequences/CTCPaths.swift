internal import UnrollKernelTemplates

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
