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
    copy.visitParameters { $1 = transform($0, $1).frozen(as: $1) }
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
      let combined = combine(tensor, parameter)
      // A sum is left alone only where both of its parts are.
      tensor = combined.frozen(as: tensor.isFrozen ? parameter : tensor)
    }
    if let (name, _) = rest.next() { stop("combining: one model has the parameter \(name), the other has not") }
    return copy
  }

  /// The same numbers, of which training leaves those alone whose name the closure accepts, and no others: no derivative passes
  /// through them, and no optimizer moves them, whatever it remembers of them and however it decays the rest.
  ///
  /// A model that is frozen stays so in copies, in arithmetic with models frozen likewise, and when numbers are loaded into it.
  /// Within a function that is being differentiated, the gradient says what was frozen there, and one update leaves it alone.
  ///
  ///     let frozen = model.freezing { $0.hasPrefix("bias") }
  ///     let whole = frozen.freezing { _ in false }  // trained as a whole again
  public func freezing(where isFrozen: (_ name: String) -> Bool) -> Self {
    var copy = self
    copy.visitParameters { $1 = isFrozen($0) ? $1.frozen() : $1.thawed() }
    return copy
  }

  /// The same numbers, frozen as another model of the same parameters is.
  func frozen(as other: Self) -> Self {
    var rest = other.parameters.makeIterator()
    var copy = self
    copy.visitParameters { _, tensor in
      if let next = rest.next() { tensor = tensor.frozen(as: next.tensor) }
    }
    return copy
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
