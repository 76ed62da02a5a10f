import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// Losses against numbers of an established system: values, gradients, tangents, and tangents of gradients.
@Suite struct LossGoldenTests {
  /// The loss of a file, computed from the inputs that have derivatives.
  typealias Row = @Sendable (LossCase, [Tensor]) throws -> Tensor

  /// One row for each file.
  static let rows: [String: Row] = [
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
    "mse_mean": squared,
    "mse_none": squared,
    "mse_sum": squared,
  ]

  private static let labelled: Row = { golden, x in
    crossEntropy(
      x[0].movingClassesLast, try golden.labels(), ignoring: golden.ignored, classWeights: try golden.classWeights(x[0].type),
      smoothing: golden.smoothing, reduction: try golden.reduction())
  }

  private static let squared: Row = { golden, x in meanSquaredError(x[0], x[1], reduction: try golden.reduction()) }

  @Test func everyFileHasARowAndEveryRowAFile() {
    #expect(LossCase.names.count == 14)
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
    let directions = try names.map { try golden.array("tangent." + $0, type) }
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
