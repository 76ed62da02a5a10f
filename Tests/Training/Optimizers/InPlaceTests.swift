import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining
import UnrollTestSupport

/// Updates change parameters where they lie, and nothing else.
@Suite struct InPlaceTests {
  /// Large enough that the work is split over threads and that every array comes from the pool.
  private static func models() -> (model: Affine, slope: Affine) {
    var generator = Generator(seed: 4)
    func draw() -> Affine {
      Affine(
        NDArray.normal([300, 301], using: &generator), NDArray.normal([301], using: &generator),
        NDArray.normal([], using: &generator))
    }
    return (draw(), draw())
  }

  private static func optimizers(_ model: Affine) -> [any Optimizer<Affine>] {
    [
      SGD(for: model, learningRate: 0.1, weightDecay: 0.1), SGD(for: model, learningRate: 0.1, momentum: 0.9, nesterov: true),
      Adam(for: model, decoupledDecay: 0.1), Adam(for: model, amsgrad: true), AdaMax(for: model), NAdam(for: model),
      RAdam(for: model), RMSProp(for: model), RMSProp(for: model, momentum: 0.9), RMSProp(for: model, centred: true),
      RMSProp(for: model, momentum: 0.9, centred: true), AdaGrad(for: model), AdaDelta(for: model), Lion(for: model),
      Rprop(for: model), AveragedSGD(for: model), TriggeredAveragedSGD(for: model, learningRate: 0.1),
      ParameterGroups([
        ParameterGroup(SGD(for: model, learningRate: 0.1, momentum: 0.9)) { $0 == "w" },
        ParameterGroup(SGD(for: model, learningRate: 0.01, momentum: 0.9)),
      ]),
    ]
  }

  private static func addresses(_ model: some Module) -> [UInt] { model.parameters.map { $0.tensor.array.address } }

  @Test func addressesStay() {
    var (model, slope) = Self.models()
    for optimizer in Self.optimizers(model) {
      var optimizer = optimizer
      optimizer.update(&model, along: slope)
      let before = (Self.addresses(model), Self.addresses(optimizer), Self.addresses(slope))
      for _ in 0..<3 { optimizer.update(&model, along: slope) }
      #expect(Self.addresses(model) == before.0)
      #expect(Self.addresses(optimizer) == before.1)
      #expect(Self.addresses(slope) == before.2)
    }
    slope.b = model.b  // a gradient that is the parameter itself is read before it changes
    let expected = model.b.array * 0.5
    var descent = SGD(for: model, learningRate: 0.5)
    descent.update(&model, along: slope)
    #expect(model.b.array == expected)
  }

  @Test func copiesKeepTheirNumbers() {
    let (start, slope) = Self.models()
    for optimizer in Self.optimizers(start) {
      var (optimizer, model) = (optimizer, start)
      optimizer.update(&model, along: slope)
      let (modelThen, optimizerThen) = (model, optimizer)
      let numbers = (modelThen.parameters + optimizerThen.parameters).map { $0.tensor.array.scalars(as: Float.self) }
      optimizer.update(&model, along: slope)
      let now = (modelThen.parameters + optimizerThen.parameters).map { $0.tensor.array.scalars(as: Float.self) }
      #expect(numbers == now)
      #expect((model - modelThen).norm > 0)
    }
  }

  /// In a process of its own: what the pool counts is the whole process's.
  @Test func noMemoryIsTakenAfterTheFirstUpdate() async {
    await #expect(processExitsWith: .success) {
      var (model, slope) = Self.models()
      slope.scalar = Tensor(1)
      for optimizer in Self.optimizers(model) {
        var optimizer = optimizer
        optimizer.update(&model, along: slope)
        let before = MemoryPool.figures
        for _ in 0..<5 { optimizer.update(&model, along: slope) }
        #expect(MemoryPool.figures == before)
      }
    }
  }

  @Test func threadsDoNotMatter() {
    let (start, slope) = Self.models()
    for i in Self.optimizers(start).indices {
      let results = onThreads {
        var (model, optimizer) = (start, Self.optimizers(start)[i])
        for _ in 0..<2 { optimizer.update(&model, along: slope) }
        return model.w.array
      }
      #expect(results.allSatisfy { $0 == results[0] })
    }
  }

  @Test func filteredParametersStayAndCountTheirOwnSteps() {
    let (start, slope) = Self.models()
    var (model, late) = (start, start)
    var optimizer = Adam(for: model)
    var lateOptimizer = optimizer
    optimizer.update(&model, along: slope) { $0 != "b" }
    #expect(model.b.array == start.b.array && model.w.array != start.w.array)
    #expect(optimizer.memory("first")?.b.array == NDArray.zeros([301]))
    #expect(optimizer.steps.array.scalars(as: Double.self) == [1, 0, 1])
    optimizer.update(&model, along: slope) { $0 == "b" }
    lateOptimizer.update(&late, along: slope)
    expectClose(model, late, relative: 0, absolute: 0)
  }

  @Test func gradientsMayHaveGaps() {
    var (model, slope) = Self.models()
    let other = model
    slope.w = Tensor(NDArray.range(301 * 300).reshaped([301, 300]).transposed())
    slope.b = Tensor(NDArray.ones([1]).broadcast(to: [301]))
    var optimizer = SGD(for: model, learningRate: 1)
    optimizer.update(&model, along: slope)
    expectClose(model, other - slope, relative: 1e-6, absolute: 0)
    let before = model
    model.w = Tensor((model.w.array.transposed() + 0).transposed())
    optimizer.update(&model, along: slope)
    expectClose(model, before - slope, relative: 1e-6, absolute: 0)
  }
}
