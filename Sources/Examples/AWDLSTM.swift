// Learn a text word by word with the recipe of AWD-LSTM, which regularises every part of a language model.
//
//     swift run -c release unroll-examples awd-lstm --data FILE
//
// A model that has seen the same text a few times knows it by heart and says other sentences worse. The recipe (Merity, Keskar and
// Socher, arXiv 1708.02182) drops recurrent weights, whole words, and features of every layer for all steps of a window at once; ties
// the output's weights to the words' vectors; keeps outputs small and slow; draws the lengths of windows; and averages the model once it
// no longer improves. The same model without it is trained beside it. Without a file, both learn sentences of a small grammar.

import Unroll

/// What the recipe does; zeros for a model without it.
struct Recipe: Sendable {
  /// The probabilities with which recurrent weights are dropped, words, features of the words, of a layer, and of the last layer.
  var weights = 0.0, words = 0.0, inputs = 0.0, layers = 0.0, outputs = 0.0
  /// The factors of the penalties on large outputs (AR) and on outputs that change fast (TAR).
  var activation = 0.0, temporal = 0.0
  var decay = 0.0
  var isTied = false, drawsLengths = false, averages = false

  static let none = Recipe()
  static let awd = Recipe(
    weights: 0.5, words: 0.1, inputs: 0.3, layers: 0.2, outputs: 0.3, activation: 2, temporal: 1, decay: 1.2e-6, isTied: true,
    drawsLengths: true, averages: true)
}

struct LanguageModel: Module {
  typealias Layer = Recurrent<WeightDropped<LSTMCell>>

  var embedding: Embedding
  var layers: [Layer]
  /// The weights of the output; nil where they are the transposed table of the words' vectors.
  var head: Tensor?
  var bias: Tensor
  let recipe: Recipe

  init(words: Int, features: Int, hidden: Int, layers count: Int, _ recipe: Recipe, using generator: inout Generator) {
    let scale = Initializer.uniform(in: -0.1..<0.1)
    embedding = Embedding(words, features, initializer: scale, using: &generator)
    // The last layer is as wide as a word's vector, so that their products are the scores of words.
    let sizes = [features] + Array(repeating: hidden, count: count - 1) + [features]
    layers = zip(sizes, sizes.dropFirst()).map { inputs, outputs in
      LSTM(inputs, outputs, using: &generator).modifyingCells { WeightDropped($0, rate: recipe.weights) }
    }
    head = recipe.isTied ? nil : scale([features, words], using: &generator)
    bias = Tensor.zeros([words])
    self.recipe = recipe
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("embedding", &embedding)
    visitor("layers", &layers)
    visitor("head", &head)
    visitor("bias", &bias)
  }

  private func scores(_ outputs: Tensor) -> Tensor { outputs.affine(head ?? embedding.table.transposed(), bias: bias) }

  /// Words `[batch, time]` give scores of the next words, `[batch, time, words]`, and the states after the last step.
  func callAsFunction(_ words: Indices, from states: [Layer.State]?) -> (scores: Tensor, states: [Layer.State]) {
    var (x, next) = (embedding(words), [Layer.State]())
    for (i, layer) in layers.enumerated() {
      let (outputs, state) = layer(x, from: states?[i])
      (x, next) = (outputs, next + [state])
    }
    return (scores(x), next)
  }

  /// The loss of a window in training, without the penalties and with them.
  func loss(
    _ window: Windows.Window, from states: [Layer.State]?, using generator: inout Generator
  ) -> (loss: Tensor, penalized: Tensor, states: [Layer.State]) {
    /// The same features are dropped at all steps.
    func dropped(_ x: Tensor, _ rate: Double) -> Tensor {
      rate == 0 ? x : x * Dropout(rate).lockedMask(x.shape, timeAxis: 1, using: &generator)
    }
    var x = dropped(embedding(window.inputs, dropout: recipe.words, using: &generator), recipe.inputs)
    var (last, next) = (x, [Layer.State]())
    for (i, layer) in layers.enumerated() {
      let (outputs, state) = layer(x, from: states?[i], using: &generator)
      (last, next) = (outputs, next + [state])
      x = dropped(outputs, i == layers.count - 1 ? recipe.outputs : recipe.layers)
    }
    let loss = crossEntropy(scores(x), window.targets)
    let penalties = activationPenalty(x) * recipe.activation + temporalPenalty(last) * recipe.temporal
    return (loss, loss + penalties, next)
  }

  /// The mean loss over a stream of words, in nats.
  func loss(on words: Indices) -> Double {
    var (mean, states) = (WeightedMean(), [Layer.State]?.none)
    for window in Windows(words, batch: 10, steps: 70) {
      let (scores, next) = self(window.inputs, from: states)
      mean.add(crossEntropy(scores, window.targets).item, weight: Double(window.targetCount))
      states = next
    }
    return mean.value
  }
}

/// The words of a text in small letters, with punctuation and ends of lines as words.
func tokens(_ text: String) -> [String] {
  var (tokens, word) = ([String](), "")
  for letter in text.lowercased() {
    if letter.isLetter || letter == "'" {
      word.append(letter)
      continue
    }
    if !word.isEmpty { tokens.append(word) }
    word = ""
    if letter.isNewline { tokens.append("<end>") } else if !letter.isWhitespace { tokens.append(String(letter)) }
  }
  return word.isEmpty ? tokens : tokens + [word]
}

/// A text as words of a vocabulary, cut into three parts in order.
struct WordText {
  let training, validation, test: Indices
  let words: Int

  /// The error of a text that is too short to learn from.
  struct TooShort: Error, CustomStringConvertible {
    let file: String
    let count: Int
    var description: String { "\(file) has \(count) words; awd-lstm needs at least 2000" }
  }

  /// The words that occur at least twice in the training part have ids; the others share one.
  init(_ text: String, file: String) throws(TooShort) {
    let tokens = tokens(text)
    guard tokens.count >= 2000 else { throw TooShort(file: file, count: tokens.count) }
    let parts = Split(inOrder: tokens.count, validation: 0.1, test: 0.1)
    let vocabulary = WordVocabulary(parts.training.map { tokens[$0] }.joined(separator: " "), minimumCount: 2)
    func ids(_ part: [Int]) -> Indices { Indices(vocabulary.ids(part.map { tokens[$0] })) }
    (training, validation, test) = (ids(parts.training), ids(parts.validation), ids(parts.test))
    words = vocabulary.count
  }

  /// Sentences whose verb agrees with a noun some words before it.
  static func grammar(sentences count: Int, using generator: inout Generator) -> String {
    func any(_ words: String) -> String {
      let all = words.split(separator: " ")
      return String(all[Int.random(in: 0..<all.count, using: &generator)])
    }
    return (0..<count).map { _ in
      let isPlural = Int.random(in: 0...1, using: &generator) == 1
      let subject = any("dog cat bird horse farmer teacher") + (isPlural ? "s" : "")
      let place = "\(any("near behind beside")) the \(any("old red tall")) \(any("house trees door rivers"))"
      let verb = any("sleep sing wait call jump run") + (isPlural ? "" : "s")
      return "the \(subject) \(place) \(any("often never always")) \(verb) .\n"
    }.joined()
  }
}

/// The perplexities of a training: e to the mean loss for each word.
struct Perplexities: Equatable {
  /// The least one of the validation text, and that of the test text at the same time.
  var validation = Double.infinity, test = Double.nan
  /// That of the training text, without dropout, at the same time.
  var training = Double.nan
  var epoch = 0
}

/// Trains a model with a recipe, by gradient descent. If the recipe does not average, the rate falls where the validation loss does
/// not, and four such epochs end the training.
func trained(
  _ text: WordText, _ recipe: Recipe, features: Int, hidden: Int, layers: Int, epochs: Int, batch: Int = 10, steps: Int = 35,
  rate: Double, using generator: inout Generator
) -> Perplexities {
  var model = LanguageModel(
    words: text.words, features: features, hidden: hidden, layers: layers, recipe, using: &generator)
  var optimizer = TriggeredAveragedSGD(
    for: model, learningRate: rate, patience: recipe.averages ? 3 : epochs, weightDecay: recipe.decay)
  var (base, best) = (rate, Perplexities())
  func perplexity(_ loss: Double) -> Double { Tensor(loss, .float64).exp().item }
  for epoch in 1...epochs {
    let windows =
      recipe.drawsLengths
      ? Windows(text.training, batch: batch, aroundSteps: steps, using: &generator)
      : Windows(text.training, batch: batch, steps: steps)
    var states: [LanguageModel.Layer.State]?
    for window in windows {
      let (_, next, slope) = valueAndGradient(at: model) { model in
        let (_, loss, next) = model.loss(window, from: states, using: &generator)
        return (loss, next)
      }
      // A short window has as much weight for each of its words as a long one.
      optimizer.learningRate = base * Double(window.inputs.shape[1]) / Double(windows.steps)
      optimizer.update(&model, along: slope.clipped(norm: 0.25))
      states = next
    }
    let measured = optimizer.isAveraging ? optimizer.average : model
    let loss = measured.loss(on: text.validation)
    if perplexity(loss) < best.validation {
      best = Perplexities(
        validation: perplexity(loss), test: perplexity(measured.loss(on: text.test)),
        training: perplexity(measured.loss(on: text.training)), epoch: epoch)
    } else if !recipe.averages {
      if epoch - best.epoch == 4 { break }
      base /= 4
    }
    optimizer.check(loss: loss)
    print("epoch \(epoch): validation perplexity \(numberText(perplexity(loss)))\(optimizer.isAveraging ? ", averaged" : "")")
  }
  return best
}

@discardableResult
func awdLSTM(
  _ path: String? = nil, seed: Int = 1, epochs: Int = 25, features: Int = 64, hidden: Int = 128, layers: Int = 2,
  rate: Double = 20, sentences: Int = 2000
) throws -> [(name: String, result: Perplexities)] {
  var generator = Generator(seed: seed)
  let contents = try path.map(TextFile.read) ?? WordText.grammar(sentences: sentences, using: &generator)
  let text = try WordText(contents, file: path ?? "the grammar")
  print("\(text.training.count) words to learn, \(text.words) different ones.")
  var results: [(name: String, result: Perplexities)] = []
  var table = TextTable("model", "best epoch", "training", "validation", "test")
  for (name, recipe) in [("without the recipe", Recipe.none), ("AWD-LSTM", .awd)] {
    print(name)
    var generator = generator
    let result = trained(
      text, recipe, features: features, hidden: hidden, layers: layers, epochs: epochs, rate: rate, using: &generator)
    results.append((name, result))
    table.add(
      name, result.epoch, numberText(result.training), numberText(result.validation), numberText(result.test))
  }
  print("Perplexities, which are numbers of words among which a model is undecided:\n\(table)")
  return results
}
