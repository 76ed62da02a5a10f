import Testing
import UnrollArrays
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// A training that was stopped and went on in fresh values is the one that was never stopped, bit for bit.
@Suite struct ResumeTests {
  typealias Make = @Sendable (LanguageModel) -> any Optimizer<LanguageModel>

  static let rules: [(String, Make)] = [
    ("SGD", { SGD(for: $0, learningRate: 0.1) }),
    ("SGD momentum", { SGD(for: $0, learningRate: 0.1, momentum: 0.9, dampening: 0.5, weightDecay: 0.01) }),
    ("SGD Nesterov", { SGD(for: $0, learningRate: 0.1, momentum: 0.9, nesterov: true) }),
    ("RMSProp", { RMSProp(for: $0) }),
    ("RMSProp centred", { RMSProp(for: $0, momentum: 0.5, centred: true) }),
    ("AdaGrad", { AdaGrad(for: $0, rateDecay: 0.1) }),
    ("AdaDelta", { AdaDelta(for: $0) }),
    ("Adam", { Adam(for: $0, weightDecay: 0.01) }),
    ("AdamW, AMSGrad", { Adam(for: $0, decoupledDecay: 0.01, amsgrad: true) }),
    ("AdaMax", { AdaMax(for: $0) }),
    ("NAdam", { NAdam(for: $0) }),
    ("RAdam", { RAdam(for: $0) }),
    ("Rprop", { Rprop(for: $0) }),
    ("Lion", { Lion(for: $0, decoupledDecay: 0.1) }),
    ("RuleOptimizer", { RuleOptimizer(OwnAdam(), for: $0, learningRate: 0.01) }),
    ("AveragedSGD", { AveragedSGD(for: $0, start: 3) }),
    ("TriggeredAveragedSGD", { TriggeredAveragedSGD(for: $0, learningRate: 0.1, patience: 2) }),
    (
      "ParameterGroups",
      { model in
        ParameterGroups([
          ParameterGroup(Adam(for: model, learningRate: 0.01)) { $0.hasPrefix("head") },
          ParameterGroup(Adam(for: model, learningRate: 0.03)),
        ])
      }
    ),
  ]

  @Test(arguments: rules.indices, [ElementType.float32, .float64])
  func asIfNeverStopped(_ rule: Int, _ type: ElementType) async throws {
    let (name, make) = ResumeTests.rules[rule]
    var generator = Generator(seed: 0)
    func check<Rule: Optimizer<LanguageModel>>(_: Rule) async throws {
      func fresh(_ seed: Int) -> LanguageTraining<Rule>? {
        guard make(LanguageModel(type, using: &generator)) is Rule else { return nil }
        return LanguageTraining(seed: seed, type) { model in
          guard let optimizer = make(model) as? Rule else { fatalError("\(name) is always the same optimizer") }
          return optimizer
        }
      }
      // Five steps end in the middle of a row, of which 7 windows and a half are had.
      var straight = try #require(fresh(1))
      straight.advance(to: 10)
      var first = try #require(fresh(1))
      first.advance(to: 5)
      try await withFolder { folder in
        try first.checkpoint.save(to: folder, keeping: 1)
        var second = try #require(fresh(2))
        second.advance(to: 1)
        try second.restore(try #require(try Checkpoint.latest(in: folder)))
        #expect(bits(second.model) == bits(first.model))
        second.advance(to: 10)
        #expect(bits(second.model) == bits(straight.model), "\(name)")
        #expect(bits(second.optimizer) == bits(straight.optimizer), "\(name)")
        #expect(second.generator == straight.generator && second.stopping == straight.stopping)
        #expect(second.plateau.rate == straight.plateau.rate && second.window == straight.window)
        #expect(second.optimizer.learningRate == straight.optimizer.learningRate)
      }
    }
    try await check(make(LanguageModel(type, using: &generator)))
  }

  /// What may be changed of an optimizer comes back, and what may not is compared.
  @Test func optionsOfOptimizers() throws {
    var generator = Generator(seed: 1)
    let model = Linear(2, 3, using: &generator)
    var adam = Adam(for: model, learningRate: 0.1, weightDecay: 0.5)
    adam.learningRate = 0.123
    adam.weightDecay = 0.25
    let checkpoint = Checkpoint(step: 0, ["optimizer": adam])
    let kept = try checkpoint.value("optimizer", like: Adam(for: model))
    #expect(kept.learningRate == 0.123 && kept.weightDecay == 0.25 && kept.decoupledDecay == 0)
    #expect(
      throws: LoadingError(
        .different, "the stored optimizer has (first: 0.9, second: 0.999), this one (first: 0.9, second: 0.99)",
        name: "optimizer.betas")
    ) {
      try checkpoint.value("optimizer", like: Adam(for: model, betas: (0.9, 0.99)))
    }
    // Another rule is called by its name, whichever constants the two have.
    func different(_ stored: String, _ own: String) -> LoadingError {
      LoadingError(.different, "the stored optimizer is \(stored), this one \(own)", name: "optimizer.rule")
    }
    #expect(throws: different("Adam", "NAdam")) { try checkpoint.value("optimizer", like: NAdam(for: model)) }
    #expect(throws: different("Adam", "SGD")) { try checkpoint.value("optimizer", like: SGD(for: model, learningRate: 1)) }
    let descent = Checkpoint(step: 0, ["optimizer": SGD(for: model, learningRate: 1)])
    #expect(throws: different("SGD", "Adam")) { try descent.value("optimizer", like: Adam(for: model)) }
    #expect(throws: LoadingError.self) { try checkpoint.value("optimizer", like: RAdam(for: model)) }
    #expect(throws: LoadingError.self) { try checkpoint.value("optimizer", like: Adam(for: model, amsgrad: true)) }
    var average = MovingAverage(of: model, decay: 0.5)
    average.update(with: model + model)
    let again = try Checkpoint(step: 0, ["average": average]).value("average", like: MovingAverage(of: model))
    #expect(bits(again) == bits(average) && again.decay == 0.5)
  }
}
