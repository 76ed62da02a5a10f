import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// What losses promise beyond the files: derivatives of every option, targets that do not count, large logits, measures.
@Suite struct LossTests {
  private static let logits = random([4, 3, 5], seed: 1)
  private static let labels = Indices([0, 4, 2, 1, -1, 3, 4, 4, -1, 2, 0, 1], shape: [4, 3])
  private static let mask = Mask(
    [true, true, false, true, true, true, true, false, true, true, true, true], shape: [4, 3])
  private static let weights = Tensor([0.5, 2, 1, 0.25, 3] as [Double])

  private static func random(_ shape: Shape, seed: Int, _ type: ElementType = .float64) -> Tensor {
    var generator = Generator(seed: seed)
    return Tensor.normal(shape, type, using: &generator)
  }

  /// The definition, number by number.
  private static func losses(
    _ logits: Tensor, _ labels: Indices, counts: [Bool], weights: [Double], smoothing: Double
  ) -> [Double] {
    let classes = weights.count
    let logarithms = logits.logSoftmax().reshaped([-1, classes])
    return labels.values.enumerated().map { row, label in
      guard counts[row] else { return 0 }
      let terms = (0..<classes).map { logarithms[row, $0].item * weights[$0] }
      return -(1 - smoothing) * terms[label] - smoothing / Double(classes) * terms.reduce(0, +)
    }
  }

  @Test(arguments: [LossReduction.mean, .sum, .none], [0, 0.3]) func definition(_ reduction: LossReduction, smoothing: Double) {
    let counts = zip(LossTests.labels.values, LossTests.mask.values).map { $0 != -1 && $1 }
    for weights in [nil, LossTests.weights] {
      let numbers = weights.map { w in (0..<5).map { w[$0].item } } ?? Array(repeating: 1, count: 5)
      let losses = LossTests.losses(
        LossTests.logits, LossTests.labels, counts: counts, weights: numbers, smoothing: smoothing)
      let total = zip(LossTests.labels.values, counts).reduce(0) { $0 + ($1.1 ? numbers[$1.0] : 0) }
      let expected =
        switch reduction {
        case .mean: Tensor(losses.reduce(0, +) / total, .float64)
        case .sum: Tensor(losses.reduce(0, +), .float64)
        case .none: Tensor(losses, shape: [4, 3])
        }
      let found = crossEntropy(
        LossTests.logits, LossTests.labels, ignoring: -1, mask: LossTests.mask, classWeights: weights, smoothing: smoothing,
        reduction: reduction)
      #expect(found.shape == expected.shape)
      #expect(found.array.isClose(to: expected.array, relative: 1e-12, absolute: 1e-14), "\(found) against \(expected)")
    }
  }

  @Test(arguments: [LossReduction.mean, .sum, .none], [0, 0.3])
  func derivativesOfEveryOption(_ reduction: LossReduction, smoothing: Double) {
    for (ignored, mask) in [(-1, nil), (-1, LossTests.mask)] as [(Int?, Mask?)] {
      let plain = checkGradients(at: LossTests.logits, everyElement: true) { x in
        crossEntropy(x, LossTests.labels, ignoring: ignored, mask: mask, smoothing: smoothing, reduction: reduction)
      }
      #expect(plain.passes && plain.undecided.isEmpty, "\(plain)")
      let weighted = checkGradients(at: [LossTests.logits, LossTests.weights]) { x in
        crossEntropy(
          x[0], LossTests.labels, ignoring: ignored, mask: mask, classWeights: x[1], smoothing: smoothing, reduction: reduction)
      }
      #expect(weighted.passes && weighted.undecided.isEmpty, "\(weighted)")
    }
    let targets = LossTests.random([4, 3, 5], seed: 2).softmax()
    for mask in [nil, LossTests.mask] {
      let soft = checkGradients(at: [LossTests.logits, targets]) {
        crossEntropy($0[0], probabilities: $0[1], mask: mask, reduction: reduction)
      }
      #expect(soft.passes && soft.undecided.isEmpty, "\(soft)")
    }
    let squares = checkGradients(at: [LossTests.logits, targets]) { meanSquaredError($0[0], $0[1], reduction: reduction) }
    #expect(squares.passes && squares.undecided.isEmpty, "\(squares)")
  }

  @Test func theThirdDerivativeToo() {
    let direction = LossTests.random([4, 3, 5], seed: 3)
    let report = checkGradients(at: LossTests.logits) { x in
      let slope = gradient(at: x) { crossEntropy($0, LossTests.labels, ignoring: -1) }
      return slope * direction
    }
    #expect(report.passes && report.undecided.isEmpty, "\(report)")
  }

  /// The shortcut of a gradient that nobody differentiates, and the rule in tensor arithmetic.
  @Test func bothWaysOfTheGradientAgree() {
    func slope(_ x: Tensor) -> Tensor { gradient(at: x) { crossEntropy($0, LossTests.labels, ignoring: -1) } }
    let recorded = pullback(at: LossTests.logits, of: slope).value
    #expect(slope(LossTests.logits).array.isClose(to: recorded.array, relative: 1e-15, absolute: 0))
  }

  @Test func oneVectorAndOneLabel() {
    let logits = LossTests.random([5], seed: 4)
    let loss = crossEntropy(logits, Indices([3], shape: []), classWeights: LossTests.weights, reduction: .none)
    #expect(loss.shape == [])
    #expect(abs(loss.item + 0.25 * logits.logSoftmax()[3].item) < 1e-14)
  }

  @Test func allThatCountsNothingGivesZeroAndNoGradient() {
    let labels = Indices([-1, -1])
    let x = LossTests.random([2, 5], seed: 5)
    for smoothing in [0, 0.2] {
      let (loss, slope) = valueAndGradient(at: x) {
        crossEntropy($0, labels, ignoring: -1, smoothing: smoothing, reduction: .sum)
      }
      #expect(loss.item == 0 && slope.norm().item == 0)
      #expect(crossEntropy(x, labels, ignoring: -1, smoothing: smoothing, reduction: .none).array.norm().item == 0)
    }
    let (loss, slope) = valueAndGradient(at: x) {
      crossEntropy($0, probabilities: x, mask: [false, false], reduction: .sum)
    }
    #expect(loss.item == 0 && slope.norm().item == 0)
    #expect(crossEntropy(Tensor.zeros([0, 5]), [], reduction: .sum).item == 0)
  }

  /// Padding may hold anything: labels that are no classes, logits that are no numbers.
  @Test(arguments: [0, 0.2]) func whatDoesNotCountHasNoEffect(smoothing: Double) {
    let nan = Tensor.full([1, 5], .nan, .float64)
    let x = LossTests.random([2, 5], seed: 6)
    let padded = Tensor.concatenate([x, nan], axis: 0)
    let mask: Mask = [true, true, false]
    func compare(_ f: (Tensor) -> Tensor, _ reference: (Tensor) -> Tensor) {
      let (loss, slope) = valueAndGradient(at: padded, of: f)
      let (expected, expectedSlope) = valueAndGradient(at: x, of: reference)
      #expect(loss.array == expected.array)
      #expect(slope.array == Tensor.concatenate([expectedSlope, Tensor.zeros([1, 5], .float64)], axis: 0).array)
      let tangents = (UnrollAutograd.tangent(at: padded, along: padded, of: f), tangent(at: x, along: x, of: reference))
      #expect(tangents.0.tangent.array == tangents.1.tangent.array)
    }
    for weights in [nil, LossTests.weights] {
      compare {
        crossEntropy($0, [1, 4, 9], mask: mask, classWeights: weights, smoothing: smoothing)
      } _: {
        crossEntropy($0, [1, 4], classWeights: weights, smoothing: smoothing)
      }
      compare {
        crossEntropy($0, [1, 4, -100], ignoring: -100, classWeights: weights, smoothing: smoothing, reduction: .sum)
      } _: {
        crossEntropy($0, [1, 4], classWeights: weights, smoothing: smoothing, reduction: .sum)
      }
    }
    compare {
      crossEntropy($0, probabilities: Tensor.concatenate([x.softmax(), nan], axis: 0), mask: mask)
    } _: {
      crossEntropy($0, probabilities: x.softmax())
    }
  }

  /// Logits are shifted by their largest before anything is rounded: where the shift is exact, so are loss and gradient.
  @Test(arguments: [ElementType.float32, .float64]) func largeLogitsChangeNoBit(_ type: ElementType) {
    let labels = Indices([0, 4, 2, 1, 3, 3])
    let x = (LossTests.random([6, 5], seed: 7, type) * 8).rounded() / 4
    let reference = valueAndGradient(at: x) { crossEntropy($0, labels) }
    #expect(reference.value.item > 0)
    for shift in [-1e6, -1024, 1024, 1e6] as [Double] {
      let (loss, slope) = valueAndGradient(at: x + shift) { crossEntropy($0, labels) }
      #expect(loss.array == reference.value.array)
      #expect(slope.array == reference.gradient.array)
    }
    let far = Tensor(([[1e4, 0, -1e4], [-1e4, 1e4, 0]] as NDArray).cast(to: type))
    let (loss, slope) = valueAndGradient(at: far) { crossEntropy($0, [0, 0], reduction: .sum) }
    #expect(loss.item == 2e4)
    #expect(slope.array == ([[0, 0, 0], [-1, 1, 0]] as NDArray).cast(to: type))
  }

  /// Classes ruled out by a logit of −∞.
  @Test func impossibleClasses() {
    let x = Tensor([0, 0, -.infinity] as [Double])
    let (loss, slope) = valueAndGradient(at: x) { crossEntropy($0, Indices([1], shape: [])) }
    #expect(abs(loss.item - 0.693_147_180_559_945_3) < 1e-15)
    #expect(slope.array == Tensor([0.5, -0.5, 0] as [Double]).array)
  }

  /// A gradient makes two arrays of the size of the logits: the logarithms of the probabilities, and itself.
  /// In a process of its own: what the pool counts is the whole process's.
  @Test func theGradientTakesTwoArrays() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor.zeros([1024, 1024])
      let labels = Indices(Array(0..<1024))
      let before = MemoryPool.figures.bytesInUse
      let slope = gradient(at: x) { crossEntropy($0, labels) }
      #expect(slope.count == x.count)
      let peak = Double(MemoryPool.figures.peakBytesInUse - before) / Double(4 * x.count)
      #expect(peak >= 2 && peak < 2.1, "\(peak)")
    }
  }

  @Test func measures() {
    #expect(abs(perplexity(0.693_147_180_559_945_3) - 2) < 1e-15)
    #expect(perplexity(0) == 1)
    #expect(bitsPerCharacter(0) == 0)
    #expect(abs(bitsPerCharacter(3 * 0.693_147_180_559_945_3) - 3) < 1e-15)
    let uniform = crossEntropy(Tensor.zeros([7, 10], .float64), Indices([0, 1, 2, 3, 4, 5, 6]))
    #expect(abs(perplexity(uniform.item) - 10) < 1e-13)
  }

  /// By numbers of another implementation, PyTorch's formula in NumPy: the mean divides by the targets, whatever the weights.
  @Test func probabilitiesWithWeightsAndSmoothing() {
    let logits = Tensor([2, 0, -1, 0, 1, 0, 0.5, -0.5, 3] as [Double], shape: [3, 3])
    let targets = Tensor([1, 0, 0, 0.5, 0, 0.5, 0.2, 0.3, 0.5] as [Double], shape: [3, 3])
    let weights = Tensor([1, 2, 0.5] as [Double])
    func loss(_ reduction: LossReduction, mask: Mask? = nil) -> Tensor {
      crossEntropy(
        logits, probabilities: targets, mask: mask, classWeights: weights, smoothing: 0.1, reduction: reduction)
    }
    let expected = NDArray([0.35601012, 1.1615604, 2.76964297] as [Double])
    #expect(loss(.none).array.isClose(to: expected, relative: 1e-7, absolute: 0))
    #expect(abs(loss(.sum).item - 4.28721349245565) < 1e-12 && abs(loss(.mean).item - 1.4290711641518834) < 1e-12)
    let mask = Mask([true, true, false], shape: [3])
    #expect(abs(loss(.mean, mask: mask).item - 0.7587852592058819) < 1e-12)
    #expect(loss(.none, mask: mask).array[2].item == 0)
    let report = checkGradients(at: [logits, targets, weights], order: 2) {
      crossEntropy($0[0], probabilities: $0[1], mask: mask, classWeights: $0[2], smoothing: 0.1)
    }
    #expect(report.passes, "\(report)")
  }

  /// Probabilities that are all one class's are that label.
  @Test(arguments: [0.0, 0.3, 1]) func certainProbabilitiesAreLabels(_ smoothing: Double) {
    var generator = Generator(seed: 3)
    let logits = Tensor.normal([4, 5, 3], .float64, using: &generator)
    let labels = Indices.random(in: 0..<3, shape: [4, 5], using: &generator)
    let certain = Tensor.zeros([4, 5, 3], .float64).scatteredAdding(
      Tensor.ones([4, 5, 1], .float64), elements: labels.reshaped([4, 5, 1]), axis: 2)
    for weights in [nil, Tensor([1, 2, 0.5] as [Double])] {
      let a = crossEntropy(logits, labels, classWeights: weights, smoothing: smoothing, reduction: .none)
      let b = crossEntropy(logits, probabilities: certain, classWeights: weights, smoothing: smoothing, reduction: .none)
      #expect(a.array.isClose(to: b.array, relative: 1e-12, absolute: 1e-14))
    }
  }
}
