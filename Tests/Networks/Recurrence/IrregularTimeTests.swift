import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

@testable import UnrollNetworks

/// What cells for irregular times and orthogonal weights are made for.
@Suite struct IrregularTimeTests {
  static let grud: @Sendable (Int, Int, inout Generator) -> GRUDCell = { inputs, hidden, generator in
    var cell = GRUDCell(inputs, hidden, .float64, using: &generator)
    let count = inputs / 2
    cell.means = Tensor.normal([count], .float64, using: &generator)
    cell.inputDecay = Tensor.uniform([2, count], in: 0.2..<1, .float64, using: &generator)
    cell.hiddenDecay = Tensor.uniform([count + 1, hidden], in: 0.2..<1, .float64, using: &generator)
    return cell
  }

  /// Its input has an odd number of features, so that it stacks on no output of an even one.
  @Test func missingInputsWithAllOptions() {
    for options in Options.all where options.layers == 1 { Properties.ways(IrregularTimeTests.grud, options) }
    var generator = Generator(seed: 4)
    var layer = Recurrent(5, [3]) { IrregularTimeTests.grud($0, $1, &generator) }
    layer.recurrentDropout = 0.4
    #expect(layer.ways(for: Tensor.ones([2, 3, 5], .float64)) == [.fused])
    let x = Properties.draw([2, 3, 5])
    let report = checkGradients(at: Two(first: layer, second: x), order: 2, directions: 1) { a in
      var generator = Generator(seed: 8)
      return a.first(a.second, lengths: [3, 2], using: &generator).outputs.square().sum()
    }
    #expect(report.passes, "\(report)")
  }

  /// What is not observed is not felt.
  @Test func whatIsNotObservedIsNotFelt() {
    var generator = Generator(seed: 4)
    let layer = Recurrent(5, [3]) { IrregularTimeTests.grud($0, $1, &generator) }
    let marks = Tensor([1.0, 0, 0, 1, 0, 0, 1, 1], shape: [1, 4, 2])
    let (values, gaps) = (Properties.draw([1, 4, 2]), Tensor([0, 0.5, 2, 0.1] as [Double], shape: [1, 4, 1]))
    let x = Tensor.concatenate([values, marks, gaps], axis: 2)
    let other = Tensor.concatenate([values + (1 - marks) * 7, marks, gaps], axis: 2)
    #expect(areClose(layer(x).outputs, layer(other).outputs))
  }

  /// The longer the gap, the less is left of the state.
  @Test func statesDecayWithTheGap() {
    var generator = Generator(seed: 4)
    let cell = RNNCell(1, 2, bias: false, activation: .identity, .float64, using: &generator)
    let decaying = Decaying(cell, decay: Tensor([0.5, 0.5, 0, 0] as [Double], shape: [2, 2]))
    let start = HiddenState(hidden: Tensor.ones([1, 2], .float64))
    let plain = cell(Tensor.zeros([1, 1], .float64), from: start)
    let later = decaying(Tensor([0, 3] as [Double], shape: [1, 2]), from: start)
    #expect(areClose(later.hidden, plain.hidden * Tensor(-1.5, .float64).exp()))
  }

  @Test func orthogonalWeightsKeepNorms() {
    var generator = Generator(seed: 4)
    let inner = RNNCell(3, 6, bias: false, activation: .identity, .float64, using: &generator)
    for map in [Orthogonal<RNNCell>.Map.exponential, .cayley] {
      let cell = Orthogonal(inner, map: map)
      let h = Properties.draw([4, 6])
      #expect(areClose(cell.recur(h).norm(axes: -1), h.norm(axes: -1)))
      #expect(Recurrent(forward: [cell]).ways(for: Tensor.ones([2, 5, 3], .float64)) == [.fused])
    }
  }

  @Test func wrongWeightsAreNamed() async {
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Orthogonal(MinGRUCell(3, 4, using: &generator))
    }
    #expect(
      stopSentence(none) == "Orthogonal: a cell with the parameters inputWeight, bias has no recurrentWeight")
    let wide = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Orthogonal(RNNCell(3, 4, using: &generator), parameter: "inputWeight")
    }
    #expect(stopSentence(wide) == "Orthogonal: inputWeight of shape [3, 4] does not consist of square matrices")
  }
}
