import UnrollArrays
package import UnrollAutograd

/// The derivatives of a scalar function of float64 tensors at a point along two directions, in every combination of modes, against
/// differences.
///
/// The first derivative is compared with differences of values, the second with differences of the first derivative by reverse mode.
/// Differences of two step sizes that disagree decide nothing: the function has a kink there, or bends too much.
package struct DerivativeCheck {
  package enum Outcome: Equatable {
    case agree
    /// Kinks, or numbers too large for differences.
    case undecided
    case disagree(String)
  }

  private let x: [Tensor]
  private let (t, u): ([Tensor], [Tensor])
  private let f: @Sendable ([Tensor]) -> Tensor

  /// A check along directions drawn from a seed.
  package init(at x: [Tensor], seed: Int, of f: @escaping @Sendable ([Tensor]) -> Tensor) {
    var generator = Generator(seed: seed)
    func draw() -> [Tensor] { x.map { Tensor.uniform($0.shape, in: -1..<1, .float64, using: &generator) } }
    self.x = x
    (t, u) = (draw(), draw())
    self.f = f
  }

  /// The first derivative, and where it is right the second.
  package func run() -> Outcome {
    let first = first()
    return first == .agree ? second() : first
  }

  private func first() -> Outcome {
    let reverse = dot(gradient(at: x, allowingNoPath: true, of: f), t)
    let forward = tangent(at: x, along: t, of: f).tangent.item
    return compare([("reverse", reverse), ("forward", forward)]) { f(moved(t, $0)).item }
  }

  private func second() -> Outcome {
    let forwardReverse = dot(tangent(at: x, along: u) { gradient(at: $0, allowingNoPath: true, of: f) }.tangent, t)
    let reverseReverse = dot(
      gradient(at: x, allowingNoPath: true) { dotted(gradient(at: $0, allowingNoPath: true, of: f), t) }, u)
    let reverseForward = dot(gradient(at: x, allowingNoPath: true) { tangent(at: $0, along: t, of: f).tangent }, u)
    let forwardForward = tangent(at: x, along: u) { tangent(at: $0, along: t, of: f).tangent }.tangent.item
    return compare([
      ("forward over reverse", forwardReverse), ("reverse over reverse", reverseReverse),
      ("reverse over forward", reverseForward), ("forward over forward", forwardForward),
    ]) { dot(gradient(at: moved(u, $0), allowingNoPath: true, of: f), t) }
  }

  private func moved(_ direction: [Tensor], _ distance: Double) -> [Tensor] { zip(x, direction).map { $0 + $1 * distance } }

  private func compare(_ found: [(way: String, slope: Double)], _ values: (Double) -> Double) -> Outcome {
    let (wide, narrow) = (slope(2e-3, values), slope(1e-3, values))
    let size = max(1, abs(values(0)), abs(narrow))
    guard size < 1e5, abs(wide - narrow) < 1e-7 * size else { return .undecided }
    for (way, slope) in found where !(abs(slope - narrow) <= 1e-6 * size) {
      return .disagree("\(way): \(slope) against \(narrow) by differences")
    }
    return .agree
  }

  /// Of four points: what is left out is h⁴ f⁽⁵⁾ / 30.
  private func slope(_ h: Double, _ values: (Double) -> Double) -> Double {
    (8 * (values(h) - values(-h)) - (values(2 * h) - values(-2 * h))) / (12 * h)
  }

  private func dot(_ a: [Tensor], _ b: [Tensor]) -> Double { dotted(a, b).item }
}

/// ⟨a, b⟩ over all tensors.
private func dotted(_ a: [Tensor], _ b: [Tensor]) -> Tensor {
  zip(a, b).reduce(Tensor(0, .float64)) { $0 + ($1.0 * $1.1).sum() }
}
