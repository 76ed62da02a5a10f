internal import UnrollArrays
internal import UnrollKernelTemplates

extension Emission {
  /// Writes a function of each element, of several operators where there is none for it, and returns the name of its result.
  func emit(_ function: UnaryOperation, _ a: Double, _ b: Double, _ x: String, _ type: ElementType) -> String {
    func node(_ name: String, _ inputs: String...) -> String { writer.node(name, inputs) }
    func number(_ value: Double) -> String { writer.number(value, type) }
    func alpha(_ name: String, _ alpha: Double) -> String { writer.node(name, [x], [("alpha", .float(alpha))]) }
    if let name = function.operatorName { return node(name, x) }
    switch function {
    case .square: return node("Mul", x, x)
    case .reciprocalSquareRoot: return node("Reciprocal", node("Sqrt", x))
    case .exp2: return node("Pow", number(2), x)
    case .expMinusOne:
      // eˣ − 1 = 2 sinh(x/2) e^(x/2), which loses no digits near 0.
      let half = node("Mul", x, number(0.5))
      return node("Mul", node("Mul", node("Sinh", half), number(2)), node("Exp", half))
    case .log2: return node("Mul", node("Log", x), number(1.44269504088896340736))  // 1 / ln 2
    case .logOnePlus: return node("Log", node("Add", x, number(1)))
    case .erfc: return node("Sub", number(1), node("Erf", x))
    case .logSigmoid: return node("Neg", node("Softplus", node("Neg", x)))
    case .scaledSoftplus: return node("Div", node("Softplus", node("Mul", x, number(a))), number(a))
    case .leakyRelu: return alpha("LeakyRelu", a)
    case .elu: return alpha("Elu", a)
    case .gelu:
      let distribution = node("Add", node("Erf", node("Mul", x, number(0.70710678118654752440))), number(1))
      return node("Mul", node("Mul", x, number(0.5)), distribution)
    case .geluByTanh:
      let cubic = node("Add", x, node("Mul", node("Mul", node("Mul", x, x), x), number(0.044715)))
      let inner = node("Tanh", node("Mul", cubic, number(0.79788456080286535588)))
      return node("Mul", node("Mul", x, number(0.5)), node("Add", inner, number(1)))
    case .silu: return node("Mul", x, node("Sigmoid", x))
    case .mish: return node("Mul", x, node("Tanh", node("Softplus", x)))
    case .hardSigmoid: return writer.node("HardSigmoid", [x], [("alpha", .float(1.0 / 6)), ("beta", .float(0.5))])
    case .truncated: return node("Mul", node("Sign", x), node("Floor", node("Abs", x)))
    case .clipped: return writer.node("Clip", [x, a.isFinite ? number(a) : "", b.isFinite ? number(b) : ""])
    case .step: return node("Where", node("Greater", x, number(a)), number(1), number(b))
    default: return node(function.operatorName ?? "Identity", x)
    }
  }
}

extension UnaryOperation {
  /// ONNX's name, where one operator without options computes the function.
  fileprivate var operatorName: String? {
    switch self {
    case .negation: "Neg"
    case .magnitude: "Abs"
    case .sign: "Sign"
    case .squareRoot: "Sqrt"
    case .reciprocal: "Reciprocal"
    case .exp: "Exp"
    case .log: "Log"
    case .sin: "Sin"
    case .cos: "Cos"
    case .tan: "Tan"
    case .arcsin: "Asin"
    case .arccos: "Acos"
    case .arctan: "Atan"
    case .sinh: "Sinh"
    case .cosh: "Cosh"
    case .tanh: "Tanh"
    case .arsinh: "Asinh"
    case .arcosh: "Acosh"
    case .artanh: "Atanh"
    case .erf: "Erf"
    case .sigmoid: "Sigmoid"
    case .softplus: "Softplus"
    case .relu: "Relu"
    case .selu: "Selu"
    case .softsign: "Softsign"
    case .floor: "Floor"
    case .ceiling: "Ceil"
    case .rounded: "Round"
    case .square, .reciprocalSquareRoot, .exp2, .expMinusOne, .log2, .logOnePlus, .erfc, .logSigmoid, .scaledSoftplus,
      .leakyRelu,
      .elu, .gelu, .geluByTanh, .silu, .mish, .hardSigmoid, .truncated, .clipped, .step:
      nil
    }
  }
}
