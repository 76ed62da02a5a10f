public import UnrollAutograd

/// A function of every element, by name or by closure.
public enum Activation: Sendable {
  /// tanh(x).
  case tanh
  /// x where it is positive, else 0.
  case relu
  /// 1 / (1 + exp(-x)).
  case sigmoid
  /// x itself: a linear recurrence.
  case identity
  /// A function of your own.
  case custom(@Sendable (Tensor) -> Tensor)

  /// The function's value.
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
