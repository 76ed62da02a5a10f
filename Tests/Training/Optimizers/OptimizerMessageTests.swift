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
    #expect(stopSentence(rate) == "Adam: the learning rate -1.0 is not a number of at least 0")
    let later = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var (model, optimizer) = (Self.model(), SGD(for: Self.model(), learningRate: 1))
      optimizer.learningRate = .nan
      optimizer.update(&model, along: model)
    }
    #expect(stopSentence(later) == "SGD: the learning rate nan is not a number of at least 0")
    let nesterov = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SGD(for: Self.model(), learningRate: 1, nesterov: true)
    }
    #expect(
      stopSentence(nesterov) == "SGD: Nesterov's momentum needs a momentum and no dampening, not 0.0 and 0.0")
    let beta = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Adam(for: Self.model(), betas: (0.9, 1))
    }
    #expect(stopSentence(beta) == "Adam: a beta of 1.0 is not from 0 to below 1")
    let forgetful = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SGD(for: Forgetful(), learningRate: 1)
    }
    #expect(
      stopSentence(forgetful)
        == "Forgetful: visit hands over 1 parameters, but the fields hold 2 tensors; not visited under their names: second")
  }

  @Test func gradientsThatDoNotFit() async {
    let missing = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var (model, optimizer) = (Self.model(), Adam(for: Self.model()))
      optimizer.update(&model, along: Self.model(bias: false))
    }
    #expect(stopSentence(missing) == "update: the model has the parameter bias, the gradient has not")
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
        == "update: a float32 velocity of shape [3, 5] does not fit a float32 parameter of shape [3, 2]")
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
    #expect(stopSentence(recorded) == "update: the parameter weight is recorded, so its numbers must stay")
  }

  @Test func optimizersAreModules() {
    let optimizer = Adam(for: Self.model())
    #expect(optimizer.audit() == nil)
    #expect(
      optimizer.parameters.map(\.name) == ["first.weight", "first.bias", "second.weight", "second.bias", "steps"])
    #expect(SGD(for: Self.model(), learningRate: 1).parameters.map(\.name) == ["steps"])
    let momentum = SGD(for: Self.model(), learningRate: 1, momentum: 0.9)
    #expect(momentum.audit() == nil && momentum.parameters.map(\.name) == ["velocity.weight", "velocity.bias", "steps"])
  }
}
