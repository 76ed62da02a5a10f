// What the examples of documentation comments need to run: .ci/guides compiles them with this file.

import Unroll

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// What examples use without introducing it.
let x = Tensor.ones([64, 3])
let y = Tensor.ones([64, 3])
let weights = Tensor.ones([3, 5])
let (bias, gate, scale, shift) = (Tensor.ones([3]), Tensor.ones([3]), Tensor.ones([3]), Tensor.ones([3]))
let (target, limits, exponents) = (Tensor.ones([64, 3]), Tensor.ones([64, 3]), Tensor.ones([64, 3]))
nonisolated(unsafe) var generator = Generator(seed: 1)
nonisolated(unsafe) var model = Linear(3, 4, using: &generator)

/// A model with the layers that examples read from "model.safetensors".
private struct Reader: Module {
  var embedding: Embedding, lstm: LSTM, gru: GRU, rnn: RNN, norm: LayerNorm, head: Linear

  mutating func visit(_ visitor: Visitor) {
    visitor("embedding", &embedding)
    visitor("lstm", &lstm)
    visitor("gru", &gru)
    visitor("rnn", &rnn)
    visitor("norm", &norm)
    visitor("head", &head)
  }
}

/// Writes the files that examples read.
private func writeFiles() throws {
  var generator = Generator(seed: 1)
  let reader = Reader(
    embedding: Embedding(10, 4, using: &generator), lstm: LSTM(4, 8, using: &generator),
    gru: GRU(4, 8) { GRUCell($0, $1, reset: .before, using: &generator) }, rnn: RNN(4, 8, using: &generator),
    norm: LayerNorm(8), head: Linear(8, 10, using: &generator))
  // Layers of PyTorch and of Keras in one file, each under its own name.
  let (pytorch, keras) = (reader.weights(for: .pytorch), reader.weights(for: .keras))
  func isOfKeras(_ name: String) -> Bool { name.hasPrefix("gru.") || name.hasPrefix("norm.") }
  let both = pytorch.filter { !isOfKeras($0.key) }.merging(keras.filter { isOfKeras($0.key) }) { $1 }
  try Safetensors.write(both, to: "model.safetensors")
  try Safetensors.write(Linear(3, 4, using: &generator).weights(for: .pytorch), to: "linear.safetensors")
  try Checkpoint(step: 1, ["model": model]).write(to: "best.safetensors")
  try NPY.write(x, to: "x.npy")
  try NPZ.write(["ids": Indices([3, 1, 2]), "x": x], to: "arrays.npz")
  try SeriesFile(text: "@classLabel true up down\n@data\n1,2,3:up").write(to: "verses.txt")
  var log = try TrainingLog("run.csv", columns: ["loss", "rate"], after: 0)
  try log.append(step: 1, ["loss": 0.5])
  // Any file of an even number of bytes is a stream of ids of two bytes.
  try NPY.write(Tensor.zeros([64, 256]), to: "tokens.bin")
}

/// The examples that have thrown.
struct Failures: Error {
  let places: [String]
}

/// Runs the examples one after the other. A program that ends before its time has named the example.
func run(_ examples: [(place: String, run: () throws -> Void)]) throws {
  try writeFiles()
  var failures: [String] = []
  for example in examples {
    print("--- \(example.place)")
    fflush(nil)
    try Checkpoint.removeAll(in: "run")  // which another example has saved
    do { try example.run() } catch {
      print(error)
      failures.append(example.place)
    }
  }
  print("\(examples.count) examples ran")
  if !failures.isEmpty { throw Failures(places: failures) }
}
