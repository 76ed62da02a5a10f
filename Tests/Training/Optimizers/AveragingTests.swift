import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

/// Means of parameters over updates.
@Suite struct AveragingTests {
  private static let start = Affine(NDArray([1.0, 2]), NDArray([3.0]))
  private static let slope = Affine(NDArray([1.0, -1]), NDArray([2.0]))

  /// PyTorch's own mean: its factor is that of the update before, so the first two updates are both taken whole.
  @Test func averagedDescentAveragesFromItsStart() {
    var (model, optimizer) = (Self.start, AveragedSGD(for: Self.start, learningRate: 0.5, fading: 0, start: 2))
    var models: [Affine] = []
    for count in 1...7 {
      optimizer.update(&model, along: Self.slope)
      models.append(model)
      let counted = count <= 3 ? [model] : Array(models[3...])
      let sum = counted.dropFirst().reduce(counted[0], +)
      if count <= 4 {
        expectClose(optimizer.average, model, relative: 1e-15, absolute: 0, "\(count)")
      } else {
        expectClose(optimizer.average, sum * (1 / Double(counted.count)), relative: 1e-14, absolute: 0, "\(count)")
      }
    }
  }

  /// As AWD-LSTM's loop: `len(losses) > patience and loss > min(losses[:-patience])`.
  @Test func theTriggerIsThatOfTheLoop() {
    let losses = [5.0, 4, 3, 3.5, 3.2, 3.0, 2.9, 3.1, 3.05, 3.3, 1]
    var optimizer = TriggeredAveragedSGD(for: Self.start, learningRate: 1, patience: 3)
    var (earlier, triggered): ([Double], Bool) = ([], false)
    for loss in losses {
      let least = earlier.dropLast(3).min()
      if earlier.count > 3, let least, loss > least { triggered = true }
      earlier.append(loss)
      optimizer.check(loss: loss)
      #expect(optimizer.isAveraging == triggered, "\(loss)")
    }
    #expect(optimizer.isAveraging)
    var steady = TriggeredAveragedSGD(for: Self.start, learningRate: 1, patience: 1)
    for loss in [5.0, 4, 3, 2, 1] { steady.check(loss: loss) }
    #expect(!steady.isAveraging)
  }

  @Test func theMeanIsOfTheModelsSinceTheTrigger() {
    var (model, optimizer) = (Self.start, TriggeredAveragedSGD(for: Self.start, learningRate: 0.5, patience: 1))
    for _ in 0..<3 {
      optimizer.update(&model, along: Self.slope)
      expectClose(optimizer.average, model, relative: 1e-15, absolute: 0)
    }
    for loss in [1.0, 2, 3] { optimizer.check(loss: loss) }
    #expect(optimizer.isAveraging)
    optimizer.update(&model, along: Self.slope)
    var sum = model
    expectClose(optimizer.average, model, relative: 1e-15, absolute: 0)
    for _ in 0..<3 {
      optimizer.update(&model, along: Self.slope)
      sum = sum + model
    }
    expectClose(optimizer.average, sum * 0.25, relative: 1e-14, absolute: 0)
    var plain = Self.start
    var descent = SGD(for: plain, learningRate: 0.5)
    for _ in 0..<7 { descent.update(&plain, along: Self.slope) }
    expectClose(model, plain, relative: 0, absolute: 0)
  }

  @Test func movingAverages() {
    var smooth = MovingAverage(of: Self.start, decay: 0.75)
    var expected = Self.start
    for factor in [2.0, -1, 0.5] {
      let model = Self.start * factor
      smooth.update(with: model)
      expected = expected * 0.75 + model * 0.25
      expectClose(smooth.average, expected, relative: 1e-14, absolute: 0)
    }
    let before = smooth
    smooth.update(with: smooth.average)
    expectClose(smooth.average, before.average, relative: 0, absolute: 0)
    #expect(smooth.parameters.map(\.name) == ["average.w", "average.b"] && smooth.audit() == nil)
  }

  @Test func movingAveragesStayInTheirMemory() async {
    await #expect(processExitsWith: .success) {
      var model = Affine(NDArray.ones([300, 301]), NDArray.ones([301]))
      var (smooth, descent) = (MovingAverage(of: model), SGD(for: model, learningRate: 0.1))
      func round() {
        descent.update(&model, along: model)
        smooth.update(with: model)
      }
      round()
      round()
      let (before, address) = (MemoryPool.figures, smooth.average.w.array.address)
      for _ in 0..<5 { round() }
      #expect(MemoryPool.figures.systemAllocations == before.systemAllocations)
      #expect(smooth.average.w.array.address == address)
    }
  }
}
