import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// What the losses beside cross-entropy promise beyond the files.
@Suite struct FurtherLossTests {
  private static func random(_ shape: Shape, seed: Int) -> Tensor {
    var generator = Generator(seed: seed)
    return Tensor.normal(shape, .float64, using: &generator)
  }

  private let x = random([4, 3, 5], seed: 1)
  private let y = random([4, 3, 5], seed: 2)

  private func expectDerivatives(_ inputs: [Tensor], _ f: @escaping ([Tensor]) -> Tensor) {
    let report = checkGradients(at: inputs, of: f)
    #expect(report.passes && report.undecided.isEmpty, "\(report)")
  }

  @Test(arguments: [LossReduction.mean, .sum, .none]) func derivatives(_ reduction: LossReduction) {
    let labels = Indices([0, 4, 2, 1, -1, 3, 4, 4, -1, 2, 0, 1], shape: [4, 3])
    let together = Mask((0..<12).map { $0 % 3 != 1 }, shape: [4, 3])
    let (weights, targets) = (FurtherLossTests.random([5], seed: 3).exp(), y.sigmoid())
    expectDerivatives([x, weights]) {
      negativeLogLikelihood($0[0].logSoftmax(), labels, ignoring: -1, classWeights: $0[1], reduction: reduction)
    }
    expectDerivatives([x, targets, weights, weights * 2]) {
      binaryCrossEntropy($0[0], $0[1], positiveWeight: $0[2], weights: $0[3], reduction: reduction)
    }
    // Neither near 0 nor near 0.7, where the derivatives jump.
    let apart = x + (y.sign() * 0.35) * (1 + 3 * (y.magnitude() .> 0.7).cast(to: .float64)) + y * 0.01
    expectDerivatives([x, apart]) { huberLoss($0[0], $0[1], delta: 0.7, reduction: reduction) }
    expectDerivatives([x, apart]) { smoothAbsoluteError($0[0], $0[1], beta: 0.7, reduction: reduction) }
    expectDerivatives([x, apart]) { meanAbsoluteError($0[0], $0[1], reduction: reduction) }
    expectDerivatives([x, y]) {
      cosineEmbeddingLoss($0[0], $0[1], together: together, margin: -0.9, reduction: reduction)
    }
  }

  @Test(arguments: [DivergenceReduction.batchMean, .mean, .sum, .none])
  func divergence(_ reduction: DivergenceReduction) {
    let targets = (y * 0.2).softmax()
    expectDerivatives([x, targets]) { klDivergence($0[0].logSoftmax(), $0[1], reduction: reduction) }
    expectDerivatives([x, y]) {
      klDivergence($0[0].logSoftmax(), $0[1].logSoftmax(), targetsAreLogarithms: true, reduction: reduction)
    }
    let plain = klDivergence(x.logSoftmax(), targets, reduction: reduction)
    let logarithms = klDivergence(x.logSoftmax(), targets.log(), targetsAreLogarithms: true, reduction: reduction)
    #expect(plain.array.isClose(to: logarithms.array, relative: 1e-12, absolute: 1e-14))
    #expect(klDivergence(targets.log(), targets, reduction: .sum).item == 0)
  }

  /// Classes of probability 0 in the target, in q, and in both: value, and every derivative.
  @Test func divergenceWithImpossibleClasses() {
    let none = -Double.infinity
    let q = Tensor([none, -0.7, -1.2, none, -0.3, -2] as [Double], shape: [2, 3])
    let p = Tensor([0, 0.4, 0.6, 0, 0, 1] as [Double], shape: [2, 3])
    // 0.4 (ln 0.4 + 0.7) + 0.6 (ln 0.6 + 1.2) + 2
    let expected = 2.3269883329907435
    for isLogarithm in [false, true] {
      let targets = isLogarithm ? p.log() : p
      func divergence(_ q: Tensor, _ targets: Tensor) -> Tensor {
        klDivergence(q, targets, targetsAreLogarithms: isLogarithm, reduction: .sum)
      }
      let (value, slopes) = valueAndGradient(at: [q, targets]) { divergence($0[0], $0[1]) }
      #expect(abs(value.item - expected) < 1e-12)
      #expect(slopes[0].array == (p * -1).array)
      let byTarget = slopes[1].array.scalars(as: Double.self)
      #expect(byTarget.allSatisfy(\.isFinite) && byTarget[0] == 0 && byTarget[3] == 0 && byTarget[4] == 0)
      // Second order: by the other derivatives' own derivatives, both ways.
      let along = [Tensor.ones([2, 3], .float64), Tensor.ones([2, 3], .float64)]
      let forward = hessianVectorProduct(at: [q, targets], along: along) { divergence($0[0], $0[1]) }
      let reverse = gradient(at: [q, targets]) { v in
        let slopes = gradient(at: v) { divergence($0[0], $0[1]) }
        return slopes[0].sum() + slopes[1].sum()
      }
      for (a, b) in zip(forward, reverse) {
        #expect(a.array.isClose(to: b.array, relative: 1e-12, absolute: 1e-14))
        let isFinite = a.array.scalars(as: Double.self).allSatisfy(\.isFinite)
        #expect(isFinite)
      }
    }
    // What the target says can happen and q says cannot.
    #expect(klDivergence(q, Tensor([1, 0, 0, 0, 0, 1] as [Double], shape: [2, 3]), reduction: .sum).item == .infinity)
    let unknown = klDivergence(q, Tensor([.nan, 0, 0, 0, 0, 1] as [Double], shape: [2, 3]), reduction: .sum)
    #expect(unknown.item.isNaN)
    // Logits of −∞ mask classes of q; the others' derivatives are those without them.
    let logits = Tensor([none, 0.2, -1] as [Double])
    let masked = gradient(at: logits) { klDivergence($0.logSoftmax(), Tensor([0, 0.3, 0.7] as [Double]), reduction: .sum) }
    let plain = gradient(at: logits[1...]) { klDivergence($0.logSoftmax(), Tensor([0.3, 0.7] as [Double]), reduction: .sum) }
    #expect(masked[0].item == 0 && masked[1...].array.isClose(to: plain.array, relative: 1e-14, absolute: 0))
  }

  @Test func divergenceOfWhatCannotHappen() {
    let (loss, slope) = valueAndGradient(at: [0, 1] as Tensor) { klDivergence($0.logSoftmax(), [0, 1], reduction: .sum) }
    #expect(abs(loss.item - 0.313_261_7) < 1e-6 && slope.norm().item.isFinite)
  }

  @Test func likelihoodIsCrossEntropyOfLogits() {
    let labels = Indices([0, 4, 2, 1, -1, 3, 4, 4, -1, 2, 0, 1], shape: [4, 3])
    let found = valueAndGradient(at: x) { negativeLogLikelihood($0.logSoftmax(), labels, ignoring: -1) }
    let expected = valueAndGradient(at: x) { crossEntropy($0, labels, ignoring: -1) }
    #expect(abs(found.value.item - expected.value.item) < 1e-14)
    #expect(found.gradient.array.isClose(to: expected.gradient.array, relative: 1e-12, absolute: 1e-15))
    let nan = Tensor([[-1, -2], [.nan, .nan]].flatMap { $0 } as [Double], shape: [2, 2])
    let masked = valueAndGradient(at: nan) { negativeLogLikelihood($0, [1, 7], mask: [true, false]) }
    #expect(masked.value.item == 2 && masked.gradient.array == Tensor([0, -1, 0, 0] as [Double], shape: [2, 2]).array)
  }

  /// Nothing overflows where logits are large, and nothing cancels where the loss is small.
  @Test func binaryLossesOfLargeLogits() {
    let x = Tensor([1e4, -1e4, 1e4, -1e4, 40, -40] as [Double])
    let y = Tensor([1, 0, 0, 1, 1, 0] as [Double])
    let losses = binaryCrossEntropy(x, y, reduction: .none).array
    let small = 4.248_354_255_291_589e-18
    #expect(losses.isClose(to: NDArray([0, 0, 1e4, 1e4, small, small] as [Double]), relative: 1e-14, absolute: 0))
    let slope = gradient(at: x) { binaryCrossEntropy($0, y, reduction: .sum) }.array
    #expect(slope.isClose(to: NDArray([0, 0, 1, -1, -small, small] as [Double]), relative: 1e-14, absolute: 0))
  }

  @Test func huberMeetsItsPieces() {
    let d = Tensor([-3, -1, -0.5, 0, 0.25, 1, 2] as [Double])
    let zero = Tensor.zeros([7], .float64)
    let losses = huberLoss(d, zero, reduction: .none)
    #expect(losses.array == NDArray([2.5, 0.5, 0.125, 0, 0.03125, 0.5, 1.5] as [Double]))
    #expect(
      smoothAbsoluteError(d, zero, beta: 2, reduction: .none).array
        == (huberLoss(d, zero, delta: 2, reduction: .none) / 2).array)
    #expect(
      gradient(at: d) { huberLoss($0, zero, reduction: .sum) }.array == NDArray([-1, -1, -0.5, 0, 0.25, 1, 1] as [Double]))
    #expect(
      gradient(at: d) { meanAbsoluteError($0, zero, reduction: .sum) }.array == NDArray([-1, -1, -1, 0, 1, 1, 1] as [Double]))
  }

  @Test func cosines() {
    let (x, y) = (
      Tensor([1, 0, 1, 1, 0, 0] as [Double], shape: [3, 2]), Tensor([0, 2, 3, 3, 1, 1] as [Double], shape: [3, 2])
    )
    let found = cosineSimilarity(x, y)
    #expect(found.array.isClose(to: NDArray([0, 1, 0] as [Double]), relative: 1e-15, absolute: 0))
    #expect(cosineSimilarity(x.transposed(), y.transposed(), axis: 0).array == found.array)
    let slope = gradient(at: x) { cosineSimilarity($0, y).sum() }
    #expect(slope.norm().item.isFinite)
    let losses = cosineEmbeddingLoss(x, y, together: [true, false, false], margin: 0.25, reduction: .none)
    #expect(losses.array.isClose(to: NDArray([1, 0.75, 0] as [Double]), relative: 1e-15, absolute: 0))
  }
}
