import UnrollArrays

/// A group of measurements that --case can select.
struct Case: Sendable {
  let name: String
  let about: String
  let run: @Sendable (inout Report) throws -> Void

  static let all = [
    Case(name: "peak", about: "multiply-adds in registers on one thread: the limit") { PeakCase.run(into: &$0) },
    Case(name: "gemm_sq", about: "square products, float32") { ProductCases.squares(.float32, "gemm_sq", into: &$0) },
    Case(name: "gemm_sq_f64", about: "square products, float64") { ProductCases.squares(.float64, "gemm_sq_f64", into: &$0) },
    Case(name: "gemm_lstm", about: "an LSTM's steps, weights [input, 4·hidden]") {
      ProductCases.steps(.float32, "gemm_lstm", transposed: false, into: &$0)
    },
    Case(name: "gemm_lstm_nt", about: "an LSTM's steps, weights [4·hidden, input]") {
      ProductCases.steps(.float32, "gemm_lstm_nt", transposed: true, into: &$0)
    },
    Case(name: "gemm_lstm_plain", about: "gemm_lstm with weights where they lie, not packed beforehand") {
      ProductCases.steps(.float32, "gemm_lstm_plain", transposed: false, packed: false, into: &$0)
    },
    Case(name: "gemm_lstm_nt_plain", about: "gemm_lstm_nt in the same way") {
      ProductCases.steps(.float32, "gemm_lstm_nt_plain", transposed: true, packed: false, into: &$0)
    },
    Case(name: "gemm_lstm_f64", about: "an LSTM's steps, float64") {
      ProductCases.steps(.float64, "gemm_lstm_f64", transposed: false, into: &$0)
    },
    Case(name: "elem", about: "sigmoid, tanh, exp, add over a million float32") {
      ElementCases.million(.float32, "elem", into: &$0)
    },
    Case(name: "elem_f64", about: "the same over float64") { ElementCases.million(.float64, "elem_f64", into: &$0) },
    Case(name: "elem_small", about: "functions of few elements: the cost of a call, per thousand") {
      ElementCases.small(into: &$0)
    },
    Case(name: "random", about: "a million draws of every kind, and masks: nanoseconds an element") {
      RandomCases.run(into: &$0)
    },
    Case(name: "chain", about: "10 000 operations in a row on small tensors: what recording and walking back cost") {
      ChainCases.run(into: &$0)
    },
    Case(name: "lstm_fwd", about: "an LSTM over sequences, outputs of all steps") { RecurrentCases.forward(into: &$0) },
    Case(name: "lstm_train", about: "a training step: squared error, gradient, clipping, Adam; its share of the peak") {
      RecurrentCases.training(into: &$0)
    },
    Case(name: "scaling", about: "training steps and products on each number of --threads, run by turns: milliseconds") {
      ScalingCases.run(into: &$0)
    },
    Case(name: "lstm_step", about: "one step of an LSTM at batch 1, as in sampling") { RecurrentCases.steps(into: &$0) },
    Case(name: "cell_step", about: "one step of other cells at batch 1") { RecurrentCases.cellSteps(into: &$0) },
    Case(name: "startup", about: "from the start of a process to the end of its first training step") {
      ProcessCases.startup(into: &$0)
    },
    Case(name: "rss", about: "the most memory that a process ever held which trains an LSTM, in bytes") {
      ProcessCases.memory(into: &$0)
    },
    Case(name: "rnn_train", about: "a training step of an RNN") { RecurrentCases.rnn(into: &$0) },
    Case(name: "gru_train", about: "a training step of a GRU") { RecurrentCases.gru(into: &$0) },
    Case(name: "peephole_train", about: "a training step of a peephole LSTM") { RecurrentCases.peephole(into: &$0) },
    Case(name: "layernorm_train", about: "a training step of a layer-norm LSTM") { RecurrentCases.layerNorm(into: &$0) },
    Case(name: "zoneout_train", about: "a training step of an LSTM with zoneout") { RecurrentCases.zoneout(into: &$0) },
    Case(name: "custom", about: "a training step of an LSTM written as a user's own cell") { RecurrentCases.own(into: &$0) },
    Case(name: "flow", about: "one measurement of the gradient flow, in gradients of the same loss, run by turns") {
      FlowCases.run(into: &$0)
    },
    Case(name: "lm", about: "a training step of language models of characters and of words") {
      LanguageModelCases.run(into: &$0)
    },
    Case(name: "ctc", about: "CTC over sequences, forward and its gradient by the logits") { LossCases.ctc(into: &$0) },
    Case(name: "linear_recurrence", about: "a linear recurrence, forward and back, beside a sum of arrays: gigabytes a second")
    {
      RecurrenceCases.run(into: &$0)
    },
    Case(name: "linear_train", about: "a training step of a minGRU: as one recurrence, and as a program of its steps") {
      RecurrenceCases.training(into: &$0)
    },
    Case(name: "cells", about: "cells side by side: a training step in tokens a second, and a step at batch 1") {
      CellCases.run(into: &$0)
    },
    Case(name: "online", about: "a step of each online learner of an LSTM, beside one of truncated backpropagation") {
      OnlineCases.run(into: &$0)
    },
    Case(name: "online_memory", about: "bytes of each online learner after a thousand steps, and after a hundred thousand") {
      OnlineCases.memory(into: &$0)
    },
    Case(name: "ranks", about: "a training step on the ranks of mpirun, or on one: whole and in parts") {
      try RankCases.run(into: &$0)
    },
    Case(name: "optimizer", about: "Adam over ten million parameters, and the sum of as many numbers in place") {
      OptimizerCases.run(into: &$0)
    },
    Case(name: "mlp", about: "gradients of three layers of 1024 units, batch 256: time, and memory beside what is held") {
      PerceptronCases.run(into: &$0)
    },
  ]

  static let names = all.map(\.name).joined(separator: ", ")
}
