internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollFiles
internal import UnrollNetworks
internal import UnrollTraining

extension Experiment {
  /// What the experiment with series of a file is asked for by; its own name has the file's.
  static let seriesName = "series of a file"

  /// Networks that name the class of series in a file. A network solves it if it names more of the test right than the nearest
  /// series of the training set does; all updates are made in any case, and nothing is chosen by the test.
  static func classification(of data: SeriesData) -> Experiment {
    let (training, test) = data.standardized
    let problem = SeriesProblem(training: training, test: test)
    let nearest = nearestNeighbours(training, test)
    let checksum = checksum(of: test.text, after: checksum(of: training.text))
    let plan = TrainingPlan(learningRate: 1e-2, batch: 100, steps: 1500, interval: 1500)
    let recurrences: [BlockDesign.Recurrence] = [.gru, .lstm, .minGRU, .lru]
    var networks: [(TaskNetwork, [TrainingPlan])] = recurrences.map { recurrence in
      let design = BlockDesign(recurrence: recurrence, width: 32, blocks: 1, isBidirectional: true, reading: .mean)
      return (.blocks(design), [plan])
    }
    // The recurrent network of MNIST-1D's authors, with their rate, batch and number of updates.
    if let steps = training.lengths.first, (training.lengths + test.lengths).allSatisfy({ $0 == steps }) {
      let long = TrainingPlan(learningRate: 1e-2, clip: nil, batch: 100, steps: 6000, interval: 6000)
      networks.append((.everyState(6, steps: steps), [long]))
    }
    return Experiment(
      name: "series of \(data.name)",
      goal: "more of the \(test.cases.count) test cases right than by the class of the nearest of the \(training.cases.count) "
        + "training cases, divided \(data.division)",
      baseline: numberText(nearest), isHigherBetter: true,
      contestants: networks.map { network, plans in
        Contestant(
          name: network.title, settings: "\(network), series with the checksum \(checksum)", plans: plans
        ) { plan, seed, isStopped in
          problem.problem { $0 > nearest }.train(network, plan, seed: seed, unless: isStopped)
        }
      }, seedCount: 3)
  }
}

/// Series of a file as a training problem.
private struct SeriesProblem: Sendable {
  let training: SeriesFile
  let test: SeriesFile

  func problem(isSolved: @Sendable @escaping (Double) -> Bool) -> TaskProblem<Indices> {
    TaskProblem(
      inputs: training.dimensions, outputs: training.classes.count, readsLast: true,
      draw: { count, generator in
        let last = training.cases.count - 1
        return training.examples((0..<count).map { _ in Int.random(in: 0...last, using: &generator) })
      },
      loss: { crossEntropy($0, $1.targets) },
      measure: { answer, _ in
        let right = Batches(count: test.cases.count, size: 500).reduce(0.0) { right, positions in
          let batch = test.examples(positions)
          return right + accuracy(answer(batch), batch.targets) * Double(positions.count)
        }
        return right / Double(test.cases.count)
      }, isSolved: isSolved, isHigherBetter: true)
  }
}

extension SeriesFile {
  /// The cases at some positions as examples of a task; steps with a missing number are not seen.
  fileprivate func examples(_ positions: [Int]) -> TaskBatch<Indices> {
    let batch = batch(positions)
    let isWhole = batch.mask.trueCount == batch.lengths.reduce(0, +)
    return TaskBatch(
      inputs: batch.inputs, targets: batch.labels, lengths: batch.lengths, seen: isWhole ? nil : batch.mask)
  }
}

/// The share of test cases of the same class as the nearest training case, by the Euclidean distance. Shorter series are continued
/// with zeros, which are means, and so are missing numbers.
func nearestNeighbours(_ training: SeriesFile, _ test: SeriesFile) -> Double {
  let longest = (training.lengths + test.lengths).max() ?? 0
  func rows(_ series: SeriesFile, _ positions: Range<Int>) -> Tensor {
    let inputs = series.batch(Array(positions)).inputs
    let wide = inputs.padded([(0, 0), (0, longest - inputs.shape[1]), (0, 0)])
    return wide.reshaped([positions.count, longest * series.dimensions])
  }
  let known = rows(training, 0..<training.cases.count)
  let norms = known.square().sum(axes: 1)
  let right = Batches(count: test.cases.count, size: 500).reduce(0) { right, positions in
    let asked = rows(test, positions[0]..<positions[0] + positions.count)
    // |a − b|² without |a|², which is the same for all b.
    let nearest = (norms - asked.matmul(known.transposed(0, 1)) * 2).argmin().values
    return right + zip(nearest, positions).count { training.labels[$0] == test.labels[$1] }
  }
  return Double(right) / Double(test.cases.count)
}
