// Write models of other examples as ONNX files, which other runtimes read.
//
//     swift run -c release unroll-examples export
//
// The models are as large as in the examples and have not been trained. Beside each file is one of inputs and outputs, for the example that
// the file was made from and for another of other sizes: what a runtime must give.

import Unroll

/// Writes the models of classify, tagging, forecast and translate to a folder.
func export(to folder: String, seed: Int = 1) throws {
  var generator = Generator(seed: seed)
  let classifier = SeriesClassifier(dimensions: 2, classes: 4, using: &generator)
  let strokes = [Tensor.normal([3, 20, 2], using: &generator), Tensor.normal([5, 33, 2], using: &generator)]
  try write("classify", to: folder, classifier, strokes[0], [20, 7, 12], other: (strokes[1], [33, 1, 20, 32, 8])) {
    model, x, lengths in model.head(model.lstm(x, lengths: lengths).state.cells[0].hidden)
  }

  let words = AmbiguousSentences.vocabulary.count
  let tagger = Tagger(words: words, tags: AmbiguousSentences.tags.count, hidden: 32, bidirectional: true, using: &generator)
  func ids(_ rows: Int, _ columns: Int, below count: Int) -> Indices {
    Indices((0..<(rows * columns)).map { ($0 * 7 + 3) % count }, shape: [rows, columns])
  }
  try write(
    "tagging", to: folder, tagger, ids(3, 8, below: words), [8, 3, 5], other: (ids(4, 13, below: words), [2, 13, 9, 4])
  ) { model, ids, lengths in model(ids, lengths: lengths) }

  let forecaster = Forecaster(features: 3, horizon: 8, using: &generator)
  let known = [Tensor.normal([2, 16, 3], using: &generator), Tensor.normal([4, 24, 3], using: &generator)]
  try write("forecast", to: folder, forecaster, known[0], other: known[1]) { model, known in model(known) }

  // The translator with the digits given, as it is trained: each digit from those before it.
  let translator = NumberTranslator(hidden: 64, using: &generator)
  let (spelled, symbols) = (NumberWords.vocabulary.count, NumberWords.symbols)
  try write(
    "translate", to: folder, translator, ids(3, 7, below: spelled), [7, 2, 4], ids(3, 5, below: symbols),
    other: (ids(4, 10, below: spelled), [10, 1, 6, 3], ids(4, 6, below: symbols))
  ) { model, words, lengths, digits in
    let (states, last) = model.encoder(model.words(words), lengths: lengths)
    let memory = model.attention.memory(states, lengths: lengths)
    let hidden = model.decoder(model.digits(digits), from: model.bridge(last)).outputs
    return model.head(Tensor.concatenate([hidden, model.attention(hidden, over: memory).context], axis: -1))
  }
}

/// Writes a model, and what it computes for two sets of inputs.
private func write<Model: Module, each Input: TensorGroup>(
  _ name: String, to folder: String, _ model: Model, _ example: repeat each Input, other: (repeat each Input),
  of compute: (Model, repeat each Input) throws -> Tensor
) throws {
  try model.exportONNX(to: "\(folder)/\(name).onnx", example: repeat each example, of: compute)
  var arrays = try values(0, model, repeat each example, of: compute)
  arrays.merge(try values(1, model, repeat each other, of: compute)) { first, _ in first }
  try NPZ.write(arrays, to: "\(folder)/\(name).npz")
  print("\(folder)/\(name).onnx: \(model.parameterCount) numbers")
}

private func values<Model: Module, each Input: TensorGroup>(
  _ run: Int, _ model: Model, _ inputs: repeat each Input, of compute: (Model, repeat each Input) throws -> Tensor
) throws -> [String: any StoredArrayConvertible] {
  var arrays: [String: any StoredArrayConvertible] = ["\(run).out.0": try compute(model, repeat each inputs)]
  var count = 0
  for input in repeat each inputs {
    // Integers are int64 in the file.
    let indices = input as? Indices ?? (input as? [Int]).map { Indices($0) }
    if let indices { arrays["\(run).in.\(count)"] = StoredArray(indices.values, shape: indices.shape) }
    if let tensor = input as? Tensor { arrays["\(run).in.\(count)"] = tensor }
    count += 1
  }
  return arrays
}
