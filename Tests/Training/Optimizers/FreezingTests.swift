import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

/// What is frozen stays, to the last bit, whatever rule updates the rest and whatever the rule remembers.
@Suite struct FreezingTests {
  private static let isFrozen: @Sendable (String) -> Bool = { $0.hasPrefix("lstm") || $0.hasSuffix("bias") }

  /// The rules of the resuming test, and those with every decay.
  private static let rules: [(String, ResumeTests.Make)] =
    ResumeTests.rules + decaying

  private static let decaying: [(String, ResumeTests.Make)] = [
    ("AdamW", { Adam(for: $0, weightDecay: 0.1, decoupledDecay: 0.1) }),
    ("NAdam", { NAdam(for: $0, weightDecay: 0.1, decoupledDecay: 0.1) }),
    ("RAdam", { RAdam(for: $0, weightDecay: 0.1, decoupledDecay: 0.1) }),
    ("AdaMax", { AdaMax(for: $0, weightDecay: 0.1) }),
    ("AdaDelta", { AdaDelta(for: $0, weightDecay: 0.1) }),
    ("AdaGrad", { AdaGrad(for: $0, weightDecay: 0.1) }),
    ("RMSProp", { RMSProp(for: $0, momentum: 0.5, centred: true, weightDecay: 0.1) }),
    ("AveragedSGD", { AveragedSGD(for: $0, fading: 0.1, start: 0, weightDecay: 0.1) }),
    ("TriggeredAveragedSGD", { TriggeredAveragedSGD(for: $0, learningRate: 0.1, weightDecay: 0.1) }),
  ]

  private static let windows = Windows(Indices((0..<61).map { $0 * $0 % 7 }), batch: 2, steps: 4)

  private static func slope(at model: LanguageModel, _ window: Int, freezing: Bool = false) -> LanguageModel {
    let batch = windows[window]
    return gradient(at: model) { model in
      let model = freezing ? model.freezing(where: isFrozen) : model
      return crossEntropy(model.head(model.lstm(model.embedding(batch.inputs)).outputs), batch.targets)
    }
  }

  /// How a model is frozen: itself, or within the function that is differentiated, its gradient then changed as trainings do.
  private static let ways: [(String, @Sendable (inout LanguageModel, Int) -> LanguageModel)] = [
    (
      "the model",
      { model, window in
        if window == 2 { model = model.freezing(where: isFrozen) }
        return slope(at: model, window)
      }
    ),
    ("within", { model, window in slope(at: model, window, freezing: true) }),
    (
      "within, clipped", { model, window in slope(at: model, window, freezing: true).clipped(norm: 1e-3).clipped(value: 1) * 3 }
    ),
    (
      "within, a mean",
      { model, window in
        var mean = GradientMean<LanguageModel>()
        for i in 0..<2 { mean.add(slope(at: model, window + i, freezing: true), weight: 3) }
        return mean.gradient
      }
    ),
  ]

  @Test(arguments: rules.indices, ways.indices) func theyStayBitForBit(_ rule: Int, _ way: Int) throws {
    let (name, make) = Self.rules[rule]
    let (wayName, slopes) = Self.ways[way]
    func check<Rule: Optimizer<LanguageModel>>(_ first: Rule) {
      var (model, optimizer) = (start, first)
      // Every memory is filled before.
      for window in 0..<2 { optimizer.update(&model, along: Self.slope(at: model, window)) }
      let (before, remembered) = (bits(model), bits(optimizer))
      for window in 2..<5 {
        let slope = slopes(&model, window)
        optimizer.update(&model, along: slope)
      }
      for (parameter, numbers) in bits(model) {
        #expect((numbers == before[parameter]) == Self.isFrozen(parameter), "\(name), \(wayName), \(parameter)")
      }
      for (memory, numbers) in bits(optimizer)
      where before.keys.contains(where: { memory.hasSuffix("." + $0) && Self.isFrozen($0) }) {
        #expect(numbers == remembered[memory], "\(name), \(wayName), \(memory)")
      }
      model = model.freezing { _ in false }
      optimizer.update(&model, along: Self.slope(at: model, 5))
      #expect(bits(model).allSatisfy { $1 != before[$0] }, "\(name), \(wayName)")
    }
    check(make(start))
  }

  private var start: LanguageModel {
    var generator = Generator(seed: 1)
    var model = LanguageModel(.float32, using: &generator)
    // A bias of zero would not show that it decays.
    model = model.mapping { $0 + 0.125 }
    return model
  }

  /// A training that is taken up from files goes on with the same parameters frozen.
  @Test func loadedNumbersStayFrozen() throws {
    var model = start.freezing(where: Self.isFrozen)
    var optimizer = Adam(for: model, weightDecay: 0.1)
    let checkpoint = Checkpoint(step: 1, ["model": start * 2])
    let numbers = (start * 4).weights(for: .pytorch)
    for load in 0..<2 {
      if load == 0 { model = try checkpoint.value("model", like: model) } else { try model.load(numbers, from: .pytorch) }
      let before = bits(model)
      #expect(before == bits(start * (load == 0 ? 2 : 4)))
      optimizer.update(&model, along: Self.slope(at: model, load))
      for (name, numbers) in bits(model) { #expect((numbers == before[name]) == Self.isFrozen(name), "\(name)") }
    }
  }

  /// A mean of models follows a frozen one: it is an average of what the model was, not a parameter.
  @Test func meansOfModels() {
    var smooth = MovingAverage(of: start.freezing { _ in true }, decay: 0.5)
    smooth.update(with: start * 0)
    #expect(bits(smooth.average) == bits(start * 0.5))
    smooth.update(with: (start * 0).freezing { _ in true })
    #expect(bits(smooth.average) == bits(start * 0.25))
  }
}
