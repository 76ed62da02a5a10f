import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// Losses and scores.
let lossEntrances: [Entrance] = [
  pairLoss("meanSquaredError") { m, x, y in
    let reduction = reduction(&m)
    m.differentiate([x, y]) { [meanSquaredError($0[0], $0[1], reduction: reduction)] }
  },
  pairLoss("meanAbsoluteError") { m, x, y in
    let reduction = reduction(&m)
    m.differentiate([x, y]) { [meanAbsoluteError($0[0], $0[1], reduction: reduction)] }
  },
  pairLoss("huberLoss") { m, x, y in
    let (reduction, delta) = (reduction(&m), m.number("delta", in: 0.1...2))
    m.differentiate([x, y]) { [huberLoss($0[0], $0[1], delta: delta, reduction: reduction)] }
  },
  pairLoss("smoothAbsoluteError") { m, x, y in
    let (reduction, beta) = (reduction(&m), m.number("beta", in: 0.1...2))
    m.differentiate([x, y]) { [smoothAbsoluteError($0[0], $0[1], beta: beta, reduction: reduction)] }
  },
  Entrance("binaryCrossEntropy") { m in
    let (shape, reduction) = (m.freeShape(0...3), reduction(&m))
    let (x, y) = (m.tensor("logits", shape), m.tensor("targets", shape, in: 0...1))
    let positive = m.chance(2) ? m.tensor("positive weight", Shape(shape.suffix(1)), in: 1...2) : nil
    let weights = m.chance(2) ? m.tensor("weights", shape, in: 0...1) : nil
    m.differentiate([x, y]) {
      [binaryCrossEntropy($0[0], $0[1], positiveWeight: positive, weights: weights, reduction: reduction)]
    }
  },
  Entrance("klDivergence") { m in
    let (x, y) = (m.tensor("logarithms", [2, 3], in: -3...0), m.tensor("targets", [2, 3], in: 0.01...1))
    let reduction = m.pick("reduction", [DivergenceReduction.batchMean, .mean, .sum, .none])
    let areLogarithms = m.flag("logarithms")
    m.differentiate([x, y]) {
      [klDivergence($0[0], $0[1], targetsAreLogarithms: areLogarithms, reduction: reduction)]
    }
  },
  pairLoss("cosineSimilarity") { m, x, y in
    let (axis, epsilon) = (m.axis("axis", x.rank), m.number("epsilon", in: 1e-8...1e-3))
    if x.shape != y.shape { m.mayStop() }
    m.differentiate([x, y]) { [cosineSimilarity($0[0], $0[1], axis: axis, epsilon: epsilon)] }
  },
  Entrance("cosineEmbeddingLoss") { m in
    let (x, y) = (m.tensor("x", [3, 4]), m.tensor("y", [3, 4]))
    let (together, margin) = (m.mask("together", [3]), m.number("margin", in: 0...0.5))
    let reduction = reduction(&m)
    m.differentiate([x, y]) {
      [cosineEmbeddingLoss($0[0], $0[1], together: together, margin: margin, reduction: reduction)]
    }
  },
  labelLoss("crossEntropy") { m, logits, labels, ignored, mask, reduction in
    let weights = m.chance(2) ? m.tensor("class weights", [4], in: 0.1...1) : nil
    let smoothing = m.chance(2) ? m.number("smoothing", in: 0...0.9) : 0
    m.differentiate([logits]) {
      [
        crossEntropy(
          $0[0], labels, ignoring: ignored, mask: mask, classWeights: weights, smoothing: smoothing, reduction: reduction)
      ]
    }
  },
  labelLoss("negativeLogLikelihood") { m, logits, labels, ignored, mask, reduction in
    let weights = m.chance(2) ? m.tensor("class weights", [4], in: 0.1...1) : nil
    m.differentiate([logits]) {
      [negativeLogLikelihood($0[0], labels, ignoring: ignored, mask: mask, classWeights: weights, reduction: reduction)]
    }
  },
  labelLoss("accuracy") { m, logits, labels, ignored, mask, _ in
    let share = accuracy(logits, labels, ignoring: ignored, mask: mask)
    m.expect(share >= 0 && share <= 1, "an accuracy of \(share)")
  },
  labelLoss("ConfusionMatrix") { m, logits, labels, ignored, mask, _ in
    var matrix = ConfusionMatrix(classes: m.integer("classes", 4) & 0xFFFF)
    matrix.add(scores: logits, labels: labels, ignoring: ignored, mask: mask)
    matrix.add(predictions: m.indices("predictions", labels.shape, below: 4), labels: labels, ignoring: ignored, mask: mask)
    let number = m.integer("class", in: 0...3)
    m.note("\(matrix.precision(of: number)) \(matrix.recall(of: number)) \(matrix.f1(of: number)) \(matrix)")
  },
  Entrance("crossEntropy of probabilities") { m in
    let shape = Shape(m.freeShape(0...2) + [4])
    let (x, y) = (m.tensor("logits", shape), m.tensor("probabilities", shape, in: 0...1))
    let mask = m.chance(2) ? m.mask("mask", Shape(shape.dropLast())) : nil
    let reduction = reduction(&m)
    if let mask, !mask.anyTrue { m.mayStop() }
    m.differentiate([x, y]) { [crossEntropy($0[0], probabilities: $0[1], mask: mask, reduction: reduction)] }
  },
  Entrance("ctcLoss") { m in
    let (batch, time, longest) = (m.extent(1...3), m.extent(1...6), m.extent(0...3))
    let logits = m.tensor("logits", [batch, time, 4])
    let blank = m.integer("blank", 0)
    let labels = m.indices("labels", [batch, longest], below: 4)
    let inputLengths = m.chance(2) ? m.lengths("input lengths", batch, in: 0...time) : nil
    let labelLengths = m.chance(2) ? m.lengths("label lengths", batch, in: 0...longest) : nil
    let impossible = m.pick("impossible", [ImpossibleTarget.stops, .isInfinite, .isZero])
    let reduction = reduction(&m)
    // Drawn labels may be the blank, and may not fit their steps.
    m.mayStop()
    m.differentiate([logits]) {
      [
        ctcLoss(
          $0[0], labels, inputLengths: inputLengths, labelLengths: labelLengths, blank: blank, impossible: impossible,
          reduction: reduction)
      ]
    }
  },
  Entrance("perplexity") { m in m.note("\(perplexity(m.number("loss", in: 0...5)))") },
  Entrance("bitsPerCharacter") { m in m.note("\(bitsPerCharacter(m.number("loss", in: 0...5)))") },
]

private func reduction(_ m: inout Mischief) -> LossReduction { m.pick("reduction", [.mean, .sum, .none]) }

/// Penalties on outputs and on what gradients do.
let penaltyEntrances: [Entrance] = [
  Entrance("activationPenalty") { m in
    m.differentiate([m.tensor("outputs", m.freeShape(0...3))]) { [activationPenalty($0[0])] }
  },
  Entrance("temporalPenalty") { m in
    let (outputs, axis) = (m.tensor("outputs", [2, m.extent(1...4), 3]), m.integer("time axis", in: 0...1))
    m.differentiate([outputs]) { [temporalPenalty($0[0], timeAxis: axis)] }
  },
  Entrance("normPenalty") { m in
    let (outputs, initial) = (m.tensor("outputs", [2, m.extent(1...4), 3]), m.tensor("initial", [2, 3]))
    m.differentiate([outputs, initial]) { [normPenalty($0[0], initial: $0[1])] }
  },
  Entrance("gradientNormPenalty") { m in
    var generator = m.generator()
    var cell = GRUCell(2, 3, m.type, using: &generator)
    m.damage(&cell)
    let (damaged, x) = (cell, m.tensor("x", [2, 3, 2]))
    let (immediate, squared) = (m.flag("immediate"), m.flag("squared"))
    m.mayStop()
    let value = gradientNormPenalty(of: damaged, on: x, immediate: immediate, squared: squared) { $0.square().sum() }
    m.expect(value.count == 1, "a penalty of shape \(value.shape)")
  },
  Entrance("lyapunovExponents") { m in
    var generator = m.generator()
    var cell = GRUCell(2, 3, m.type, using: &generator)
    m.damage(&cell)
    let (count, skipping) = (m.integer("count", in: 1...3), m.integer("skipping", in: 0...2))
    let x = m.tensor("x", [2, 3, 2])
    m.mayStop()
    let exponents = lyapunovExponents(of: cell, on: x, count: count, skipping: skipping)
    m.expect(exponents.shape == [x.shape[0], count], "exponents of shape \(exponents.shape)")
  },
]

private func pairLoss(_ name: String, _ act: @escaping @Sendable (inout Mischief, Tensor, Tensor) -> Void) -> Entrance {
  Entrance(name) { m in
    let shape = m.freeShape(1...3)
    let (x, y) = (m.tensor("x", shape), m.tensor("y", shape))
    act(&m, x, y)
  }
}

private func labelLoss(
  _ name: String, _ act: @escaping @Sendable (inout Mischief, Tensor, Indices, Int?, Mask?, LossReduction) -> Void
) -> Entrance {
  Entrance(name) { m in
    let shape = m.freeShape(0...2)
    let (logits, labels) = (m.tensor("logits", Shape(shape + [4])), m.indices("labels", shape, below: 4))
    let ignored = m.chance(3) ? m.pick("ignored", [0, -1, 9]) : nil
    let mask = m.chance(3) ? m.mask("mask", shape) : nil
    // Of few labels it may happen that none counts.
    if ignored == 0 || mask != nil { m.mayStop() }
    let reduction = reduction(&m)
    act(&m, logits, labels, ignored, mask, reduction)
  }
}
