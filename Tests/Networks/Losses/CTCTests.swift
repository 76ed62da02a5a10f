import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// CTC beyond the files: its definition by enumeration, derivatives of every order and mode, lengths, and impossible targets.
@Suite struct CTCTests {
  private static let labels = Indices([1, 2, 2, 3, 3, 1, 0, 0, 0, 0, 0, 0], shape: [3, 4])
  private static let labelLengths = [4, 2, 0]
  private static let inputLengths = [7, 5, 3]

  private static func logits(_ shape: Shape = [3, 7, 4], seed: Int = 1) -> Tensor {
    var generator = Generator(seed: seed)
    return Tensor.normal(shape, .float64, using: &generator)
  }

  private static func loss(_ x: Tensor, reduction: LossReduction = .none) -> Tensor {
    ctcLoss(x, labels, inputLengths: inputLengths, labelLengths: labelLengths, reduction: reduction)
  }

  /// The probability of all sequences of classes that spell the labels, one sequence after another.
  private static func enumerated(_ x: Tensor, steps: Int, _ labels: [Int], blank: Int) -> Double {
    let (p, classes) = (x.softmax(), x.shape[1])
    let numbers: [[Double]] = (0..<steps).map { t in (0..<classes).map { p[t, $0].item } }
    var sum = 0.0
    for number in 0..<(0..<steps).reduce(1, { product, _ in product * classes }) {
      var (rest, spelled, last, probability) = (number, [Int](), -1, 1.0)
      for t in 0..<steps {
        let current = rest % classes
        rest /= classes
        probability *= numbers[t][current]
        if current != blank && current != last { spelled.append(current) }
        last = current
      }
      if spelled == labels { sum += probability }
    }
    return sum
  }

  @Test(arguments: [[1, 2], [2, 2], [], [1], [1, 2, 1], [2, 2, 1]], [0, 3]) func definition(_ labels: [Int], blank: Int) {
    let x = CTCTests.logits([1, 5, 4], seed: labels.count)
    let targets = Indices(labels, shape: [1, labels.count])
    let found = ctcLoss(x, targets, blank: blank, reduction: .sum)
    let expected = CTCTests.enumerated(x[0], steps: 5, labels, blank: blank)
    #expect(abs((-found).exp().item - expected) < 1e-13)
  }

  @Test(arguments: [LossReduction.mean, .sum, .none]) func derivatives(_ reduction: LossReduction) {
    let report = checkGradients(at: CTCTests.logits(), everyElement: true) { CTCTests.loss($0, reduction: reduction) }
    #expect(report.passes && report.undecided.isEmpty, "\(report)")
  }

  /// The gradient computed at once, and the one of the recursion in tensor arithmetic.
  @Test func bothWaysOfTheGradientAgree() {
    func slope(_ x: Tensor) -> Tensor { gradient(at: x) { CTCTests.loss($0, reduction: .mean) } }
    let recorded = pullback(at: CTCTests.logits(), of: slope).value
    #expect(slope(CTCTests.logits()).array.isClose(to: recorded.array, relative: 1e-12, absolute: 1e-14))
  }

  /// Steps and labels behind the lengths may hold anything.
  @Test func paddingHasNoEffect() {
    let x = CTCTests.logits()
    let padded = Tensor.select(
      Mask(CTCTests.inputLengths.flatMap { n in (0..<7).map { $0 < n } }, shape: [3, 7, 1]), x, Tensor(.nan, .float64))
    let odd = Indices([1, 2, 2, 3, 3, 1, 99, -5, 99, 99, 99, 99], shape: [3, 4])
    func loss(_ x: Tensor) -> Tensor {
      ctcLoss(x, odd, inputLengths: CTCTests.inputLengths, labelLengths: CTCTests.labelLengths)
    }
    let found = valueAndGradient(at: padded, of: loss)
    let expected = valueAndGradient(at: x) { CTCTests.loss($0, reduction: .mean) }
    #expect(found.value.array == expected.value.array)
    #expect(found.gradient.array == expected.gradient.array)
    for (row, length) in CTCTests.inputLengths.enumerated() where length < 7 {
      #expect(found.gradient[row, length...].norm().item == 0)
    }
    let direction = CTCTests.logits(seed: 2)
    let curvature = hessianVectorProduct(at: padded, along: direction, of: loss)
    let plain = hessianVectorProduct(at: x, along: direction) { CTCTests.loss($0, reduction: .mean) }
    #expect(curvature.array == plain.array)
  }

  @Test func impossibleTargets() {
    let x = CTCTests.logits([2, 4, 4])
    let labels = Indices([1, 1, 2, 2, 1, 2, 0, 0], shape: [2, 4])
    func losses(_ x: Tensor, _ impossible: ImpossibleTarget) -> Tensor {
      ctcLoss(x, labels, labelLengths: [4, 2], impossible: impossible, reduction: .none)
    }
    let possible = ctcLoss(x[1...], Indices([1, 2], shape: [1, 2]), reduction: .none)
    let infinite = valueAndGradient(at: x) { losses($0, .isInfinite).sum() }
    #expect(losses(x, .isInfinite)[0].item == .infinity && losses(x, .isInfinite)[1].item == possible[0].item)
    #expect(infinite.gradient[0].array.scalars(as: Double.self).allSatisfy { $0.isNaN })
    let zeroed = valueAndGradient(at: x) { losses($0, .isZero).sum() }
    #expect(zeroed.value.item == possible[0].item)
    #expect(zeroed.gradient[0].norm().item == 0)
    #expect(zeroed.gradient[1].array == infinite.gradient[1].array)
    let report = checkGradients(at: x) { losses($0, .isZero) }
    #expect(report.passes && report.undecided.isEmpty, "\(report)")
    let twice = gradient(at: x) { x in gradient(at: x) { losses($0, .isInfinite).sum() }.sum() }
    #expect(twice[0].array.scalars(as: Double.self).allSatisfy { $0.isNaN } && twice[1].norm().item.isFinite)
  }

  /// Classes ruled out by a logit of −∞, and no steps at all.
  @Test func classesRuledOut() {
    var array = CTCTests.logits([1, 3, 3]).array
    array.fill(-.infinity, at: 0, .all, 2)
    let (x, one, two) = (Tensor(array), Indices([1], shape: [1, 1]), Indices([2], shape: [1, 1]))
    let (loss, slope) = valueAndGradient(at: x) { ctcLoss($0, one) }
    let reduced = valueAndGradient(at: x[.all, .all, 0..<2]) { ctcLoss($0, one) }
    #expect(abs(loss.item - reduced.value.item) < 1e-14)
    #expect(slope[.all, .all, 0..<2].array.isClose(to: reduced.gradient.array, relative: 1e-12, absolute: 1e-14))
    #expect(slope[.all, .all, 2].norm().item == 0)
    #expect(ctcLoss(x, two).item == .infinity)
    #expect(ctcLoss(x, two, impossible: .isZero).item == 0)
    #expect(ctcLoss(x, one, inputLengths: [0], labelLengths: [0]).item == 0)
    #expect(ctcLoss(x, one, inputLengths: [0], impossible: .isInfinite).item == .infinity)
    #expect(gradient(at: x) { ctcLoss($0, one, inputLengths: [0], labelLengths: [0]) }.norm().item == 0)
  }

  /// Rows far from each other in probability, in a batch large enough to be shared by threads; float32 is computed in float64.
  @Test func manyRows() {
    let (batch, time) = (9, 60)
    let x = CTCTests.logits([batch, time, 5], seed: 3) * 30
    var generator = Generator(seed: 4)
    let labels = Indices.random(in: 1..<5, shape: [batch, 20], using: &generator)
    func loss(_ x: Tensor) -> Tensor { ctcLoss(x, labels, impossible: .isInfinite, reduction: .none) }
    let (losses, slope) = (loss(x), gradient(at: x) { loss($0).sum() })
    for row in 0..<batch {
      let alone = { (x: Tensor) in ctcLoss(x, labels[row..<row + 1], impossible: .isInfinite, reduction: .sum) }
      let single = valueAndGradient(at: x[row..<row + 1], of: alone)
      #expect(losses[row].item == single.value.item)
      #expect(slope[row].array == single.gradient[0].array)
      #expect(slope[row].sum(axes: 1).norm().item < 1e-11, "the gradient of a step adds up to zero")
    }
    let rounded = Tensor(x.array.cast(to: .float32))
    let exact = loss(Tensor(rounded.array.cast(to: .float64)))
    #expect(loss(rounded).array == exact.array.cast(to: .float32))
  }
}
