import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// A training that has diverged does not take the place of what it could go on from.
@Suite struct DivergenceTests {
  private static func model() -> Linear {
    var generator = Generator(seed: 3)
    return Linear(2, 3, using: &generator)
  }

  /// Values of which something is not finite, by the names of what is not.
  private static let diverged: [(String, @Sendable () -> any Storable)] = [
    ("value.weight", { model().mapping { name, tensor in name == "weight" ? tensor * .nan : tensor } }),
    ("value.bias", { model().mapping { name, tensor in name == "bias" ? tensor * .infinity : tensor } }),
    ("value.first.weight", { updated(Adam(for: model())) }),
    ("value.velocity.weight", { updated(SGD(for: model(), learningRate: 0.1, momentum: 0.9)) }),
    ("value.average.weight", { updated(AveragedSGD(for: model())) }),
    ("value.groups.0.first.weight", { updated(ParameterGroups([ParameterGroup(Adam(for: model()))])) }),
    ("value.average.weight", { MovingAverage(of: model() * .nan) }),
    ("value.hidden", { HiddenState(hidden: Tensor([Double.infinity])) }),
    ("value.cells.0.cell", { LSTM.State(cells: [LSTMState(hidden: Tensor([1.0]), cell: Tensor([Double.nan]))]) }),
  ]

  /// An optimizer after a step whose gradient was not finite.
  private static func updated<Rule: Optimizer<Linear>>(_ rule: Rule) -> Rule {
    var (rule, model) = (rule, model())
    rule.update(&model, along: model.mapping { $0 * .infinity })
    return rule
  }

  @Test(arguments: diverged.indices) func whatIsNotFiniteIsNotWritten(_ index: Int) async throws {
    let (name, value) = Self.diverged[index]
    try await withFolder { folder in
      try Checkpoint(step: 1, ["value": Self.model()]).save(to: folder, keeping: 1)
      let path = folder + "/checkpoint-000000002.safetensors"
      let error = #expect(throws: ArrayFileError.self) {
        try Checkpoint(step: 2, ["value": value()]).save(to: folder, keeping: 1)
      }
      #expect(error?.kind == .notFinite && error?.array == name && error?.file == path, "\(String(describing: error))")
      #expect(try names(in: folder) == ["checkpoint-000000001.safetensors"])
      #expect(try Checkpoint.latest(in: folder)?.step == 1)
      #expect(throws: ArrayFileError.self) { try Checkpoint(step: 1, ["value": value()]).write(to: folder + "/best") }
    }
  }

  /// What is no number by nature may be kept: losses that nobody has measured yet, and whatever a program puts in by itself.
  @Test func othersMayBeInfinite() async throws {
    try await withFolder { folder in
      let rule = TriggeredAveragedSGD(for: Self.model(), learningRate: 0.1)
      try Checkpoint(step: 1, ["rule": rule, "best": Double.nan, "tensor": Tensor([Double.nan])]).save(to: folder, keeping: 1)
      let kept = try #require(try Checkpoint.latest(in: folder)).value("rule", like: rule)
      #expect(bits(kept) == bits(rule))
      // A model by itself is written as it is, for whoever wants to look at it.
      try (Self.model() * .nan).save(to: folder + "/model")
      var model = Self.model()
      try model.load(from: folder + "/model")
      #expect(model.weight.array.scalars(as: Double.self).allSatisfy { $0.isNaN })
    }
  }

  @Test func whatIsNotFiniteIsNotRestored() throws {
    let bad = Checkpoint(step: 1, ["model": Self.model() * .nan])
    let error = #expect(throws: LoadingError.self) { try bad.value("model", like: Self.model()) }
    #expect(error == LoadingError(.different, "holds NaN or infinity, so training cannot resume from it", name: "model.weight"))
  }
}
