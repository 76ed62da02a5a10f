import UnrollArrays
import UnrollAutograd

/// Functions of every element.
let elementEntrances: [Entrance] = [
  element("- prefix") { x, _ in -x },
  element("exp") { x, _ in x.exp() },
  element("exp2") { x, _ in x.exp2() },
  element("expMinusOne") { x, _ in x.expMinusOne() },
  element("log") { x, _ in x.log() },
  element("log2") { x, _ in x.log2() },
  element("logOnePlus") { x, _ in x.logOnePlus() },
  element("erf") { x, _ in x.erf() },
  element("erfc") { x, _ in x.erfc() },
  element("sin") { x, _ in x.sin() },
  element("cos") { x, _ in x.cos() },
  element("tan") { x, _ in x.tan() },
  element("arcsin") { x, _ in x.arcsin() },
  element("arccos") { x, _ in x.arccos() },
  element("arctan") { x, _ in x.arctan() },
  element("sinh") { x, _ in x.sinh() },
  element("cosh") { x, _ in x.cosh() },
  element("tanh") { x, _ in x.tanh() },
  element("arsinh") { x, _ in x.arsinh() },
  element("arcosh") { x, _ in x.arcosh() },
  element("artanh") { x, _ in x.artanh() },
  element("square") { x, _ in x.square() },
  element("squareRoot") { x, _ in x.squareRoot() },
  element("reciprocalSquareRoot") { x, _ in x.reciprocalSquareRoot() },
  element("reciprocal") { x, _ in x.reciprocal() },
  element("magnitude") { x, _ in x.magnitude() },
  element("sign") { x, _ in x.sign() },
  element("floor") { x, _ in x.floor() },
  element("ceiling") { x, _ in x.ceiling() },
  element("rounded") { x, _ in x.rounded() },
  element("truncated") { x, _ in x.truncated() },
  element("sigmoid") { x, _ in x.sigmoid() },
  element("logSigmoid") { x, _ in x.logSigmoid() },
  element("relu") { x, _ in x.relu() },
  element("silu") { x, _ in x.silu() },
  element("gelu") { x, _ in x.gelu() },
  element("geluByTanh") { x, _ in x.geluByTanh() },
  element("mish") { x, _ in x.mish() },
  element("softsign") { x, _ in x.softsign() },
  element("hardSigmoid") { x, _ in x.hardSigmoid() },
  element("selu") { x, _ in x.selu() },
  element("hardTanh") { x, _ in x.hardTanh() },
  element("softplus", 0.1...3) { x, a in x.softplus(beta: a) },
  element("leakyRelu", 0...1) { x, a in x.leakyRelu(slope: a) },
  element("elu", 0...2) { x, a in x.elu(alpha: a) },
  element("clipped", 0...2) { x, a in x.clipped(minimum: -a, maximum: a) },
  element("clipped from below", -1...1) { x, a in x.clipped(minimum: a) },
  element("pow", -2...2) { x, a in x.pow(a) },
  element("minimum", -1...1) { x, a in x.minimum(a) },
  element("maximum", -1...1) { x, a in x.maximum(a) },
  element("+ number", -2...2) { x, a in a + (x + a) },
  element("- number", -2...2) { x, a in a - (x - a) },
  element("* number", -2...2) { x, a in a * (x * a) },
  element("/ number", 0.5...2) { x, a in a / (x / a) },
  element("meanOfSquares", keepsShape: false) { x, _ in x.count == 0 ? x.sum() : x.meanOfSquares() },
  Entrance("cast") { m in
    let x = m.tensor("x", m.freeShape(0...3, from: 0))
    let y = x.cast(to: x.type == .float32 ? .float64 : .float32)
    m.accepted()
    m.expect(y.shape == x.shape && isNear(y.cast(to: x.type), x), "a cast there and back changes numbers")
  },
]

/// Functions of pairs of elements.
let pairEntrances: [Entrance] = [
  pair("+") { $0 + $1 },
  pair("-") { $0 - $1 },
  pair("*") { $0 * $1 },
  pair("/") { $0 / $1 },
  pair("pow of tensors") { $0.pow($1) },
  pair("minimum of tensors") { $0.minimum($1) },
  pair("maximum of tensors") { $0.maximum($1) },
  pair("+=") { changed($0, $1) { $0 += $1 } },
  pair("-=") { changed($0, $1) { $0 -= $1 } },
  pair("*=") { changed($0, $1) { $0 *= $1 } },
  pair("/=") { changed($0, $1) { $0 /= $1 } },
  comparison(".<") { $0 .< $1 },
  comparison(".<=") { $0 .<= $1 },
  comparison(".>") { $0 .> $1 },
  comparison(".>=") { $0 .>= $1 },
  comparison(".==") { $0 .== $1 },
  comparison(".!=") { $0 .!= $1 },
  Entrance("select") { m in
    let shape = m.freeShape(1...3)
    let (mask, x, y) = (m.mask("mask", shape), m.tensor("x", shape), m.tensor("y", shape))
    m.differentiate([x, y]) { [Tensor.select(mask, $0[0], $0[1])] }
  },
]

private func element(
  _ name: String, _ range: ClosedRange<Double>? = nil, keepsShape: Bool = true,
  _ f: @escaping @Sendable (Tensor, Double) -> Tensor
) -> Entrance {
  Entrance(name) { m in
    let x = m.tensor("x", m.freeShape(0...4, from: 0))
    let number = range.map { m.number("number", in: $0) } ?? 0
    m.differentiate([x], shape: keepsShape ? x.shape : []) { [f($0[0], number)] }
  }
}

/// Shapes that broadcast: any axis may have extent 1 in either, and the second may lack the first axes.
private func broadcastingPair(_ m: inout Mischief) -> (Tensor, Tensor) {
  let shape = m.freeShape(0...3, from: 0)
  let first = Shape(shape.map { m.chance(4) ? 1 : $0 })
  let second = Shape(shape.map { m.chance(4) ? 1 : $0 }.dropFirst(m.chance(4) ? 1 : 0))
  return (m.tensor("x", first), m.tensor("y", second))
}

private func pair(_ name: String, _ f: @escaping @Sendable (Tensor, Tensor) -> Tensor) -> Entrance {
  Entrance(name) { m in
    let (x, y) = broadcastingPair(&m)
    m.differentiate([x, y]) { [f($0[0], $0[1])] }
  }
}

private func comparison(_ name: String, _ f: @escaping @Sendable (Tensor, Tensor) -> Mask) -> Entrance {
  Entrance(name) { m in
    let (x, y) = broadcastingPair(&m)
    let mask = f(x, y)
    m.accepted()
    m.expect(mask.shape == (x + y).shape, "a mask of shape \(mask.shape)")
    m.expect(mask.values == f(Tensor(x.array.contiguous()), y).values, "the arrangement in memory is felt")
  }
}

private func changed(_ x: Tensor, _ y: Tensor, _ change: (inout Tensor, Tensor) -> Void) -> Tensor {
  var result = x
  change(&result, y)
  return result
}
