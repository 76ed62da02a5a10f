package import UnrollArrays

/// Compares the derivatives of a function with finite differences: reverse and forward mode, first and second order.
///
/// The function takes float64 tensors and returns a tensor of any shape, whose elements are weighted at random and summed. By
/// default, derivatives along random directions are compared, which takes few evaluations for any size; `everyElement` also
/// compares the derivative by each element.
///
///     let report = checkGradients(at: Tensor([0.1, 0.2] as [Double])) { x in x.tanh() }
///     print(report)
///     assert(report.passes)
public func checkGradients<T: TensorGroup>(
  at x: T, order: Int = 2, everyElement: Bool = false, directions: Int = 3, tolerance: Double = 1e-6, seed: Int = 0,
  of f: @escaping (T) -> Tensor
) -> GradientReport {
  require(order == 1 || order == 2, "checkGradients: order \(order) is neither 1 nor 2")
  for tensor in x.tensors {
    require(tensor.type == .float64, "checkGradients: \(tensor.type) is too coarse for finite differences; cast to float64")
  }
  var generator = Generator(seed: seed)
  let y = f(x)
  let weights = Tensor.normal(y.shape, y.type, using: &generator)
  let check = GradientCheck(x: x, tolerance: tolerance, f: { (f($0) * weights).sum() })
  var found: [GradientReport.Comparison] = []
  if everyElement { found += check.elements() }
  for _ in 0..<directions { found += check.direction(&generator, order: order) }
  return GradientReport(found, tolerance: tolerance)
}

/// A scalar function at a point, with its derivatives in both modes.
private struct GradientCheck<T: TensorGroup> {
  let x: T
  let tolerance: Double
  let f: (T) -> Tensor

  /// Every first derivative.
  func elements() -> [GradientReport.Comparison] {
    let slopes = gradient(at: x, of: f).tensors
    return x.tensors.enumerated().flatMap { input, tensor in
      (0..<tensor.count).map { element in
        var unit = NDArray.zeros([tensor.count], .float64)
        unit.fill(1, at: element)
        var direction = x.tensors.map { Tensor.zeros($0.shape, .float64) }
        direction[input] = Tensor(unit.reshaped(tensor.shape))
        let analytic = slopes[input].reshaped([tensor.count])[element].item
        let place = (input, index(element, tensor.shape))
        return compare([("reverse mode, first order", analytic)], place) { value(direction, $0) }[0]
      }
    }
  }

  /// Derivatives along a random direction, one input at a time and all together.
  func direction(_ generator: inout Generator, order: Int) -> [GradientReport.Comparison] {
    let whole = x.tensors.map { Tensor.normal($0.shape, .float64, using: &generator) }
    let slopes = gradient(at: x, of: f).tensors
    var found: [GradientReport.Comparison] = []
    for input in whole.indices {
      var single = whole.map { Tensor.zeros($0.shape, .float64) }
      single[input] = whole[input]
      let reverse = (slopes[input] * whole[input]).sum().item
      let forward = tangent(at: x, along: x.replacingTensors(single), of: f).tangent.item
      let analytic = [("reverse mode, first order", reverse), ("forward mode, first order", forward)]
      found += compare(analytic, (input, nil)) { value(single, $0) }
    }
    return order == 1 ? found : found + curvature(whole, &generator)
  }

  /// Second derivatives along two random directions, one input at a time: by forward over reverse, and by reverse over reverse.
  private func curvature(_ along: [Tensor], _ generator: inout Generator) -> [GradientReport.Comparison] {
    let other = x.tensors.map { Tensor.normal($0.shape, .float64, using: &generator) }
    let forward = hessianVectorProduct(at: x, along: x.replacingTensors(along), of: f).tensors
    // The gradient of a linear function is constant: there is no path.
    let reverse = gradient(at: x, allowingNoPath: true) { x in product(gradient(at: x, of: f).tensors, along) }.tensors
    // One gradient gives the slopes by all inputs.
    var known: [Double: [Tensor]] = [:]
    func slopes(_ h: Double) -> [Tensor] {
      if let slopes = known[h] { return slopes }
      let slopes = gradient(at: moved(along, h), of: f).tensors
      known[h] = slopes
      return slopes
    }
    return x.tensors.indices.flatMap { input in
      let analytic = [("forward over reverse mode", forward), ("reverse over reverse mode", reverse)].map { mode, found in
        ("\(mode), second order", (found[input] * other[input]).sum().item)
      }
      return compare(analytic, (input, nil)) { (slopes($0)[input] * other[input]).sum().item }
    }
  }

  private func product(_ a: [Tensor], _ b: [Tensor]) -> Tensor {
    zip(a, b).reduce(Tensor(0, .float64)) { $0 + ($1.0 * $1.1).sum() }
  }

  private func moved(_ direction: [Tensor], _ h: Double) -> T {
    x.replacingTensors(zip(x.tensors, direction).map { $0.detached() + $1 * h })
  }

  private func value(_ direction: [Tensor], _ h: Double) -> Double { f(moved(direction, h)).item }

  /// Compares several analytic values with the derivative of g at 0. The numeric value is a five-point difference, whose error
  /// is of fourth order, at two step widths. The point counts as smooth if both widths agree, if the slopes to the left and to
  /// the right agree (central differences cannot see a kink at the point itself), and if the rounding error of values of this
  /// size is below the tolerance.
  private func compare(
    _ checks: [(name: String, analytic: Double)], _ place: (input: Int, index: [Int]?), _ g: (Double) -> Double
  ) -> [GradientReport.Comparison] {
    func slope(_ h: Double) -> Double { (8 * (g(h) - g(-h)) - (g(2 * h) - g(-2 * h))) / (12 * h) }
    let (wide, narrow, middle, h) = (slope(1e-3), slope(2.5e-4), g(0), 1e-5)
    // The differences weight 18 values, each rounded by at least half a unit in its last place.
    let rounding = 18 * abs(middle).ulp / 2 / (12 * 2.5e-4)
    let bend = abs((g(h) - middle) - (middle - g(-h))) / h
    return checks.map { check in
      let scale = Swift.max(1, abs(check.analytic), abs(narrow))
      let error = abs(check.analytic - narrow) / scale
      return GradientReport.Comparison(
        check: check.name, input: place.input, index: place.index, analytic: check.analytic, numeric: narrow,
        error: error.isNaN ? .infinity : error,
        isSmooth: abs(wide - narrow) <= 1e-4 * scale && bend <= 1e-2 * scale && rounding <= tolerance * scale)
    }
  }

  private func index(_ element: Int, _ shape: Shape) -> [Int] {
    var rest = element
    var index: [Int] = []
    for extent in shape.reversed() {
      index.append(rest % extent)
      rest /= extent
    }
    return index.reversed()
  }
}

/// The result of a gradient check.
public struct GradientReport: Sendable {
  /// An analytic derivative and its numeric counterpart.
  public struct Comparison: Sendable {
    /// The derivative: its mode and order.
    public let check: String
    /// The index of the input tensor, in the order of `visitTensors`.
    public let input: Int
    /// The element, nil for a derivative along a random direction.
    public let index: [Int]?
    /// The derivative by the rules.
    public let analytic: Double
    /// The derivative by finite differences.
    public let numeric: Double
    /// The difference relative to the larger of both, or to 1 where both are smaller.
    public let error: Double
    /// Whether finite differences of different widths agree. Where they do not, the function has a kink or a jump nearby, or
    /// values so large that their differences are mostly rounding error, and the comparison is meaningless.
    public let isSmooth: Bool
  }

  /// All comparisons, the worst first.
  public let comparisons: [Comparison]
  /// The largest error that passes.
  public let tolerance: Double

  init(_ comparisons: [Comparison], tolerance: Double) {
    self.comparisons = comparisons.sorted { $0.error > $1.error }
    self.tolerance = tolerance
  }

  /// The worst comparison at a smooth point.
  public var worst: Comparison? { comparisons.first(where: \.isSmooth) }

  /// Comparisons without meaning, because the function is not smooth there.
  public var undecided: [Comparison] { comparisons.filter { !$0.isSmooth } }

  /// Whether every comparison at a smooth point is within the tolerance, and there was one.
  public var passes: Bool { worst.map { $0.error <= tolerance } ?? false }
}

extension GradientReport: CustomStringConvertible {
  public var description: String {
    let verdict = passes ? "passes" : "FAILS"
    var lines = ["gradient check \(verdict): \(comparisons.count) comparisons, tolerance \(tolerance)"]
    if let worst { lines.append("worst: \(worst)") }
    if !undecided.isEmpty { lines.append("not smooth at \(undecided.count) points, such as: \(undecided[0])") }
    return lines.joined(separator: "\n")
  }
}

extension GradientReport.Comparison: CustomStringConvertible {
  public var description: String {
    let place = index.map { "element \($0)" } ?? "a random direction"
    return "\(check), input \(input), \(place): analytic \(analytic), numeric \(numeric), error \(error)"
  }
}

/// Stops at the first operation whose result is not finite, and names it.
func requireFinite(_ outputs: [NDArray], _ inputs: [Tensor], of name: String) {
  guard !outputs.allSatisfy(\.isFinite) else { return }
  let shapes = inputs.map { "\($0.shape)" }.joined(separator: ", ")
  let before = inputs.allSatisfy(\.numbers.array.isFinite) ? "from finite inputs" : "from an input that was not finite either"
  stop("checking: \(name) of shapes \(shapes) gave the first number that is not finite, in the forward pass, \(before)")
}

func requireFinite(_ cotangent: NDArray, backwardOf node: Node, input: Int) {
  guard !cotangent.isFinite else { return }
  let shapes = (0..<node.inputs.count).map { "\(node.inputShape($0))" }.joined(separator: ", ")
  stop(
    "checking: \(node.operation.name) of shapes \(shapes) gave the first number that is not finite, in the backward pass, "
      + "for its input \(input)")
}

extension NDArray {
  /// Whether no element is infinite or NaN.
  package var isFinite: Bool { count == 0 || (self * 0).sum().item == 0 }
}
