import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks

/// Losses against numbers of an established system: values, gradients, tangents, and tangents of gradients.
@Suite struct LossGoldenTests {
  /// The loss of a file, computed from the inputs that have derivatives.
  typealias Row = @Sendable (LossCase, [Tensor]) throws -> Tensor

  /// One row for each file.
  static let rows: [String: Row] = [
    "bce_with_logits_large_logits": binary,
    "bce_with_logits_mean": binary,
    "bce_with_logits_none": binary,
    "bce_with_logits_pos_weight": binary,
    "cross_entropy_ignore": labelled,
    "cross_entropy_ignore_class": labelled,
    "cross_entropy_large_logits": labelled,
    "cross_entropy_mean": labelled,
    "cross_entropy_none": labelled,
    "cross_entropy_probabilities": { golden, x in
      crossEntropy(x[0].movingClassesLast, probabilities: x[1].movingClassesLast, reduction: try golden.reduction())
    },
    "cross_entropy_sequence": labelled,
    "cross_entropy_smoothing": labelled,
    "cross_entropy_sum": labelled,
    "cross_entropy_weights": labelled,
    "cross_entropy_weights_smoothing_ignore": labelled,
    "ctc_empty_target": aligned,
    "ctc_impossible_zeroed": aligned,
    "ctc_last_blank": aligned,
    "ctc_lengths": aligned,
    "ctc_mean": aligned,
    "ctc_repeats": aligned,
    "huber_delta1": huber,
    "huber_delta_half": huber,
    "kl_div_batchmean": divergence,
    "kl_div_log_target": divergence,
    "kl_div_mean": divergence,
    "l1_mean": { golden, x in meanAbsoluteError(x[0], x[1], reduction: try golden.reduction()) },
    "mse_mean": squared,
    "mse_none": squared,
    "mse_sum": squared,
    "nll_mean": likelihood,
    "nll_weights_ignore": likelihood,
    "smooth_l1_beta1": smooth,
    "smooth_l1_beta_half": smooth,
  ]

  private static let labelled: Row = { golden, x in
    crossEntropy(
      x[0].movingClassesLast, try golden.labels(), ignoring: golden.ignored,
      classWeights: try golden.optional("class_weight", x[0].type),
      smoothing: golden.smoothing, reduction: try golden.reduction())
  }

  private static let binary: Row = { golden, x in
    binaryCrossEntropy(
      x[0], try golden.array("target", x[0].type), positiveWeight: try golden.optional("pos_weight", x[0].type),
      weights: try golden.optional("weight", x[0].type), reduction: try golden.reduction())
  }

  private static let aligned: Row = { golden, x in
    ctcLoss(
      x[0].transposed(0, 1), try golden.labels(), inputLengths: try golden.integers("input_lengths").values,
      labelLengths: try golden.integers("target_lengths").values, blank: Int(try golden.number("blank")),
      impossible: golden.truth("zero_infinity") ? .isZero : .stops, reduction: try golden.reduction())
  }

  private static let divergence: Row = { golden, x in
    klDivergence(
      x[0].logSoftmax(), try golden.array("target", x[0].type), targetsAreLogarithms: golden.truth("log_target"),
      reduction: try golden.divergenceReduction())
  }

  private static let likelihood: Row = { golden, x in
    negativeLogLikelihood(
      x[0].logSoftmax(), try golden.labels(), ignoring: golden.ignored,
      classWeights: try golden.optional("class_weight", x[0].type), reduction: try golden.reduction())
  }

  private static let huber: Row = { golden, x in
    huberLoss(x[0], x[1], delta: try golden.number("delta"), reduction: try golden.reduction())
  }

  private static let smooth: Row = { golden, x in
    smoothAbsoluteError(x[0], x[1], beta: try golden.number("beta"), reduction: try golden.reduction())
  }

  private static let squared: Row = { golden, x in meanSquaredError(x[0], x[1], reduction: try golden.reduction()) }

  @Test func everyFileHasARowAndEveryRowAFile() {
    #expect(LossCase.names.count == 34)
    #expect(LossGoldenTests.rows.keys.sorted() == LossCase.names)
  }

  @Test(arguments: LossCase.names) func agreesInFloat64(_ name: String) throws {
    try check(name, .float64) { found, expected, _ in
      found.array.isClose(to: expected.array, relative: 1e-9, absolute: 1e-12)
    }
  }

  /// The largest element of each tensor is the scale of its rounding errors. Second derivatives are differences of terms as large
  /// as the first, and some are zero only because those cancel.
  @Test(arguments: LossCase.names) func float32IsNear(_ name: String) throws {
    try check(name, .float32) { found, expected, terms in
      let scale = max(expected.norm(order: .infinity).item, terms.norm(order: .infinity).item)
      return found.type == .float32
        && found.array.cast(to: .float64).isClose(to: expected.array, relative: 0, absolute: 1e-5 * scale)
    }
  }

  private func check(
    _ name: String, _ type: ElementType, _ agree: (_ found: Tensor, _ expected: Tensor, _ terms: Tensor) -> Bool
  ) throws {
    let golden = try LossCase(name)
    let row = try #require(LossGoldenTests.rows[name])
    let compute = { (x: [Tensor]) throws in try row(golden, x) }
    let names = golden.differentiable
    let x = try names.map { try golden.array($0, type) }
    let g = try golden.array("cotangent.loss", type)

    func compare(_ found: Tensor, _ name: String, termsOf other: String? = nil) throws {
      let (expected, terms) = (try golden.array(name, .float64), try golden.array(other ?? name, .float64))
      #expect(
        found.shape == expected.shape && agree(found, expected, terms), "\(golden) \(name): \(found) against \(expected)")
    }
    let (value, pullback) = try pullback(at: x, of: compute)
    try compare(value, "out.loss")
    try compare(try compute(x), "out.loss")
    for (name, slope) in zip(names, pullback(g)) { try compare(slope, "grad." + name) }
    guard golden.isSmooth else { return }
    let directions = try names.map { try golden.array("tangent." + $0, type) }
    try compare(try tangent(at: x, along: directions, of: compute).tangent, "jvp.loss")
    let second = try tangent(at: x, along: directions) { x in try UnrollAutograd.pullback(at: x, of: compute).pullback(g) }
    for (i, name) in names.enumerated() {
      try compare(second.value[i], "grad." + name)
      try compare(second.tangent[i], "hvp." + name, termsOf: "grad." + name)
    }
  }
}

extension Tensor {
  /// The files have their classes on axis 1.
  fileprivate var movingClassesLast: Tensor { permuted([0] + Array(2..<rank) + [1]) }
}
