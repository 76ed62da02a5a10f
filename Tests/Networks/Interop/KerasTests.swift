import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks

/// Keras's recurrent layers, their weights through the converters: values, final states and every gradient, in float64.
@Suite struct KerasTests {
  @Test(arguments: FrameworkFiles.covered("keras_")) func layersAgree(_ name: String) throws {
    let golden = try GoldenFile(name)
    if golden.string("layer") == "Stacked" { return try checkStack(golden) }
    let cells = golden.truth("bidirectional") ? ["forward.", "backward."] : [""]
    let (file, isReversed) = (FrameworkCase(golden, .keras, cells: cells), golden.truth("go_backwards"))
    let merge: Recurrent<LSTMCell>.Merge =
      switch golden.string("merge_mode") {
      case "sum": .sum
      case "ave": .average
      case "mul": .multiply
      default: .concatenate
      }
    switch golden.string("layer") {
    case "LSTM": try check(file, try LSTM(file.weights, from: .keras, merge: merge, isReversed: isReversed))
    case "GRU":
      let reset: GRUCell.Reset = golden.config["options"]?["reset_after"]?.truth == false ? .before : .after
      try check(file, try GRU(file.weights, from: .keras, isReversed: isReversed) { $0.reset = reset })
    default:
      let activation: Activation = golden.config["options"]?["activation"]?.string == "relu" ? .relu : .tanh
      try check(file, try RNN(file.weights, from: .keras, isReversed: isReversed) { $0.activation = activation })
    }
  }

  private func check<Cell: RecurrentCell>(_ file: FrameworkCase, _ layer: Recurrent<Cell>) throws {
    let golden = file.golden
    let mask = try golden.integers("mask").map { Mask($0.map { $0 != 0 }, shape: try golden.shape("mask")) }
    try file.check(layer) { layer, inputs in
      let (outputs, last) = layer(inputs["x"], from: file.initial(layer, inputs), mask: mask)
      var results = file.last(last)
      if !golden.truth("return_sequences") {
        results["output"] = .concatenate(last.cells.map(\.hidden), axis: -1)
      } else {
        results["output"] = keras(outputs, mask, layer)
      }
      return results
    }
  }

  /// The outputs as Keras has them: in one direction a step that does not count repeats the output before it, in both it gives 0 as
  /// ours do; and the steps of a reversed layer stay in the order in which it met them.
  private func keras<Cell: RecurrentCell>(_ outputs: Tensor, _ mask: Mask?, _ layer: Recurrent<Cell>) -> Tensor {
    let known = mask.map { layer.isBidirectional ? outputs : repeating(outputs, $0, reversed: layer.isReversed) } ?? outputs
    return layer.isReversed ? known.flipped(1) : known
  }

  private func repeating(_ outputs: Tensor, _ mask: Mask, reversed: Bool) -> Tensor {
    var steps = outputs.unstacked(axis: 1)
    var latest = Tensor.zeros(steps[0].shape, .float64)
    for t in reversed ? Array(steps.indices.reversed()) : Array(steps.indices) {
      let column = Mask((0..<mask.shape[0]).map { mask.values[$0 * steps.count + t] }, shape: [mask.shape[0], 1])
      latest = Tensor.select(column, steps[t], latest)
      steps[t] = latest
    }
    return .stack(steps, axis: 1)
  }

  private func checkStack(_ golden: GoldenFile) throws {
    let file = FrameworkCase(golden, .keras, cells: ["cell0.", "cell1."])
    if golden.has("cell0.c0") { return try check(file, try LSTM(file.weights, from: .keras)) }
    let mixed = Mixed(
      cell0: try GRU(own(file.weights, "cell0."), from: .keras, prefix: "cell0"),
      cell1: try RNN(own(file.weights, "cell1."), from: .keras, prefix: "cell1."))
    try file.check(mixed) { mixed, inputs in
      let first = FrameworkCase(golden, .keras, cells: ["cell0."])
      let second = FrameworkCase(golden, .keras, cells: ["cell1."])
      let (hidden, gru) = mixed.cell0(inputs["x"], from: first.initial(mixed.cell0, inputs))
      let (outputs, rnn) = mixed.cell1(hidden, from: second.initial(mixed.cell1, inputs))
      return first.last(gru).merging(second.last(rnn)) { a, _ in a }.merging(["output": outputs]) { a, _ in a }
    }
  }

  private func own(_ weights: [String: StoredArray], _ prefix: String) -> [String: StoredArray] {
    weights.filter { $0.key.hasPrefix(prefix) }
  }

  /// A stack of two kinds of cells is a model of two parts.
  struct Mixed: Module {
    var cell0: GRU
    var cell1: RNN

    mutating func visit(_ visitor: Visitor) {
      visitor("cell0", &cell0)
      visitor("cell1", &cell1)
    }
  }
}
