import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// What is dropped, how often, and what is left.
@Suite struct DropoutTests {
  @Test(arguments: [0.1, 0.5, 0.9]) func dropsAndScales(_ rate: Double) {
    for type in ElementType.allCases {
      var generator = Generator(seed: 1)
      let x = Tensor.normal([200, 100], type, using: &generator)
      let y = Dropout(rate)(x, using: &generator)
      #expect(y.shape == x.shape && y.type == type)
      let (before, after) = (x.array.scalars(as: Double.self), y.array.scalars(as: Double.self))
      let kept = zip(before, after).filter { $1 != 0 }
      let error = type == .float32 ? 1e-6 : 1e-15
      #expect(kept.allSatisfy { abs($1 / ($0 / (1 - rate)) - 1) < error })
      #expect(abs(Double(kept.count) / 20_000 - (1 - rate)) < 5 * (rate * (1 - rate) / 20_000).squareRoot())
    }
  }

  @Test func theSameSeedDropsTheSame() {
    var (generator, same) = (Generator(seed: 1), Generator(seed: 1))
    let (x, dropout) = (Tensor.ones([40, 5]), Dropout(0.3))
    let first = dropout(x, using: &generator)
    #expect(first.array == dropout(x, using: &same).array && generator == same)
    #expect(first.array != dropout(x, using: &generator).array)
  }

  @Test func factorsAreTheTrialsScaled() {
    for type in ElementType.allCases {
      var (generator, same) = (Generator(seed: 6), Generator(seed: 6))
      let kept = NDArray.bernoulli([7, 700], probability: 1 - 0.3, type, using: &same)
      #expect(Dropout(0.3).mask([7, 700], type, using: &generator).array == kept * (1 / (1 - 0.3)) && generator == same)
    }
  }

  @Test func rateZeroDrawsNothing() {
    var generator = Generator(seed: 1)
    let x: Tensor = [1, 2, 3]
    #expect(Dropout(0)(x, using: &generator).array == x.array && generator == Generator(seed: 1))
    #expect(Dropout(0).mask([3], using: &generator).array == [1, 1, 1])
  }

  /// Factors that are given are what is multiplied with; without a generator nothing is dropped.
  @Test func givenFactors() {
    var (generator, same) = (Generator(seed: 3), Generator(seed: 3))
    let (x, dropout) = (Tensor.normal([4, 6, 5], .float64, using: &generator), Dropout(0.3))
    same = generator
    let factors = dropout.mask(x.shape, x.type, using: &same)
    #expect(dropout(x, factors: factors).array == dropout(x, using: &generator).array)
    #expect(dropout(x, factors: factors[0]).array == (x * factors[0]).array)
    #expect(gradient(at: x) { dropout($0, factors: factors).sum() }.array == factors.array)
    #expect(dropout(x).array == x.array)
  }

  @Test func factorsThatDoNotFit() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Dropout(0.5)(Tensor.ones([1, 3]), factors: Tensor.ones([4, 3]))
    }
    #expect(stopSentence(result) == "Dropout: factors of shape [4, 3] do not fit an input of shape [1, 3]")
  }

  /// Derivatives pass where numbers do.
  @Test func derivatives() {
    let start = Generator(seed: 4)
    var generator = start
    let x = Tensor.normal([3, 4], .float64, using: &generator)
    let report = checkGradients(at: x, everyElement: true) { x in
      var generator = start
      return Dropout(0.4)(x.tanh(), using: &generator).square()
    }
    #expect(report.passes, "\(report)")
    var (one, two) = (start, start)
    let slope = gradient(at: x) { Dropout(0.4)($0, using: &one).sum() }
    #expect(slope.array == Dropout(0.4).mask([3, 4], .float64, using: &two).array)
  }

  @Test func lockedMasksHoldForAllSteps() {
    var generator = Generator(seed: 2)
    let sequence = Tensor.ones([6, 50, 20])
    let mask = Dropout(0.25).lockedMask(sequence.shape, using: &generator)
    #expect(mask.shape == [1, 50, 20] && generator.counter == 1000)
    let steps = (sequence * mask).array.unstacked(axis: 0)
    #expect(steps.allSatisfy { $0 == steps[0] })
    #expect(steps[0][0] != steps[0][1])
    let dropped = steps[0].scalars(as: Double.self).filter { $0 == 0 }.count
    #expect(abs(Double(dropped) / 1000 - 0.25) < 5 * (0.25 * 0.75 / 1000).squareRoot())
    #expect(Dropout(0.25).lockedMask([5, 6, 7], timeAxis: 1, using: &generator).shape == [5, 1, 7])
    #expect(Dropout(0.25).lockedMask([5, 6, 7], .float64, timeAxis: -2, using: &generator).shape == [5, 1, 7])
  }

  private struct Network: Module {
    var layer: Linear
    var dropout = Dropout(0.5)
    mutating func visit(_ visitor: Visitor) {
      visitor("layer", &layer)
      visitor("dropout", &dropout)
    }
  }

  @Test func isAPartWithoutParameters() {
    var generator = Generator(seed: 1)
    let model = Network(layer: Linear(2, 3, using: &generator))
    #expect(model.audit() == nil && model.parameters.map(\.name) == ["layer.weight", "layer.bias"])
    #expect((model - model).norm == 0 && Dropout(0.5).parameters.isEmpty)
    let slope = gradient(at: model) { $0.dropout($0.layer(Tensor.ones([4, 2])), using: &generator).sum() }
    #expect(slope.norm > 0)
  }

  @Test func misuseMessages() async {
    let rate = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = Dropout(1) }
    #expect(stopSentence(rate) == "Dropout: a rate of 1.0 is not in 0..<1")
    let notANumber = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = Dropout(.nan) }
    #expect(stopSentence(notANumber) == "Dropout: a rate of nan is not in 0..<1")
    let axis = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Dropout(0.5).lockedMask([2, 3], timeAxis: 2, using: &generator)
    }
    #expect(stopSentence(axis) == "lockedMask: shape [2, 3] has no axis 2 for time")
  }
}
