internal import UnrollArrays
public import UnrollAutograd

/// An elementwise function, by name or by closure.
public enum Activation: Sendable {
  /// tanh(x).
  case tanh
  /// x where it is positive, 0 elsewhere.
  case relu
  /// 1 / (1 + exp(-x)).
  case sigmoid
  /// x itself, for a linear recurrence.
  case identity
  /// A custom function.
  case custom(@Sendable (Tensor) -> Tensor)

  /// The value of the function.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .tanh: x.tanh()
    case .relu: x.relu()
    case .sigmoid: x.sigmoid()
    case .identity: x
    case .custom(let f): f(x)
    }
  }
}

extension Activation {
  /// slope · x + offset, clipped to 0...1; by default slope 1/6 and offset 1/2.
  ///
  ///     let y = Activation.hardSigmoid(slope: 0.2)(Tensor.ones([2, 3]))
  public static func hardSigmoid(slope: Double = 1 / 6, offset: Double = 0.5) -> Activation {
    .custom { ($0 * slope + offset).clipped(minimum: 0, maximum: 1) }
  }

  /// x / (1 + |x|).
  public static var softsign: Activation { .custom { $0.softsign() } }

  /// ln(1 + eˣ).
  public static var softplus: Activation { .custom { $0.softplus() } }

  /// x, or slope · x below 0.
  public static func leakyRelu(slope: Double = 0.01) -> Activation { .custom { $0.leakyRelu(slope: slope) } }

  /// x, or α (eˣ − 1) below 0.
  public static func elu(alpha: Double = 1) -> Activation { .custom { $0.elu(alpha: alpha) } }

  /// x from the threshold on, 0 below it.
  public static func thresholdedRelu(threshold: Double = 1) -> Activation {
    .custom { Tensor.select($0.array .>= threshold, $0, Tensor(0, $0.type)) }
  }

  /// outer · tanh(inner · x).
  public static func scaledTanh(outer: Double = 1, inner: Double = 1) -> Activation {
    .custom { ($0 * inner).tanh() * outer }
  }

  /// slope · x + offset.
  public static func affine(slope: Double = 1, offset: Double = 0) -> Activation { .custom { $0 * slope + offset } }

  /// The same function with its argument clipped to ±`bound`.
  ///
  ///     let bounded = Activation.sigmoid.clippingArguments(to: 3)
  public func clippingArguments(to bound: Double) -> Activation {
    require(bound > 0, "clippingArguments: a bound of \(bound) is not above 0")
    return .custom { self($0.clipped(minimum: -bound, maximum: bound)) }
  }

  /// The activation with the given ONNX name, in upper or lower case; ONNX's defaults apply where no coefficients are given.
  ///
  ///     let activation = try Activation(onnx: "HardSigmoid", alpha: 0.25)
  public init(onnx name: String, alpha: Double? = nil, beta: Double? = nil) throws(UnknownActivation) {
    switch name.lowercased() {
    case "relu": self = .relu
    case "tanh": self = .tanh
    case "sigmoid": self = .sigmoid
    case "affine": self = .affine(slope: alpha ?? 1, offset: beta ?? 0)
    case "leakyrelu": self = .leakyRelu(slope: alpha ?? 0.01)
    case "thresholdedrelu": self = .thresholdedRelu(threshold: alpha ?? 1)
    case "scaledtanh": self = .scaledTanh(outer: alpha ?? 1, inner: beta ?? 1)
    case "hardsigmoid": self = .hardSigmoid(slope: alpha ?? 0.2, offset: beta ?? 0.5)
    case "elu": self = .elu(alpha: alpha ?? 1)
    case "softsign": self = .softsign
    case "softplus": self = .softplus
    default: throw UnknownActivation(name: name)
    }
  }
}

/// The error of an unknown activation name.
public struct UnknownActivation: Error, Equatable, CustomStringConvertible {
  /// The name.
  public let name: String

  public var description: String {
    "Activation: \(name) is none of Relu, Tanh, Sigmoid, Affine, LeakyRelu, ThresholdedRelu, ScaledTanh, HardSigmoid, Elu, "
      + "Softsign and Softplus"
  }
}
