internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// The tasks as training problems. Each check for a solution draws fresh examples.
extension AddingTask {
  var problem: TaskProblem<Tensor> {
    TaskProblem(
      inputs: 2, outputs: 1, readsLast: true, draw: { batch($0, using: &$1) }, loss: { meanSquaredError($0, $1.targets) },
      measure: { answer, generator in
        let batch = batch(500, using: &generator)
        return meanSquaredError(answer(batch), batch.targets).item
      }, isSolved: { $0 <= 0.01 }, isHigherBetter: false)
  }
}

extension TemporalOrderTask {
  var problem: TaskProblem<Indices> {
    TaskProblem(
      inputs: TemporalOrderTask.features, outputs: classes, readsLast: true, draw: { batch($0, using: &$1) },
      loss: { crossEntropy($0, $1.targets) },
      measure: { answer, generator in
        let batch = batch(500, using: &generator)
        return accuracy(answer(batch), batch.targets)
      }, isSolved: { $0 == 1 }, isHigherBetter: true)
  }
}

extension CopyTask {
  var problem: TaskProblem<Indices> {
    let goal = baseline / 10
    return TaskProblem(
      inputs: CopyTask.symbols, outputs: CopyTask.symbols, readsLast: false, draw: { batch($0, using: &$1) },
      loss: { crossEntropy($0, $1.targets) },
      measure: { answer, generator in
        let batch = batch(100, using: &generator)
        return crossEntropy(answer(batch), batch.targets).item
      }, isSolved: { $0 <= goal }, isHigherBetter: false)
  }
}

extension EmbeddedReberTask {
  var problem: TaskProblem<Tensor> {
    TaskProblem(
      inputs: ReberGrammar.symbolCount, outputs: ReberGrammar.symbolCount, readsLast: false,
      draw: { batch($0, using: &$1) }, loss: successorLoss,
      measure: { answer, generator in
        let batch = batch(256, using: &generator)
        return shareOfRowsRight(answer(batch), batch)
      }, isSolved: { $0 == 1 }, isHigherBetter: true)
  }
}

extension ContinualReberTask {
  /// Solved if streams of ten times the length, read without a reset, are correct up to the last symbol.
  var problem: TaskProblem<Tensor> {
    TaskProblem(
      inputs: ReberGrammar.symbolCount, outputs: ReberGrammar.symbolCount, readsLast: false,
      draw: { batch($0, using: &$1) }, loss: successorLoss,
      measure: { answer, generator in
        let batch = ContinualReberTask(steps: 10 * steps).batch(10, using: &generator)
        return shareOfRowsRight(answer(batch), batch)
      }, isSolved: { $0 == 1 }, isHigherBetter: true)
  }
}

extension CountingTask {
  /// Solved if every string is correct up to more than twice the n of training; the measure is the largest n up to which all
  /// are.
  var problem: TaskProblem<Tensor> {
    TaskProblem(
      inputs: symbols, outputs: symbols, readsLast: false, draw: { batch($0, using: &$1) }, loss: successorLoss,
      measure: { answer, _ in
        let batch = strings(Array(1...3 * longest))
        return Double(rowsRight(answer(batch), batch).prefix { $0 }.count)
      }, isSolved: { [longest] in $0 > Double(2 * longest) }, isHigherBetter: true)
  }
}

/// The binary cross-entropy of whether each symbol is allowed, over the steps that count.
private let successorLoss: @Sendable (Tensor, TaskBatch<Tensor>) -> Tensor = { answers, batch in
  let counted = batch.mask.cast(to: .float32).expandingAxis(-1)
  let losses = binaryCrossEntropy(answers, batch.targets, weights: counted, reduction: .sum)
  return losses * (1 / Double(batch.lengths.reduce(0, +)))
}

/// Whether each row has positive logits for exactly the allowed symbols, at every step.
private func rowsRight(_ answers: Tensor, _ batch: TaskBatch<Tensor>) -> [Bool] {
  let (given, wanted) = (answers.array.scalars(as: Float.self), batch.targets.array.scalars(as: Float.self))
  let (steps, symbols) = (answers.shape[1], answers.shape[2])
  return batch.lengths.enumerated().map { row, length in
    (row * steps * symbols..<(row * steps + length) * symbols).allSatisfy { (given[$0] > 0) == (wanted[$0] > 0) }
  }
}

private func shareOfRowsRight(_ answers: Tensor, _ batch: TaskBatch<Tensor>) -> Double {
  Double(rowsRight(answers, batch).count { $0 }) / Double(batch.lengths.count)
}
