import UnrollArrays
import UnrollAutograd

/// One number from one number.
let goldenUnary: [String: @Sendable (Tensor) -> Tensor] = [
  "abs": { $0.magnitude() },
  "cos": { $0.cos() },
  "erf": { $0.erf() },
  "exp": { $0.exp() },
  "expm1": { $0.expMinusOne() },
  "gelu_exact": { $0.gelu() },
  "gelu_tanh": { $0.geluByTanh() },
  "hardsigmoid": { $0.hardSigmoid() },
  "hardtanh": { $0.hardTanh() },
  "log": { $0.log() },
  "log1p": { $0.logOnePlus() },
  "logsigmoid": { $0.logSigmoid() },
  "mish": { $0.mish() },
  "neg": { -$0 },
  "reciprocal": { $0.reciprocal() },
  "relu": { $0.relu() },
  "rsqrt": { $0.reciprocalSquareRoot() },
  "selu": { $0.selu() },
  "sigmoid": { $0.sigmoid() },
  "silu": { $0.silu() },
  "sin": { $0.sin() },
  "softplus": { $0.softplus() },
  "softsign": { $0.softsign() },
  "sqrt": { $0.squareRoot() },
  "square": { $0.square() },
  "tanh": { $0.tanh() },
]

/// One number from two numbers.
let goldenBinary: [String: @Sendable (Tensor, Tensor) -> Tensor] = [
  "add": { $0 + $1 },
  "div": { $0 / $1 },
  "maximum": { $0.maximum($1) },
  "minimum": { $0.minimum($1) },
  "mul": { $0 * $1 },
  "pow": { $0.pow($1) },
  "sub": { $0 - $1 },
]

/// One number from one number, with options; and choices.
let goldenChoices: [String: GoldenFunction] = [
  "clamp": { [$0["x"].clipped(minimum: $0.number("min") ?? -.infinity, maximum: $0.number("max") ?? .infinity)] },
  "elu": { [$0["x"].elu(alpha: $0.number("alpha") ?? .nan)] },
  "leaky_relu": { [$0["x"].leakyRelu(slope: $0.number("slope") ?? .nan)] },
  "pow_scalar": { [$0["x"].pow($0.number("exponent") ?? .nan)] },
  "softplus_beta": { [$0["x"].softplus(beta: $0.number("beta") ?? .nan)] },
  "where": { [Tensor.select($0.mask("condition"), $0["a"], $0["b"])] },
]
