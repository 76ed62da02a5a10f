internal import UnrollArrays
internal import UnrollFiles
internal import UnrollTraining

extension Experiment {
  /// The name of the experiment with the character model.
  static let textName = "text, character model"

  /// A character model that learns a text; `about` describes the text. It is solved if the loss is below that of the
  /// frequencies of pairs of characters; all updates are made in any case. Throws if the text is too short for the settings,
  /// whose seed is ignored.
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

/// The loss on the validation text in bits per character, if the probability of a character is (n + 1) / (m + vocabulary): of
/// the m occurrences of the previous character in the training text, n were followed by it.
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
