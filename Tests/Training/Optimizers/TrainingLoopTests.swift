import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

/// Gradients, clipping and updates together.
@Suite struct TrainingLoopTests {
  /// What a loop like any user's takes of memory stays the same, and the parameters stay where they are: a gradient leaves
  /// nothing behind that holds them.
  @Test func aLoopLearnsInPlace() async {
    await #expect(processExitsWith: .success) {
      var generator = Generator(seed: 2)
      let x = Tensor.normal([64, 20], using: &generator)
      let y = Tensor.normal([20, 30], using: &generator).tanh()
      let target = x.matmul(y)
      var model = Linear(20, 30, using: &generator)
      var optimizer = Adam(for: model, learningRate: 0.05)
      var (addresses, figures) = ([UInt](), MemoryPool.figures)
      var losses: [Double] = []
      for step in 0..<300 {
        var slope = gradient(at: model) { ($0(x) - target).square().mean() }
        try slope.clip(norm: 1, whenNotFinite: .throwing)
        optimizer.update(&model, along: slope)
        if step % 100 == 50 {
          addresses.append(model.weight.array.address)
          losses.append((model(x) - target).square().mean().item)
        }
        if step == 100 { figures = MemoryPool.figures }
      }
      #expect(Set(addresses).count == 1)
      #expect(losses[2] < 1e-3 && losses[2] < losses[1] && losses[1] < losses[0], "\(losses)")
      #expect(MemoryPool.figures.systemAllocations == figures.systemAllocations)
      #expect(MemoryPool.figures.peakBytesInUse == figures.peakBytesInUse)
    }
  }

  @Test func groupsByFilters() {
    var model = Affine(NDArray([1.0, 2]), NDArray([3.0]))
    let slope = Affine(NDArray([1.0, 1]), NDArray([1.0]))
    var (weights, biases) = (SGD(for: model, learningRate: 0.5, weightDecay: 1), SGD(for: model, learningRate: 2))
    weights.update(&model, along: slope) { $0 == "w" }
    biases.update(&model, along: slope) { $0 != "w" }
    expectClose(model, Affine(NDArray([0.0, 0.5]), NDArray([1.0])), relative: 0, absolute: 0)
  }

  @Test func groupsKeepTheProportionsOfTheirRates() {
    let start = Affine(NDArray([1.0, 2]), NDArray([3.0]))
    var (model, slope) = (start, start)
    slope.b = Tensor(NDArray([1.0]))
    var groups = ParameterGroups([
      ParameterGroup(SGD(for: model, learningRate: 2)) { $0 == "b" },
      ParameterGroup(SGD(for: model, learningRate: 0.5)) { $0 != "none" },
    ])
    groups.learningRate = 0
    groups.update(&model, along: slope)
    expectClose(model, start, relative: 0, absolute: 0)
    groups.learningRate = 1
    groups.update(&model, along: slope) { $0 != "b" }
    expectClose(model, Affine(NDArray([0.75, 1.5]), NDArray([3.0])), relative: 0, absolute: 0)
    groups.update(&model, along: slope)
    expectClose(model, Affine(NDArray([0.5, 1.0]), NDArray([2.0])), relative: 0, absolute: 0)
  }

  @Test func anOptimizerIsAValue() {
    let start = Affine(NDArray([1.0, 2]), NDArray([3.0]))
    let slope = Affine(NDArray([1.0, -1]), NDArray([0.25]))
    var (model, optimizer) = (start, Adam(for: start, learningRate: 0.1))
    optimizer.update(&model, along: slope)
    var (other, otherOptimizer) = (model, optimizer)
    optimizer.update(&model, along: slope * 3)
    #expect(otherOptimizer.steps.array.scalars(as: Double.self) == [1, 1])
    otherOptimizer.update(&other, along: slope * 3)
    expectClose(model, other, relative: 0, absolute: 0)
  }
}
