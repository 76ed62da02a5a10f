internal import UnrollArrays
internal import UnrollFiles
internal import UnrollTraining

extension Experiment {
  /// What the character model's experiment is called.
  static let textName = "text, character model"

  /// A character model that learns a text; `about` says which. Solved is a loss below that of the frequencies of pairs of characters,
  /// which all updates are made for. Throws where the text is too short for the settings, whose seed does not count.
  static func characters(
    of text: String, about: String, _ settings: CharacterSettings = CharacterSettings()
  ) throws(UnfitText) -> Experiment {
    let beginning = try CharacterTraining(on: text, settings)
    let pairs = pairBits(beginning.vocabulary.ids(text), vocabulary: beginning.vocabulary.count)
    let plan = TrainingPlan(
      learningRate: settings.learningRate, clip: settings.clip, batch: settings.batch, steps: 2000, interval: 2000)
    let model = Contestant(
      name: "LSTM \(settings.layers) × \(settings.hidden)",
      settings: "\(settings.steps) steps, a text with the checksum \(beginning.textChecksum)", plans: [plan]
    ) { plan, seed, isStopped in
      beginning.restarted(seed: seed).outcome(updates: plan.steps, goal: pairs, unless: isStopped)
    }
    return Experiment(
      name: textName, goal: "fewer bits per character of \(about) than the frequencies of pairs have, on what was kept aside",
      baseline: numberText(pairs), isHigherBetter: false, contestants: [model], seedCount: 3)
  }
}

extension CharacterTraining {
  fileprivate func outcome(updates: Int, goal: Double, unless isStopped: () -> Bool) -> TrainingOutcome? {
    var training = self
    let begin = monotonicSeconds()
    while training.updates < updates {
      if isStopped() { return nil }
      guard training.update().bits.isFinite else {
        return TrainingOutcome(
          isSolved: false, steps: training.updates, metric: .nan, seconds: monotonicSeconds() - begin)
      }
    }
    return training.validationBits(unless: isStopped).map { bits in
      TrainingOutcome(isSolved: bits < goal, steps: updates, metric: bits, seconds: monotonicSeconds() - begin)
    }
  }
}

/// The loss in bits per character of what is kept aside, where a character's probability is (n + 1) / (m + vocabulary): it followed
/// the one before it n of m times in what is trained on.
func pairBits(_ ids: [Int], vocabulary: Int) -> Double {
  let cut = CharacterSettings.trainingCount(of: ids.count)
  var (pairs, firsts): ([Int: Int], [Int: Int]) = ([:], [:])
  for (first, second) in zip(ids[..<cut], ids[1..<cut]) {
    pairs[first * vocabulary + second, default: 0] += 1
    firsts[first, default: 0] += 1
  }
  let probabilities = zip(ids[cut...], ids[(cut + 1)...]).map { first, second in
    Double(pairs[first * vocabulary + second, default: 0] + 1) / Double(firsts[first, default: 0] + vocabulary)
  }
  return -NDArray(probabilities).log().sum().item / Double(probabilities.count) * bitsPerNat
}
