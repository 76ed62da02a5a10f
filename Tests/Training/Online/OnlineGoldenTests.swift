import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks

@testable import UnrollTraining

/// Online learners against another system: gradients of every step, influences, and totals of the simplified ones.
@Suite struct OnlineGoldenTests {
  @Test func allFilesAreThere() { #expect(TrainingCase.names(in: "online").count == 7) }

  @Test(arguments: ["rnn", "indrnn", "gru", "lstm", "lstm_influence_h", "lstm_influence_c"]) func influences(_ name: String)
    throws
  {
    let file = try TrainingCase("online", name)
    switch file.config["cell"]?.string {
    case "rnn": try Influences<RNNCell>(file: file, state: file.hidden).check { read, _ in try read.rnn }
    case "indrnn": try Influences<IndRNNCell>(file: file, state: file.hidden).check { read, _ in try read.indRNN }
    case "gru": try Influences<GRUCell>(file: file, state: file.hidden).check { try $0.gru(isGradient: $1) }
    default:
      let state = LSTMState(hidden: try file.hidden.hidden, cell: Tensor(try file.array("c0")).expandingAxis(0))
      try Influences<LSTMCell>(file: file, state: state).check { read, _ in try read.lstm }
    }
  }

  /// Each draw of signs, and their mean, which is the exact gradient.
  @Test func rankOne() throws {
    let file = try TrainingCase("online", "uoro_rnn")
    let cell = try TorchArrays { try file.array($0) }.rnn
    let (x, cotangents) = (try file.array("x"), try file.array("cotangent.output"))
    let signs = Tensor(try file.integers("signs").map { Double($0) }, shape: [64, x.shape[0], cell.hiddenSize])
    var mean = cell * 0
    for draw in 0..<signs.shape[0] {
      var generator = Generator(seed: 1)
      var learner = UORO(of: cell, from: try file.hidden, using: &generator)
      var sum = cell * 0
      for t in 0..<x.shape[0] {
        let given = HiddenState(hidden: signs[draw, t].expandingAxis(0))
        let cotangent = Tensor(cotangents[t])
        let found = learner.observe(Tensor(x[t]).expandingAxis(0), at: cell, head: [Tensor](), signs: given) {
          ($1 * cotangent).sum()
        }
        sum = sum + found.model
      }
      expectClose(sum, try TorchArrays { try file.array("uoro.gradient." + $0)[draw] }.rnn, "draw \(draw)")
      mean = mean + sum * (1 / Double(signs.shape[0]))
    }
    expectClose(mean, try TorchArrays { try file.array("grad." + $0) }.rnn, "mean")
  }
}

/// One file of influences, for one kind of cell.
private struct Influences<Cell: RecurrentCell> {
  let file: TrainingCase
  let state: Cell.State

  func check(_ make: (_ read: TorchArrays, _ isGradient: Bool) throws -> Cell) throws {
    let cell = try make(TorchArrays { try file.array($0) }, false)
    let (x, cotangents, outputs) = (try file.array("x"), try file.array("cotangent.output"), try file.array("out.output"))
    let stored = file.config["stored"]?.elements.compactMap(\.string) ?? []
    for method in Influence.allCases {
      var learner = RealTimeLearner(of: cell, method, from: state)
      var sum = cell * 0
      for t in 0..<x.shape[0] {
        let cotangent = Tensor(cotangents[t])
        let found = learner.observe(Tensor(x[t]).expandingAxis(0), at: cell) { ($0 * cotangent).sum() }
        #expect(learner.state.hidden[0].array.isClose(to: outputs[t], relative: 1e-9, absolute: 1e-12))
        sum = sum + found.model
        guard method == .rtrl else { continue }
        if stored.contains("gradient") {
          expectClose(found.model, try make(TorchArrays { try file.array("rtrl.gradient." + $0)[t] }, true), "step \(t)")
        }
        for (part, name) in ["h", "c"].enumerated() where stored.contains(name) {
          for unit in 0..<outputs.shape[1] {
            let row = learner.inFull[0, part * outputs.shape[1] + unit]
            let pieces = zip(row.split(cell.tensors.map(\.count), axis: 0), cell.tensors).map { $0.reshaped($1.shape) }
            let expected = try make(TorchArrays { try file.array("rtrl.influence.\(name).\($0)")[t, unit] }, true)
            expectClose(cell.replacingTensors(pieces), expected, "influence on \(name) \(unit) at \(t)")
          }
        }
      }
      // Only exact influences of cells whose units meet are carried in full.
      let isFull = method == .rtrl && !(Cell.self == IndRNNCell.self)
      #expect(learner.way == (isFull ? .full("units meet in the recurrent product") : .units))
      let prefix = method == .rtrl ? "grad." : "\(method).gradient."
      expectClose(sum, try make(TorchArrays { try file.array(prefix + $0) }, true), "\(method)")
    }
  }
}

/// Parameters in PyTorch's layout, and what has their shapes.
private struct TorchArrays {
  let array: (String) throws -> NDArray

  init(_ array: @escaping (String) throws -> NDArray) { self.array = array }

  private func tensor(_ name: String) throws -> Tensor { Tensor(try array(name)) }
  private func turned(_ name: String) throws -> Tensor { try tensor(name).transposed() }

  var rnn: RNNCell {
    get throws {
      RNNCell(inputWeight: try turned("weight_ih"), recurrentWeight: try turned("weight_hh"), bias: try tensor("bias"))
    }
  }

  var indRNN: IndRNNCell {
    get throws {
      IndRNNCell(
        inputWeight: try turned("weight_ih"), recurrentWeight: try tensor("weight_hh"), bias: try tensor("bias"),
        activation: .tanh)
    }
  }

  var lstm: LSTMCell {
    get throws {
      LSTMCell(inputWeight: try turned("weight_ih"), recurrentWeight: try turned("weight_hh"), bias: try tensor("bias"))
    }
  }

  /// Of PyTorch's two biases, only the candidate's differ; both have the same derivative elsewhere.
  func gru(isGradient: Bool) throws -> GRUCell {
    let (input, recurrent) = (try tensor("bias_ih"), try tensor("bias_hh"))
    let n = recurrent.shape[0] / 3
    let gates = Tensor.concatenate([recurrent[..<(2 * n)], Tensor.zeros([n], .float64)], axis: 0)
    return GRUCell(
      inputWeight: try turned("weight_ih"), recurrentWeight: try turned("weight_hh"),
      bias: isGradient ? input : input + gates, candidateBias: recurrent[(2 * n)...])
  }
}

extension TrainingCase {
  fileprivate var hidden: HiddenState {
    get throws { HiddenState(hidden: Tensor(try array("h0")).expandingAxis(0)) }
  }
}
