import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles

@testable import UnrollNetworks

/// Penalties on outputs, on the norms of gradients, and on Lyapunov exponents, against another system.
@Suite struct PenaltyGoldenTests {
  private static let regularisers = GoldenFile.names(in: "regularisers")

  @Test func allFilesAreThere() {
    #expect(PenaltyGoldenTests.regularisers.count == 14 && GoldenFile.names(in: "flossing").count == 5)
  }

  private static func others(_ golden: GoldenFile) throws -> [String: Tensor] {
    let names = golden.inputs.filter { !golden.differentiable.contains($0) }
    return Dictionary(uniqueKeysWithValues: zip(names, try golden.tensors("", names)))
  }

  @Test(arguments: regularisers.filter { !$0.contains("omega") }) func outputs(_ name: String) throws {
    let golden = try GoldenFile(name)
    let (activation, temporal, norm) = (golden.number("ar"), golden.number("tar"), golden.number("norm_stabiliser"))
    let (model, countsInitial) = (golden.string("model"), golden.truth("include_initial"))
    try golden.check { inputs in
      let t = NamedTensors(golden, inputs)
      let outputs =
        switch model {
        case "rnn": t.run(t.plainRNN, from: t.hidden)[0]
        case "lstm": t.run(t.plainLSTM, from: t.memory)[0]
        default: t["h"]
        }
      let stabilizer = normPenalty(outputs, initial: countsInitial ? t["h0"] : nil, timeAxis: 0)
      let sum = activationPenalty(outputs) * activation + temporalPenalty(outputs, timeAxis: 0) * temporal + stabilizer * norm
      // With the batch first, the same numbers.
      let turned = outputs.transposed(0, 1)
      let other = temporalPenalty(turned) * temporal + normPenalty(turned, initial: countsInitial ? t["h0"] : nil) * norm
      return [(sum + activationPenalty(turned) * activation + other) / 2]
    }
  }

  @Test(arguments: regularisers.filter { $0.contains("omega") }) func gradientNorms(_ name: String) throws {
    let golden = try GoldenFile(name)
    let others = try PenaltyGoldenTests.others(golden)
    let (isLSTM, isPreactivation) = (golden.string("model") == "lstm", golden.string("node") == "preactivation")
    let (isImmediate, isSquared) = (golden.string("gradient") == "immediate", golden.integer("power") == 2)
    let (isLast, isMean) = (golden.string("loss_steps") == "last", golden.string("reduction") == "mean")
    try golden.check { inputs in
      let t = NamedTensors(golden, inputs, besides: others)
      let (x, target) = (t["x"].transposed(0, 1), t["target"].transposed(0, 1))
      func loss(_ outputs: Tensor, _ target: Tensor) -> Tensor {
        let errors = (outputs.matmul(t.turned("readout_weight")) + t["readout_bias"] - target).square()
        return (isLast ? errors[.all, -1] : errors).sum() / Double(2 * x.shape[0])
      }
      func penalty<Cell: RecurrentCell>(_ cell: Cell, _ x: Tensor, _ state: Cell.State, _ loss: (Tensor) -> Tensor) -> Tensor {
        gradientNormPenalty(of: cell, on: x, from: state, immediate: isImmediate, squared: isSquared, loss: loss)
      }
      if isPreactivation {
        // From the first preactivation on; what it says itself is not part of any ratio.
        let cell = PreactivationCell(weight: t.turned("weight_ih"), recurrentWeight: t.turned("weight_hh"), bias: t["bias"])
        let first = cell.project(x[.all, 0]) + t["h0"].matmul(cell.recurrentWeight)
        return [penalty(cell, x[.all, 1...], HiddenState(hidden: first)) { loss($0.tanh(), target[.all, 1...]) }]
      }
      let omega =
        isLSTM
        ? penalty(t.plainLSTM, x, t.memory) { loss($0, target) } : penalty(t.plainRNN, x, t.hidden) { loss($0, target) }
      return [isMean ? omega / Double(x.shape[1]) : omega]
    }
  }

  @Test(arguments: GoldenFile.names(in: "flossing")) func flossing(_ name: String) throws {
    let golden = try GoldenFile(name)
    let directions = try golden.tensor("q0")
    let (count, skipping, target) = (golden.integer("exponents"), golden.integer("warmup"), golden.number("target"))
    try golden.check { inputs in
      let t = NamedTensors(golden, inputs)
      let exponents = lyapunovExponents(
        of: t.plainRNN, on: t["x"].transposed(0, 1), from: t.hidden, count: count, skipping: skipping, directions: directions)
      return [exponents, (exponents - target).meanOfSquares()]
    }
  }
}

/// A user's cell whose state is the argument of the activation, as in Pascanu's paper.
private struct PreactivationCell: RecurrentCell {
  var weight: Tensor, recurrentWeight: Tensor, bias: Tensor
  var hiddenSize: Int { recurrentWeight.shape[0] }

  mutating func visit(_ visitor: Visitor) {
    visitor("weight", &weight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("bias", &bias)
  }
  func project(_ x: Tensor) -> Tensor { x.matmul(weight) + bias }
  func recur(_ hidden: Tensor) -> Tensor { hidden.tanh().matmul(recurrentWeight) }
  func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    HiddenState(hidden: projected + recurred)
  }
}

extension NamedTensors {
  /// PyTorch's cells of one bias.
  fileprivate var plainRNN: RNNCell {
    RNNCell(inputWeight: turned("weight_ih"), recurrentWeight: turned("weight_hh"), bias: self["bias"])
  }
  fileprivate var plainLSTM: LSTMCell {
    LSTMCell(inputWeight: turned("weight_ih"), recurrentWeight: turned("weight_hh"), bias: self["bias"])
  }
}
