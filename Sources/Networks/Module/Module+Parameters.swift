public import UnrollArrays
public import UnrollAutograd

extension Module {
  /// All parameters with their names, in the order of `visit`.
  ///
  ///     for (name, tensor) in Linear(3, 4, using: &generator).parameters { print(name, tensor.shape) }
  public var parameters: [(name: String, tensor: Tensor)] {
    var copy = self
    var all: [(name: String, tensor: Tensor)] = []
    copy.visitParameters { all.append(($0, $1)) }
    return all
  }

  /// How many numbers all parameters have.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.count } }

  /// The same model with parameters of another element type.
  public func cast(to type: ElementType) -> Self { mapping { Tensor($0.array.cast(to: type)) } }

  /// The same model with parameters changed one by one.
  ///
  ///     let zero = model.mapping { $0 * 0 }
  public func mapping(_ transform: (Tensor) -> Tensor) -> Self { mapping { _, tensor in transform(tensor) } }

  /// The same model with parameters changed one by one, given their names.
  public func mapping(_ transform: (_ name: String, _ parameter: Tensor) -> Tensor) -> Self {
    var copy = self
    copy.visitParameters { $1 = transform($0, $1) }
    return copy
  }

  /// A model made from this one and another of the same parameters, one by one.
  public func combining(_ other: Self, _ combine: (Tensor, Tensor) -> Tensor) -> Self {
    var rest = other.parameters.makeIterator()
    var copy = self
    copy.visitParameters { name, tensor in
      guard let (otherName, parameter) = rest.next(), otherName == name else {
        stop("combining: one model has the parameter \(name), the other has not")
      }
      tensor = combine(tensor, parameter)
    }
    if let (name, _) = rest.next() { stop("combining: one model has the parameter \(name), the other has not") }
    return copy
  }

  /// The same numbers, of which no derivative passes through those whose name the closure accepts: they stay as they are in training.
  ///
  ///     let y = model.freezing { $0.hasPrefix("bias") }(Tensor.ones([2, 3]))
  public func freezing(where isFrozen: (_ name: String) -> Bool) -> Self {
    mapping { name, tensor in isFrozen(name) ? tensor.detached() : tensor }
  }
}

/// Models are added and scaled parameter by parameter.
extension Module {
  /// The sum of two models, parameter by parameter.
  public static func + (a: Self, b: Self) -> Self { a.combining(b) { $0 + $1 } }

  /// The difference of two models, parameter by parameter.
  public static func - (a: Self, b: Self) -> Self { a.combining(b) { $0 - $1 } }

  /// A model with every parameter scaled.
  public static func * (a: Self, factor: Double) -> Self { a.mapping { $0 * factor } }

  /// A model with every parameter scaled.
  public static func * (factor: Double, a: Self) -> Self { a * factor }
}
