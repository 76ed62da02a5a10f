import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// Models are values: names, counting, arithmetic, gradients and the audit follow from `visit`.
@Suite struct ModuleTests {
  private struct Network: Module {
    var layers: [Linear]
    var head: Linear?
    var scale: Tensor

    mutating func visit(_ visitor: Visitor) {
      visitor("layers", &layers)
      visitor("head", &head)
      visitor("scale", &scale)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
      let hidden = layers.reduce(x) { $1($0).tanh() }
      return (head?(hidden) ?? hidden) * scale
    }
  }

  private func network(seed: Int = 1) -> Network {
    var generator = Generator(seed: seed)
    return Network(
      layers: [Linear(3, 4, .float64, using: &generator), Linear(4, 4, .float64, using: &generator)],
      head: Linear(4, 2, bias: false, .float64, using: &generator), scale: Tensor(2, .float64))
  }

  @Test func namesAndCounts() {
    let model = network()
    #expect(
      model.parameters.map(\.name) == [
        "layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias", "head.weight", "scale",
      ])
    #expect(model.parameterCount == 12 + 4 + 16 + 4 + 8 + 1)
    #expect(model.cast(to: .float32).parameters.allSatisfy { $0.tensor.type == .float32 })
  }

  /// Every part has the numbers of all that is in it, however deep, and the last lines have the sums.
  @Test func summaries() {
    let model = network()
    #expect(
      model.summary == """
        part                shape   numbers  memory
        Network                          45   360 B
          layers.0: Linear               16   128 B
            weight          [3, 4]       12    96 B
            bias            [4]           4    32 B
          layers.1: Linear               20   160 B
            weight          [4, 4]       16   128 B
            bias            [4]           4    32 B
          head: Linear                    8    64 B
            weight          [4, 2]        8    64 B
          scale             []            1     8 B
        all                              45   360 B
        """, "\(model.summary)")
    var generator = Generator(seed: 1)
    let gru = GRU(2, 3, layers: 2, using: &generator).freezing { $0.hasPrefix("forward.0") }
    let lines = Sequential(Linear(2, 3, using: &generator), Activation.tanh).summary.split(separator: "\n")
    #expect(lines[5...].map { $0.split(separator: " ").joined(separator: " ") } == ["1: Activation 0 0 B", "all 9 36 B"])
    let last = gru.summary.split(separator: "\n").suffix(2).map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
    let frozen = gru.forward[0].parameterCount
    #expect(last == ["all \(gru.parameterCount)", "frozen \(frozen)"] && frozen > 0)
    #expect(gru.summary.contains("\n  forward.1: GRUCell "))
  }

  /// Not its numbers, which may be millions.
  @Test func aModelIsPrintedAsItsParts() {
    #expect(
      "\(network())" == """
        Network of 45 numbers
          layers.0: Linear
          layers.0.weight [3, 4] float64
          layers.0.bias [4] float64
          layers.1: Linear
          layers.1.weight [4, 4] float64
          layers.1.bias [4] float64
          head: Linear
          head.weight [4, 2] float64
          scale [] float64
        """)
    #expect("\(Named())" == "a model that says itself what it is")
  }

  private struct Named: Module {
    var weight = Tensor(1)
    var description: String { "a model that says itself what it is" }
    mutating func visit(_ visitor: Visitor) { visitor("weight", &weight) }
  }

  @Test func gradientsAreModels() {
    let model = network()
    let x = Tensor.ones([5, 3], .float64)
    let slope = gradient(at: model) { $0(x).square().sum() }
    let report = checkGradients(at: model) { $0(x).square().sum() }
    #expect(report.passes, "\(report)")
    let smaller = model - 1e-3 * slope
    #expect(smaller(x).square().sum().item < model(x).square().sum().item)
    #expect((model + model * -1).norm == 0)
    #expect(abs(slope.norm - slope.parameters.reduce(0) { $0 + $1.tensor.square().sum().item }.squareRoot()) < 1e-12)
  }

  @Test func frozenParametersHaveGradientZero() {
    let model = network()
    let x = Tensor.ones([5, 3], .float64)
    let slope = gradient(at: model) { $0.freezing { $0.hasPrefix("layers") }(x).sum() }
    for (name, tensor) in slope.parameters {
      #expect((tensor.square().sum().item == 0) == name.hasPrefix("layers"), "\(name)")
    }
  }

  /// What is frozen has no derivative, within the function and outside of it, and what is made of it is frozen too.
  @Test func frozenModels() {
    let model = network()
    let x = Tensor.ones([5, 3], .float64)
    let frozen = model.freezing { $0.hasPrefix("layers") }
    func vanishing(_ slope: Network) -> [Bool] { slope.parameters.map { $0.tensor.square().sum().item == 0 } }
    let wanted = model.parameters.map { $0.name.hasPrefix("layers") }
    for some in [frozen, frozen * 2, frozen + frozen, frozen.mapping { $0 * 1 }, frozen.cast(to: .float32).cast(to: .float64)] {
      #expect(vanishing(gradient(at: some) { $0(x).sum() }) == wanted)
    }
    #expect(frozen(x).array == model(x).array)
    let all = gradient(at: frozen.freezing { _ in false }) { $0(x).sum() }
    #expect(vanishing(all) == wanted.map { _ in false })
    #expect(vanishing(gradient(at: frozen + model) { $0(x).sum() }) == wanted.map { _ in false })
    // One frozen by an outer function has no derivative in an inner one either, and the others have both.
    let second = gradient(at: model) { model in
      let model = model.freezing { $0.hasPrefix("layers") }
      return gradient(at: model) { $0(x).square().sum() }.parameters.reduce(Tensor(0, .float64)) {
        $0 + $1.tensor.square().sum()
      }
    }
    #expect(vanishing(second) == wanted)
    let (_, back) = pullback(at: model) { $0.freezing { $0.hasPrefix("layers") }(x) }
    #expect(vanishing(back(Tensor.ones([5, 2], .float64))) == wanted)
  }

  @Test func copiesAreIndependent() {
    var model = network()
    let copy = model
    model.scale += 1
    #expect(copy.scale.item == 2 && model.scale.item == 3)
  }

  private struct Forgetful: Module {
    var first = Tensor(1)
    var second = Tensor(2)
    mutating func visit(_ visitor: Visitor) { visitor("first", &first) }
  }

  @Test func theAuditFindsWhatVisitForgets() {
    #expect(network().audit() == nil)
    #expect(
      Forgetful().audit()
        == "Forgetful: visit covers 1 parameters, but the fields hold 2 tensors; not visited: second")
  }

  @Test func misuseMessages() async {
    let combined = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let (a, b) = (Linear(2, 2, using: &generator), Linear(2, 2, bias: false, using: &generator))
      _ = a + b
    }
    #expect(stopSentence(combined) == "combining: only one of the models has the parameter bias")
    let features = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Linear(2, 2, using: &generator)(Tensor.ones([4, 3]))
    }
    #expect(stopSentence(features) == "Linear: an input of shape [4, 3] does not have 2 features")
  }
}
