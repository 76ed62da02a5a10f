import UnrollArrays
import UnrollAutograd

/// Functions of every element.
let elementRows: [OperationRow] = [
  .elements("- prefix", -2..<2) { -$0 },
  .elements("+ number", -2..<2) { $0 + 1.5 },
  .elements("+ number first", -2..<2) { 1.5 + $0 },
  .elements("- number", -2..<2) { $0 - 1.5 },
  .elements("- number first", -2..<2) { 1.5 - $0 },
  .elements("* number", -2..<2) { $0 * 1.5 },
  .elements("* number first", -2..<2) { 1.5 * $0 },
  .elements("/ number", -2..<2) { $0 / 1.5 },
  .elements("/ number first", 0.5..<2) { 1.5 / $0 },
  .elements("+= number", -2..<2) { changed($0) { $0 += 1.5 } },
  .elements("-= number", -2..<2) { changed($0) { $0 -= 1.5 } },
  .elements("*= number", -2..<2) { changed($0) { $0 *= 1.5 } },
  .elements("/= number", -2..<2) { changed($0) { $0 /= 1.5 } },
  .elements("exp", -2..<2) { $0.exp() },
  .elements("exp2", -2..<2) { $0.exp2() },
  .elements("expMinusOne", -2..<2) { $0.expMinusOne() },
  .elements("log", 0.5..<3) { $0.log() },
  .elements("log2", 0.5..<3) { $0.log2() },
  .elements("logOnePlus", -0.5..<3) { $0.logOnePlus() },
  .elements("erf", -2..<2) { $0.erf() },
  .elements("erfc", -2..<2) { $0.erfc() },
  .elements("sin", -3..<3) { $0.sin() },
  .elements("cos", -3..<3) { $0.cos() },
  .elements("tan", -1..<1) { $0.tan() },
  .elements("arcsin", -0.7..<0.7) { $0.arcsin() },
  .elements("arccos", -0.7..<0.7) { $0.arccos() },
  .elements("arctan", -2..<2) { $0.arctan() },
  .elements("sinh", -2..<2) { $0.sinh() },
  .elements("cosh", -2..<2) { $0.cosh() },
  .elements("tanh", -2..<2) { $0.tanh() },
  .elements("arsinh", -2..<2) { $0.arsinh() },
  .elements("arcosh", 1.5..<3) { $0.arcosh() },
  .elements("artanh", -0.7..<0.7) { $0.artanh() },
  .elements("square", -2..<2) { $0.square() },
  .elements("squareRoot", 0.5..<3) { $0.squareRoot() },
  .elements("reciprocalSquareRoot", 0.5..<3) { $0.reciprocalSquareRoot() },
  .elements("reciprocal", 0.5..<3) { $0.reciprocal() },
  .elements("pow number", 0.5..<3) { $0.pow(1.7) },
  .elements("pow cube", -2..<2) { $0.pow(3) },
  .elements("pow zero", -2..<2, isFlat: true) { $0.pow(0) },
  .elements("magnitude", -2..<2, kinks: [0]) { $0.magnitude() },
  .elements("sign", -2..<2, kinks: [0], isFlat: true) { $0.sign() },
  .elements("floor", -2..<2, kinks: [-2, -1, 0, 1, 2], isFlat: true) { $0.floor() },
  .elements("ceiling", -2..<2, kinks: [-2, -1, 0, 1, 2], isFlat: true) { $0.ceiling() },
  .elements("rounded", -2..<2, kinks: [-1.5, -0.5, 0.5, 1.5], isFlat: true) { $0.rounded() },
  .elements("truncated", -2..<2, kinks: [-2, -1, 0, 1, 2], isFlat: true) { $0.truncated() },
]

/// Activations.
let activationRows: [OperationRow] = [
  .elements("sigmoid", -3..<3) { $0.sigmoid() },
  .elements("logSigmoid", -3..<3) { $0.logSigmoid() },
  .elements("relu", -2..<2, kinks: [0]) { $0.relu() },
  .elements("silu", -3..<3) { $0.silu() },
  .elements("gelu", -3..<3) { $0.gelu() },
  .elements("geluByTanh", -3..<3) { $0.geluByTanh() },
  .elements("mish", -3..<3) { $0.mish() },
  .elements("softsign", -2..<2, kinks: [0]) { $0.softsign() },
  .elements("hardSigmoid", -5..<5, kinks: [-3, 3]) { $0.hardSigmoid() },
  .elements("selu", -2..<2, kinks: [0]) { $0.selu() },
  .elements("softplus", -3..<3) { $0.softplus() },
  .elements("softplus beta", -2..<2) { $0.softplus(beta: 1.5) },
  .elements("leakyRelu", -2..<2, kinks: [0]) { $0.leakyRelu(slope: 0.1) },
  .elements("elu", -2..<2, kinks: [0]) { $0.elu(alpha: 0.7) },
  .elements("clipped", -2..<2, kinks: [-1, 0.5]) { $0.clipped(minimum: -1, maximum: 0.5) },
  .elements("hardTanh", -2..<2, kinks: [-1, 1]) { $0.hardTanh() },
  .elements("minimum number", -2..<2, kinks: [0.3]) { $0.minimum(0.3) },
  .elements("maximum number", -2..<2, kinks: [0.3]) { $0.maximum(0.3) },
]

/// Functions of pairs of elements.
let pairRows: [OperationRow] = [
  .pairs("+", -2..<2, -2..<2) { $0 + $1 },
  .pairs("-", -2..<2, -2..<2) { $0 - $1 },
  .pairs("*", -2..<2, -2..<2) { $0 * $1 },
  .pairs("/", -2..<2, 0.5..<2) { $0 / $1 },
  .pairs("+=", -2..<2, -2..<2) { x, y in changed(x) { $0 += y } },
  .pairs("-=", -2..<2, -2..<2) { x, y in changed(x) { $0 -= y } },
  .pairs("*=", -2..<2, -2..<2) { x, y in changed(x) { $0 *= y } },
  .pairs("/=", -2..<2, 0.5..<2) { x, y in changed(x) { $0 /= y } },
  .pairs("pow", 0.5..<2, -2..<2) { $0.pow($1) },
  .pairs("minimum", -2..<2, -0.5..<0.5) { $0.minimum($1) },
  .pairs("maximum", -2..<2, -0.5..<0.5) { $0.maximum($1) },
  .elements("select where positive", -2..<2, kinks: [0]) { $0.selected(wherePositive: $0.detached(), else: 0.5) },
  .pairs("select", -2..<2, -2..<2) { Tensor.select(Mask([true, false, false, true]), $0, $1) },
]

private func changed(_ x: Tensor, _ change: (inout Tensor) -> Void) -> Tensor {
  var result = x
  change(&result)
  return result
}
