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
