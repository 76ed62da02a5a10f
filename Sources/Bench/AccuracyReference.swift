package import UnrollKernelTemplates

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Android)
  internal import Android
#elseif canImport(WASILibc)
  internal import WASILibc
#endif

#if arch(x86_64)
  /// The type of reference values: 64 bits of significand where the processor has them.
  package typealias Exact = Float80
#else
  package typealias Exact = Double
#endif

/// The allowed error of a function, and the range of its samples.
package struct AccuracyCase: Sendable {
  package var name: String
  /// The bounds on the error, in units in the last place.
  package var single = 2.0
  package var double = 2.0
  /// The range of the uniform half of the samples; the other half are random bit patterns.
  package var range: ClosedRange<Double>
  package var parameters = (a: 0.0, b: 0.0)
  package var exact: @Sendable (Exact) -> Exact

  init(_ name: String, _ range: ClosedRange<Double>, _ exact: @escaping @Sendable (Exact) -> Exact) {
    self.name = name
    self.range = range
    self.exact = exact
  }

  func with(_ change: (inout AccuracyCase) -> Void) -> AccuracyCase {
    var copy = self
    change(&copy)
    return copy
  }
}

extension AccuracyCase {
  /// The case of each function; a function without one stops the measurement.
  package init(_ operation: UnaryOperation) {
    self = AccuracyCase.elementary(operation) ?? AccuracyCase.activation(operation)
  }

  static func elementary(_ operation: UnaryOperation) -> AccuracyCase? {
    switch operation {
    case .negation: AccuracyCase("negation", -4...4) { -$0 }
    case .magnitude: AccuracyCase("magnitude", -4...4) { abs($0) }
    case .sign: AccuracyCase("sign", -4...4) { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
    case .square: AccuracyCase("square", -4...4) { $0 * $0 }
    case .squareRoot: AccuracyCase("squareRoot", 0...4) { $0.squareRoot() }
    case .reciprocalSquareRoot: AccuracyCase("reciprocalSquareRoot", 0...4) { 1 / $0.squareRoot() }
    case .reciprocal: AccuracyCase("reciprocal", -4...4) { 1 / $0 }
    case .exp: AccuracyCase("exp", -110...90) { exp($0) }
    case .exp2: AccuracyCase("exp2", -150...130) { exp2($0) }
    case .expMinusOne: AccuracyCase("expMinusOne", -20...90) { expm1($0) }
    case .log: AccuracyCase("log", 0...4) { log($0) }
    case .log2: AccuracyCase("log2", 0...4) { log2($0) }
    case .logOnePlus: AccuracyCase("logOnePlus", -1...4) { log1p($0) }
    case .sin: AccuracyCase("sin", -100...100) { sin($0) }
    case .cos: AccuracyCase("cos", -100...100) { cos($0) }
    case .tan: AccuracyCase("tan", -100...100) { tan($0) }
    case .arcsin: AccuracyCase("arcsin", -1...1) { asin($0) }
    case .arccos: AccuracyCase("arccos", -1...1) { acos($0) }
    case .arctan: AccuracyCase("arctan", -8...8) { atan($0) }
    case .sinh: AccuracyCase("sinh", -91...91) { sinh($0) }
    case .cosh: AccuracyCase("cosh", -91...91) { cosh($0) }
    case .tanh: AccuracyCase("tanh", -12...12) { tanh($0) }
    case .arsinh: AccuracyCase("arsinh", -8...8) { asinh($0) }
    case .arcosh: AccuracyCase("arcosh", 1...8) { acosh($0) }
    case .artanh: AccuracyCase("artanh", -1...1) { atanh($0) }
    case .erf: AccuracyCase("erf", -7...7) { erf($0) }.with { $0.double = 4 }
    case .erfc: AccuracyCase("erfc", -7...28) { erfc($0) }.with { $0.double = 4 }
    case .floor: AccuracyCase("floor", -9...9) { $0.rounded(.down) }
    case .ceiling: AccuracyCase("ceiling", -9...9) { $0.rounded(.up) }
    case .rounded: AccuracyCase("rounded", -9...9) { $0.rounded(.toNearestOrEven) }
    case .truncated: AccuracyCase("truncated", -9...9) { $0.rounded(.towardZero) }
    default: nil
    }
  }

  private static func activation(_ operation: UnaryOperation) -> AccuracyCase {
    switch operation {
    case .sigmoid: AccuracyCase("sigmoid", -110...20) { 1 / (1 + exp(-$0)) }
    case .logSigmoid: AccuracyCase("logSigmoid", -20...110) { -exactSoftplus(-$0) }
    case .softplus: AccuracyCase("softplus", -110...20, exactSoftplus)
    case .relu: AccuracyCase("relu", -4...4) { $0 < 0 ? 0 : $0 }
    case .selu:
      AccuracyCase("selu", -20...4) {
        let (scale, alpha) = (1.0507009873554804934 as Exact, 1.6732632423543772848 as Exact)
        return $0 > 0 ? scale * $0 : scale * alpha * expm1($0)
      }
    case .gelu: AccuracyCase("gelu", -15...6, exactGaussianUnit).with { $0.double = 4 }
    case .geluByTanh: AccuracyCase("geluByTanh", -12...6, exactGaussianUnitByTanh).with { $0.double = 4 }
    case .silu: AccuracyCase("silu", -110...20) { $0 == -.infinity ? -0.0 : $0 / (1 + exp(-$0)) }
    case .mish: AccuracyCase("mish", -110...25, exactMish)
    case .softsign: AccuracyCase("softsign", -9...9) { $0 / (1 + abs($0)) }
    case .hardSigmoid: AccuracyCase("hardSigmoid", -4...4) { min(max(($0 + 3) / 6, 0), 1) }
    case .clipped: AccuracyCase("clipped", -4...4) { $0 < -1 ? -1 : $0 > 2 ? 2 : $0 }.with { $0.parameters = (-1, 2) }
    case .step: AccuracyCase("step", -4...4) { $0 > 1 ? 1 : $0.isNaN ? $0 : 0.25 }.with { $0.parameters = (1, 0.25) }
    case .leakyRelu: AccuracyCase("leakyRelu", -4...4) { $0 > 0 ? $0 : 0.125 * $0 }.with { $0.parameters.a = 0.125 }
    case .elu: AccuracyCase("elu", -20...4) { $0 > 0 ? $0 : 0.75 * expm1($0) }.with { $0.parameters.a = 0.75 }
    case .scaledSoftplus:
      AccuracyCase("scaledSoftplus", -50...10) { exactSoftplus(2 * $0) / 2 }.with { $0.parameters.a = 2 }
    default: preconditionFailure("no reference for the function \(operation.rawValue)")
    }
  }
}

private func exactSoftplus(_ x: Exact) -> Exact { max(x, 0) + log1p(exp(-abs(x))) }

/// x erfc(−x / √2) / 2, corrected for the rounding of x / √2 in e^−x²/2.
private func exactGaussianUnit(_ x: Exact) -> Exact {
  if x == 0 || x > 50 || x < -50 { return x < 0 ? -0.0 : x }
  let t = x * (0.5 as Exact).squareRoot()
  let (square, half) = (t * t, x * x / 2)
  let excess = (half - square) + (fma(x, x / 2, -half) - fma(t, t, -square))
  return x / 2 * erfc(-t) * (x < 0 ? exp(-excess) : 1)
}

private func exactGaussianUnitByTanh(_ x: Exact) -> Exact {
  if x == 0 || x.isInfinite { return x == -.infinity ? -0.0 : x }
  let twoOverPi = 0.63661977236758134307553505349005744814 as Exact
  let u = twoOverPi.squareRoot() * (x + 0.044715 * x * x * x)
  return x / (1 + exp(-2 * u))
}

private func exactMish(_ x: Exact) -> Exact {
  if x > 60 { return x }
  if x == -.infinity { return -0.0 }
  let n = exp(x) * (exp(x) + 2)
  return x * (n / (n + 2))
}

/// The largest error of xʸ over pairs of special values, and over samples whose results cover the whole range.
package func worstPower<T: SampledType>(_ type: T.Type, on table: KernelTable, samples: Int) -> WorstError {
  let kernel = T.kernels(of: table).elements.binary(.power)
  var worst = WorstError()
  var bits = SampleBits(state: 11)
  let special = specialValues(T.self)
  var x: [T] = []
  var y: [T] = []
  for a in special {
    for b in special {
      x.append(a)
      y.append(b)
    }
  }
  let limit = Double(T.greatestFiniteMagnitude.exponent)
  var remaining = samples
  while !x.isEmpty {
    var result = x
    let n = x.count
    x.withUnsafeBytes { x in
      y.withUnsafeBytes { y in
        result.withUnsafeMutableBytes { result in
          kernel.run(
            x.baseAddress.unsafelyUnwrapped, 1, y.baseAddress.unsafelyUnwrapped, 1, result.baseAddress.unsafelyUnwrapped, n)
        }
      }
    }
    for i in x.indices { worst.note(ulps(result[i], pow(Exact(x[i]), Exact(y[i]))), at: Double(x[i])) }
    x = []
    y = []
    for index in 0..<min(remaining, 4096) {
      let base = index % 2 == 0 ? T(pattern: bits.next()).magnitude : T(bits.uniform(0...4))
      let logarithm = Double(log2(Exact(base)))
      x.append(index % 8 == 1 ? -base : base)
      y.append(index % 8 == 1 ? T(bits.uniform(-9...9)).rounded() : T(bits.uniform(-limit * 1.2...limit * 1.2) / logarithm))
    }
    remaining -= x.count
  }
  return worst
}
