import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

/// Windows, batches and vocabularies.
let dataEntrances: [Entrance] = [
  Entrance("Windows") { m in
    let ids = m.indices("ids", [m.extent(2...40)], below: 9)
    m.mayStop()
    let windows = Windows(
      ids, batch: m.integer("batch", in: 1...3), steps: m.integer("steps", in: 1...5), keepingShortWindow: m.flag("short"))
    if let i = position(&m, windows.count) { m.note("\(windows[i].inputs.shape)") }
  },
  Entrance("Windows of random lengths") { m in
    var generator = m.generator()
    let ids = m.indices("ids", [m.extent(10...80)], below: 9)
    m.mayStop()
    let windows = Windows(
      ids, batch: m.integer("batch", in: 1...3), aroundSteps: m.integer("steps", in: 1...8),
      deviation: m.number("deviation", in: 0...3), using: &generator)
    if let i = position(&m, windows.count) { m.note("\(windows[i].inputs.shape)") }
  },
  Entrance("DocumentWindows") { m in
    let documents = (0..<m.extent(0...4)).map { _ in Array(0..<m.extent(0...7)) }
    m.mayStop()
    let windows = DocumentWindows(documents, batch: m.integer("batch", in: 1...3), steps: m.integer("steps", in: 1...4))
    for window in windows { m.note("\(window.inputs.shape)") }
  },
  Entrance("SeriesWindows") { m in
    let series = m.tensor("series", [m.extent(5...20), 2])
    let windows = SeriesWindows(
      series, inputs: m.integer("inputs", in: 1...3), horizon: m.integer("horizon", in: 0...2),
      stride: m.integer("stride", in: 1...3))
    if let i = position(&m, windows.count) { m.note("\(windows[i].inputs.shape)") }
    m.note("\(windows.batch(m.lengths("positions", 2, in: 0...0)).inputs.shape)")
  },
  Entrance("SeriesFile") { m in
    let cases = (0..<m.extent(1...3)).map { m.tensor("case \($0)", [m.extent(1...5), 2]) }
    let labels = m.lengths("labels", cases.count, in: 0...1)
    let file = SeriesFile(classes: ["a", "b"], cases: cases, labels: labels)
    let batch = file.batch(m.lengths("positions", 2, in: 0...0))
    m.note("\(batch.inputs.shape)")
  },
  Entrance("ReadAhead") { m in
    let positions = m.list("positions", in: 0...4) { m, _ in m.integer("position", in: 0...8) }
    let ahead = m.integer("ahead", in: 1...3)
    m.mayStop()
    let read = Array(ReadAhead(Array(positions), ahead: ahead) { $0 })
    m.expect(read == Array(positions), "other elements, or in another order")
  },
  Entrance("stackPadded") { m in
    let rows = m.list("rows", in: 1...3) { $0.tensor("row \($1)", [$0.extent(0...4), 2]) }
    let (tensor, lengths) = Tensor.stackPadded(Array(rows), with: m.number("filling", in: -1...1))
    m.expect(tensor.shape[0] == rows.count && lengths.count == rows.count, "rows of shape \(tensor.shape)")
  },
  Entrance("stackPadded of ids") { m in
    let rows = m.list("rows", in: 1...3) { m, _ in m.lengths("ids", m.extent(0...3), in: 0...9) }
    let (ids, _) = Indices.stackPadded(Array(rows), with: m.integer("filling", 0))
    m.expect(ids.shape[0] == rows.count, "rows of shape \(ids.shape)")
  },
  Entrance("Batches") { m in
    var generator = m.generator()
    let (count, size) = (m.count("count", in: 0...9), m.integer("size", in: 1...4))
    m.mayStop()
    let batches = m.flag("drawn") ? Batches(count: count, size: size, using: &generator) : Batches(count: count, size: size)
    m.expect(batches.reduce(0) { $0 + $1.count } == count, "not every position once")
    let lengths = m.lengths("lengths", 5, in: 0...9)
    m.note("\(Batches(lengths: lengths, size: size, using: &generator).count)")
  },
  Entrance("Split") { m in
    var generator = m.generator()
    let (count, validation, test) = (
      m.count("count", in: 3...20), m.number("validation", in: 0.1...0.4), m.number("test", in: 0...0.3)
    )
    m.mayStop()
    let split =
      m.flag("in order")
      ? Split(inOrder: count, validation: validation, test: test)
      : Split(count: count, validation: validation, test: test, using: &generator)
    m.expect(split.training.count + split.validation.count + split.test.count == count, "not every example once")
  },
  Entrance("Vocabulary") { m in
    m.mayStop()
    let vocabulary = CharacterVocabulary(m.pick("text", ["abc", "", "aaa", "é\u{0}x"]), unknown: m.chance(2) ? "?" : nil)
    m.note("\(vocabulary.ids(m.pick("other", ["ab", "z", ""]))) \(vocabulary.token(m.integer("id", 0)))")
    let words = WordVocabulary("a b a", minimumCount: m.integer("least", 1), maximumSize: m.integer("most", 5))
    m.note("\(words.text(m.lengths("ids", 2, in: 0...0)))")
  },
]

/// A position of a collection of so many.
private func position(_ m: inout Mischief, _ count: Int) -> Int? {
  count > 0 ? m.integer("position", in: 0...(count - 1)) : nil
}

/// Truncated backpropagation and means of gradients.
let truncationEntrances: [Entrance] = [
  Entrance("Truncation") { m in
    let truncation = Truncation(stride: m.integer("stride", in: 1...3), depth: m.integer("depth", in: 3...6))
    let steps = m.count("steps", in: 0...20)
    let windows = truncation.windows(steps: steps)
    m.expect(windows.last.map { $0.graph.upperBound == steps } ?? (steps == 0), "windows that do not reach \(steps)")
  },
  Entrance("TruncatedPass") { m in
    var generator = m.generator()
    let steps = m.count("steps", in: 1...8)
    let truncation = Truncation(stride: m.integer("stride", in: 1...3), depth: m.integer("depth", in: 3...6))
    let model = RNN(3, 4, m.type, using: &generator)
    let x = m.tensor("x", [2, 8, 3])
    var pass = TruncatedPass<RNN.State>(steps: steps, truncation)
    m.mayStop()
    for _ in 0..<(pass.windows.count + m.extent(0...1)) {
      let found = pass.next(at: model) { model, steps, state in
        model(x[.all, steps], from: state)
      } loss: { _, outputs, _ in
        outputs.square().sum()
      }
      m.note("\(found.map { "\($0.loss)" } ?? "no more windows")")
    }
  },
  Entrance("GradientMean") { m in
    let model = Linear(weight: Tensor.ones([2, 3]), bias: nil)
    var mean = GradientMean<Linear>()
    for _ in 0..<3 {
      var gradient = model
      m.damage(&gradient)
      mean.add(gradient, loss: m.number("loss", in: 0...5), weight: m.number("weight", in: 0...2))
    }
    m.expect(mean.count == 3, "a count of \(mean.count)")
    var weighted = WeightedMean()
    weighted.add(m.number("number", in: 0...5), weight: m.number("weight", in: 0...2))
    m.note("\(weighted)")
  },
]

/// Learners that never go back through time.
let onlineEntrances: [Entrance] = [
  Entrance("RealTimeLearner") { m in
    var generator = m.generator()
    let cell = LSTMCell(2, 3, m.type, using: &generator)
    let influence = m.pick("influence", Influence.allCases)
    var learner = RealTimeLearner(of: cell, influence, batch: m.count("batch", in: 1...2))
    observe(&m, &learner, cell)
  },
  Entrance("UORO") { m in
    var generator = m.generator()
    let cell = LSTMCell(2, 3, m.type, using: &generator)
    var learner = UORO(of: cell, batch: m.count("batch", in: 1...2), using: &generator)
    observe(&m, &learner, cell)
  },
  Entrance("TruncatedPass with random ends") { m in
    var generator = m.generator()
    let (steps, probability) = (m.count("steps", in: 0...20), m.number("probability", in: 0...0.9))
    let pass = TruncatedPass<RNN.State>(steps: steps, endingWith: probability, using: &generator)
    m.expect(pass.windows.reduce(0) { $0 + $1.losses.count } == steps, "windows that do not make \(steps)")
  },
]

private func observe<Learner: OnlineLearner>(_ m: inout Mischief, _ learner: inout Learner, _ model: Learner.Model) {
  var damaged = model
  m.damage(&damaged)
  let x = m.tensor("x", [1, 2])
  m.mayStop()
  for _ in 0..<2 {
    let found = learner.observe(x, at: damaged) { $0.square().sum() }
    m.expect(found.loss.count == 1, "a loss of shape \(found.loss.shape)")
  }
}
