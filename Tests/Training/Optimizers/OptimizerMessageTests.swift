import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// Misuse of optimizers stops with a sentence.
@Suite struct OptimizerMessageTests {
  private static func model(bias: Bool = true, outputs: Int = 2) -> Linear {
    Linear(weight: Tensor.ones([3, outputs]), bias: bias ? Tensor.ones([outputs]) : nil)
  }

  private struct Forgetful: Module {
    var first = Tensor(1)
    var second = Tensor(2)
    mutating func visit(_ visitor: Visitor) { visitor("first", &first) }
  }

  @Test func options() async {
    let rate = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Adam(for: Self.model(), learningRate: -1)
    }
    #expect(stopSentence(rate) == "Adam: the learning rate -1.0 is negative or not finite")
    let later = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var (model, optimizer) = (Self.model(), SGD(for: Self.model(), learningRate: 1))
      optimizer.learningRate = .nan
      optimizer.update(&model, along: model)
    }
    #expect(stopSentence(later) == "SGD: the learning rate nan is negative or not finite")
    let nesterov = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SGD(for: Self.model(), learningRate: 1, nesterov: true)
    }
    #expect(
      stopSentence(nesterov) == "SGD: Nesterov's momentum needs a momentum and no dampening, not 0.0 and 0.0")
    let beta = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Adam(for: Self.model(), betas: (0.9, 1))
    }
    #expect(stopSentence(beta) == "Adam: a beta of 1.0 is not in 0..<1")
    let forgetful = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SGD(for: Forgetful(), learningRate: 1)
    }
    #expect(
      stopSentence(forgetful)
        == "Forgetful: visit covers 1 parameters, but the fields hold 2 tensors; not visited: second")
  }

  @Test func optionsOfTheOthers() async {
    let smoothing = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = RMSProp(for: Self.model(), smoothing: 1)
    }
    #expect(stopSentence(smoothing) == "RMSProp: a smoothing of 1.0 is not in 0..<1")
    let start = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = AdaGrad(for: Self.model(), start: -1)
    }
    #expect(stopSentence(start) == "AdaGrad: a start of -1.0 is negative or not finite")
    let rho = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = AdaDelta(for: Self.model(), smoothing: -0.5)
    }
    #expect(stopSentence(rho) == "AdaDelta: a smoothing of -0.5 is not in 0..<1")
    let betas = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Lion(for: Self.model(), betas: (0.9, 1.5))
    }
    #expect(stopSentence(betas) == "Lion: a beta of 1.5 is not in 0..<1")
    let largest = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = AdaMax(for: Self.model(), epsilon: -1)
    }
    #expect(stopSentence(largest) == "AdaMax: an epsilon of -1.0 is negative or not finite")
    let nesterov = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NAdam(for: Self.model(), momentumDecay: .nan)
    }
    #expect(stopSentence(nesterov) == "NAdam: the momentum decay nan is negative or not finite")
    let rectified = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = RAdam(for: Self.model(), decoupledDecay: -0.1)
    }
    #expect(stopSentence(rectified) == "RAdam: the weight decay -0.1 is negative or not finite")
    let factors = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Rprop(for: Self.model(), factors: (1.5, 1.2))
    }
    #expect(stopSentence(factors) == "Rprop: the factors 1.5 and 1.2 do not shrink and grow")
  }

  @Test func optionsOfMeansAndGroups() async {
    let fading = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = AveragedSGD(for: Self.model(), fading: -1)
    }
    #expect(stopSentence(fading) == "AveragedSGD: a fading of -1.0 is negative or not finite")
    let patience = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = TriggeredAveragedSGD(for: Self.model(), learningRate: 1, patience: 0)
    }
    #expect(stopSentence(patience) == "TriggeredAveragedSGD: a patience of 0 checks is not at least 1")
    let endless = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = TriggeredAveragedSGD(for: Self.model(), learningRate: 1, patience: .max)
    }
    #expect(
      stopSentence(endless)
        == "TriggeredAveragedSGD: a patience of 9223372036854775807 checks is too large to store their losses")
    let loss = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var optimizer = TriggeredAveragedSGD(for: Self.model(), learningRate: 1)
      optimizer.check(loss: .nan)
    }
    #expect(stopSentence(loss) == "TriggeredAveragedSGD: a loss of nan cannot be compared")
    let decay = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = MovingAverage(of: Self.model(), decay: 1)
    }
    #expect(stopSentence(decay) == "MovingAverage: a decay of 1.0 is not in 0..<1")
    let groups = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ParameterGroups<SGD<Linear>>([])
    }
    #expect(stopSentence(groups) == "ParameterGroups: there are no groups")
    let late = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var (model, optimizer) = (Self.model(), SGD(for: Self.model(), learningRate: 1))
      optimizer.momentum = 0.5
      optimizer.update(&model, along: model)
    }
    #expect(
      stopSentence(late) == "SGD: an optimizer made without momentum cannot use a momentum of 0.5")
  }

  @Test func gradientsThatDoNotFit() async {
    let missing = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var (model, optimizer) = (Self.model(), Adam(for: Self.model()))
      optimizer.update(&model, along: Self.model(bias: false))
    }
    #expect(stopSentence(missing) == "update: the gradient has no parameter bias")
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var (model, optimizer) = (Self.model(), Adam(for: Self.model()))
      optimizer.update(&model, along: Self.model(outputs: 4).cast(to: .float64))
    }
    #expect(
      stopSentence(shape)
        == "update: the gradient of weight is float64 of shape [3, 4], the parameter float32 of shape [3, 2]")
    let other = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var (model, optimizer) = (Self.model(), Adam(for: Self.model(bias: false)))
      optimizer.update(&model, along: model)
    }
    #expect(
      stopSentence(other) == "update: the model has the parameter bias, but the optimizer was made for 1 parameters")
    let fewer = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var (model, optimizer) = (Self.model(bias: false), SGD(for: Self.model(), learningRate: 1))
      optimizer.update(&model, along: model)
    }
    #expect(stopSentence(fewer) == "update: the model has 1 parameters, but the optimizer was made for 2")
    let grown = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var (model, optimizer) = (Self.model(), SGD(for: Self.model(outputs: 5), learningRate: 1, momentum: 0.5))
      optimizer.update(&model, along: model)
    }
    #expect(
      stopSentence(grown)
        == "update: a float32 memory of shape [3, 5] does not fit a float32 parameter of shape [3, 2]")
  }

  @Test func recordedParameters() async {
    let recorded = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var optimizer = SGD(for: Self.model(), learningRate: 1)
      _ = gradient(at: Self.model()) { model in
        var inner = model
        optimizer.update(&inner, along: Self.model())
        return model.weight.sum()
      }
    }
    #expect(stopSentence(recorded) == "update: the parameter weight is recorded and cannot change in place")
  }

  @Test func optimizersAreModules() {
    let optimizer = Adam(for: Self.model())
    #expect(optimizer.audit() == nil)
    #expect(
      optimizer.parameters.map(\.name) == ["first.weight", "first.bias", "second.weight", "second.bias", "steps"])
    let others: [any Module] = [
      NAdam(for: Self.model()), RMSProp(for: Self.model(), momentum: 0.5, centred: true),
      TriggeredAveragedSGD(for: Self.model(), learningRate: 1),
      ParameterGroups([ParameterGroup(Lion(for: Self.model()))]),
    ]
    #expect(others.allSatisfy { $0.audit() == nil })
    #expect(others[0].parameters.last?.name == "products")
    #expect(others[3].parameters.map(\.name) == ["groups.0.mean.weight", "groups.0.mean.bias", "groups.0.steps"])
    #expect(SGD(for: Self.model(), learningRate: 1).parameters.map(\.name) == ["steps"])
    let momentum = SGD(for: Self.model(), learningRate: 1, momentum: 0.9)
    #expect(momentum.audit() == nil && momentum.parameters.map(\.name) == ["velocity.weight", "velocity.bias", "steps"])
  }
}
