import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks

/// Flax's recurrent cells over sequences, their weights through the converters: values, final states and every gradient, in float64.
@Suite struct FlaxTests {
  @Test(arguments: FrameworkFiles.covered("flax_")) func layersAgree(_ name: String) throws {
    let golden = try GoldenFile(name)
    let (file, isReversed) = (FrameworkCase(golden, .flax), golden.truth("reverse"))
    switch golden.string("cell") {
    case "LSTMCell", "OptimizedLSTMCell": try check(file, try LSTM(file.weights, from: .flax, isReversed: isReversed))
    case "GRUCell": try check(file, try GRU(file.weights, from: .flax, isReversed: isReversed))
    default: try check(file, try RNN(file.weights, from: .flax, isReversed: isReversed))
    }
  }

  @Test func minimalGatedUnitAgrees() throws {
    let file = FrameworkCase(try GoldenFile("recurrent/flax_mgu"), .flax)
    try check(file, try MGU(file.weights, from: .flax))
  }

  private func check<Cell: RecurrentCell>(_ file: FrameworkCase, _ layer: Recurrent<Cell>) throws {
    let lengths = try file.golden.integers("lengths")
    try file.check(layer) { layer, inputs in
      let (outputs, last) = layer(inputs["x"], from: file.initial(layer, inputs), lengths: lengths)
      return file.last(last).merging(["output": outputs]) { a, _ in a }
    }
  }
}
