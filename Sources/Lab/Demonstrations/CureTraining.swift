internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollGradientFlow
internal import UnrollNetworks
internal import UnrollTraining

/// A number that must be told after a delay: the first step brings −1 or 1, all steps bring noise on a second line, and the answer
/// after the last step is whether the number was 1.
///
/// Inputs `[batch, steps, 2]`, targets `[batch, 1]`, 0 or 1; half of all guesses are right.
struct DelayTask: Sendable {
  let steps: Int

  func batch(_ count: Int, using generator: inout Generator) -> (inputs: Tensor, targets: Tensor) {
    let targets = Tensor.bernoulli([count, 1], probability: 0.5, using: &generator)
    let first = (targets * 2 - 1).expandingAxis(2)
    let numbers = steps > 1 ? Tensor.concatenate([first, Tensor.zeros([count, steps - 1, 1])], axis: 1) : first
    let noise = Tensor.normal([count, steps, 1], deviation: 0.5, using: &generator)
    return (Tensor.concatenate([numbers, noise], axis: 2), targets)
  }
}

/// A recurrent layer, and the score that a linear layer gives its last output.
private struct Teller<Cell: RecurrentCell>: Module {
  var recurrent: Recurrent<Cell>
  var head: Linear

  mutating func visit(_ visitor: Visitor) {
    visitor("recurrent", &recurrent)
    visitor("head", &head)
  }

  func score(_ outputs: Tensor) -> Tensor { head(outputs[.all, -1]) }
}

/// Trains one network after the other on the same examples, and measures its gradient before and after.
struct CureTraining: Sendable {
  let steps, hidden, updates, seed: Int

  /// The number of updates between checks for a solution.
  private static let interval = 10
  /// The share of right answers from which on the task is solved.
  private static let goal = 0.99

  func course(_ cure: Cure) -> CureDemonstration.Course {
    var generator = Generator(seed: seed)
    let bound = 1 / Double(hidden).squareRoot()
    let small = Initializer.uniform(in: -bound..<bound)
    func plain(_ recurrent: Initializer, _ activation: Activation = .tanh) -> RNNCell {
      RNNCell(2, hidden, activation: activation, recurrent: recurrent, using: &generator)
    }
    func lstm(_ forgetBias: Double) -> LSTMCell { LSTMCell(2, hidden, forgetBias: forgetBias, using: &generator) }
    func stretching() -> RNNCell { plain(.orthogonal(gain: 1.1), .identity) }
    switch cure {
    case .tanh: return trained(cure, plain(small))
    case .orthogonalStart: return trained(cure, plain(.orthogonal()))
    case .identityStart: return trained(cure, plain(.identity(), .relu))
    case .layerNorm:
      var cell = LayerNormRNNCell(2, hidden, using: &generator)
      cell.recurrentWeight = small([hidden, hidden], using: &generator)
      return trained(cure, cell)
    case .orthogonal: return trained(cure, Orthogonal(plain(small, .identity)))
    case .flossing: return trained(cure, flossed(plain(small), exponents: max(1, hidden / 4)))
    case .gradientNorm:
      return trained(cure, plain(small)) { model, batch, _ in
        // A few rows are enough, since all of them pass through the same weights.
        let (inputs, targets) = (batch.inputs[..<4], batch.targets[..<4])
        return gradientNormPenalty(of: model.recurrent.forward[0], on: inputs) {
          binaryCrossEntropy(model.score($0), targets)
        } * 0.1
      }
    case .forgetful: return trained(cure, lstm(0))
    case .openGates: return trained(cure, lstm(3))
    case .chrono:
      var cell = lstm(0)
      cell.bias = Initializer.chrono(longest: Double(max(3, steps)))([4 * hidden], using: &generator)
      return trained(cure, cell)
    case .lru: return trained(cure, LRUCell(2, hidden, radii: 0.9..<0.999, angle: 0.3, using: &generator))
    case .rglru: return trained(cure, RGLRUCell(2, hidden, using: &generator))
    case .stretching: return trained(cure, stretching(), clip: nil)
    case .clipped: return trained(cure, stretching())
    case .stabilised: return trained(cure, stretching()) { _, _, outputs in normPenalty(outputs) }
    case .stretchingFlossed: return trained(cure, flossed(stretching(), exponents: hidden))
    }
  }

  /// A cell after gradient flossing, on short sequences: what a step does to changes, it does at all steps. It has no more updates than
  /// the training.
  private func flossed(_ start: RNNCell, exponents: Int) -> RNNCell {
    var (cell, generator) = (start, Generator(seed: seed + 2))
    var optimizer = Adam(for: cell, learningRate: 0.01)
    for _ in 0..<min(60, updates) {
      let x = DelayTask(steps: min(steps, 25)).batch(2, using: &generator).inputs
      let slope = gradient(at: cell) { lyapunovExponents(of: $0, on: x, count: exponents).meanOfSquares() }
      optimizer.update(&cell, along: slope.clipped(norm: 1))
    }
    return cell
  }

  private typealias Batch = (inputs: Tensor, targets: Tensor)

  /// What is added to the loss.
  private typealias Penalty<Cell: RecurrentCell> = (_ model: Teller<Cell>, _ batch: Batch, _ outputs: Tensor) -> Tensor

  /// Networks whose gradient vanishes learn by Adam, whose steps are as long for small gradients as for large ones; those whose
  /// gradient explodes by plain descent, which does not hide it.
  private func trained<Cell: RecurrentCell>(
    _ cure: Cure, _ cell: Cell, clip: Double? = 1, penalty: Penalty<Cell>? = nil
  ) -> CureDemonstration.Course {
    var generator = Generator(seed: seed + 1)
    let model = Teller(
      recurrent: Recurrent(forward: [cell]), head: Linear(cell.hiddenSize, 1, using: &generator))
    return switch cure.family {
    case .exploding: trained(cure, model, SGD(for: model, learningRate: 0.1), clip, penalty)
    default: trained(cure, model, Adam(for: model, learningRate: 0.003), clip, penalty)
    }
  }

  private func trained<Cell, Rule: Optimizer>(
    _ cure: Cure, _ start: Teller<Cell>, _ rule: Rule, _ clip: Double?, _ penalty: Penalty<Cell>?
  ) -> CureDemonstration.Course where Rule.Model == Teller<Cell> {
    var (model, rule, generator) = (start, rule, Generator(seed: seed + 3))
    let task = DelayTask(steps: steps)
    let test = task.batch(256, using: &generator)
    var rights = [right(model, test)]
    var (solvedAt, divergedAt) = (Int?.none, Int?.none)
    for update in 1...updates {
      let batch = task.batch(32, using: &generator)
      let (loss, slope) = valueAndGradient(at: model) { model in
        let outputs = model.recurrent(batch.inputs).outputs
        let loss = binaryCrossEntropy(model.score(outputs), batch.targets)
        return penalty.map { loss + $0(model, batch, outputs) } ?? loss
      }
      guard loss.item.isFinite, slope.norm.isFinite else {
        divergedAt = update
        break
      }
      rule.update(&model, along: clip.map { slope.clipped(norm: $0) } ?? slope)
      if update % Self.interval > 0 { continue }
      rights.append(right(model, test))
      if rights[rights.count - 1] >= Self.goal {
        solvedAt = update
        break
      }
    }
    return CureDemonstration.Course(
      cure: cure, start: shares(start, test.inputs), end: divergedAt == nil ? shares(model, test.inputs) : [],
      rights: rights, interval: Self.interval, solvedAt: solvedAt, divergedAt: divergedAt)
  }

  private func right<Cell>(_ model: Teller<Cell>, _ test: Batch) -> Double {
    let scores = model.score(model.recurrent(test.inputs).outputs).scalars(as: Double.self)
    let targets = test.targets.scalars(as: Double.self)
    return Double(zip(scores, targets).count { ($0 > 0) == ($1 > 0.5) }) / Double(targets.count)
  }

  /// The norms of the score's derivatives by the state before the first step, after it, and so on, divided by the last one: of an
  /// LSTM or LRU by the memory.
  private func shares<Cell>(_ model: Teller<Cell>, _ inputs: Tensor) -> [Double] {
    // Smaller numbers than float32 has are to be seen.
    let model = model.cast(to: .float64)
    let flow = GradientFlow(of: model.recurrent, on: inputs[..<16].cast(to: .float64)) { model.score($0).sum() }
    let norms = flow.traces[flow.traces.count - 1].mean
    return norms.map { $0 / norms[norms.count - 1] }
  }
}
