internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

extension StateTrackingTask {
  /// Solved if nearly all answers to beginnings that are longer than any sequence of training are right.
  var problem: TaskProblem<Indices> {
    TaskProblem(
      inputs: symbols.count, outputs: answerCount, readsLast: false, draw: { batch($0, steps: trained, using: &$1) },
      loss: { crossEntropy($0, $1.targets, ignoring: Self.noAnswer) },
      measure: { answer, generator in
        let batch = batch(50, steps: tested, using: &generator)
        let beyond = Mask((0..<50 * tested).map { $0 % tested >= trained }, shape: [50, tested])
        return accuracy(answer(batch), batch.targets, ignoring: Self.noAnswer, mask: beyond)
      }, isSolved: { $0 >= 0.99 }, isHigherBetter: true,
      measureAsTrained: { answer, generator in
        let batch = batch(250, steps: trained, using: &generator)
        return accuracy(answer(batch), batch.targets, ignoring: Self.noAnswer)
      })
  }
}

extension Experiment {
  /// Which recurrences can follow a state. Every network is two blocks of the same width with the same budget, several times what
  /// an LSTM takes for parity.
  static func stateTracking(_ task: StateTrackingTask) -> Experiment {
    let problem = task.problem
    let recurrences: [BlockDesign.Recurrence] = [.lstm, .slstm, .minGRU, .rglru, .lru, .orthogonal]
    return Experiment(
      name: "state tracking, \(task.rule.rawValue)",
      goal: "99 % of the answers after \(task.trained + 1) to \(task.tested) symbols right, of "
        + "training that ends at \(task.trained)",
      baseline: "\(task.baseline)", isHigherBetter: problem.isHigherBetter,
      contestants: recurrences.map { recurrence in
        let network = TaskNetwork.blocks(BlockDesign(recurrence: recurrence, width: 32, blocks: 2, reading: .every))
        return Contestant(
          network.title, network, problem,
          [3e-3, 1e-2].map { TrainingPlan(learningRate: $0, steps: task.answerCount == 2 ? 600 : 1000, interval: 100) })
      })
  }
}
