import Testing
import UnrollArrays
import UnrollAutograd
import UnrollGradientFlow
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// Pictures of what training has measured: their layers hold its numbers, and they can be drawn.
@Suite struct TrainingPlotTests {
  @Test func histories() throws {
    var history = TrainingHistory(columns: ["loss", "none", "validation"])
    for step in 1...4 { history.append(step: step, step % 2 == 0 ? ["loss": 1, "validation": Double(step)] : ["loss": 2]) }
    let plot = history.plot(title: "run", yLabel: "nats", yScale: .logarithmic)
    #expect(
      plot
        == Plot(title: "run", xLabel: "step", yLabel: "nats", yScale: .logarithmic) {
          Series("loss", x: [1, 2, 3, 4], y: [2, 1, 2, 1])
          Series("validation", x: [2, 4], y: [2, 4])
        })
    #expect(history.plot(["validation"]).layers == [plot.layers[1]])
    #expect(XMLChecker(plot.svg()).faults.isEmpty)
    #expect(TrainingHistory(columns: ["loss"]).plot().layers.isEmpty)
    #expect(XMLChecker(TrainingHistory(columns: ["loss"]).plot().svg()).faults.isEmpty)
  }

  @Test func sweeps() throws {
    var generator = Generator(seed: 1)
    let model = Linear(2, 1, using: &generator)
    let x = Tensor.ones([3, 2])
    let sweep = LearningRateSweep(model, SGD(for: model, learningRate: 0.1), over: [x], steps: 30) {
      (($0($1)) - 1).square().mean()
    }
    let suggestion = try #require(sweep.suggestion)
    let plot = sweep.plot(title: "rates")
    #expect(plot.layers.count == 3 && plot.xScale == .logarithmic && plot.title == "rates")
    #expect(plot.layers[0] == .series(Series("loss of a batch", x: sweep.rates, y: sweep.losses, style: .points)))
    #expect(plot.layers[1] == .series(Series("smoothed", x: sweep.rates, y: sweep.smoothed)))
    guard case .series(let mark) = plot.layers[2] else { throw Missing() }
    #expect(mark.x == [suggestion] && mark.y == [sweep.smoothed[sweep.rates.firstIndex(of: suggestion) ?? 0]])
    #expect(XMLChecker(plot.svg()).faults.isEmpty)
    let none = LearningRateSweep(model, SGD(for: model, learningRate: 0.1), over: [x], steps: 3) {
      ($0($1) * Double.nan).mean()
    }
    #expect(none.plot().layers.isEmpty)
  }

  private struct Missing: Error {}

  @Test func confusion() throws {
    var matrix = ConfusionMatrix(classes: ["a", "b", "c"])
    matrix.add(predictions: [0, 1, 1, 1], labels: [0, 0, 1, 0])
    matrix.add(scores: Tensor([.nan, 1, 2] as [Double], shape: [1, 3]), labels: [1])
    guard case .heatMap(let map)? = matrix.plot().layers.first else { throw Missing() }
    #expect(map.values[0] == [1.0 / 3, 2.0 / 3, 0] && map.values[1] == [0, 0.5, 0])
    #expect(map.values[2].allSatisfy { $0.isNaN })
    #expect(XMLChecker(matrix.plot().svg()).faults.isEmpty)
  }
}
