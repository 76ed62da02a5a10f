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

  /// The number of elements of all parameters.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.count } }

  /// The same model with all parameters cast to another element type.
  public func cast(to type: ElementType) -> Self { mapping { Tensor($0.array.cast(to: type)) } }

  /// The same model with every parameter transformed.
  ///
  ///     let zero = model.mapping { $0 * 0 }
  public func mapping(_ transform: (Tensor) -> Tensor) -> Self { mapping { _, tensor in transform(tensor) } }

  /// The same model with every parameter transformed, given its name.
  public func mapping(_ transform: (_ name: String, _ parameter: Tensor) -> Tensor) -> Self {
    var copy = self
    copy.visitParameters { $1 = transform($0, $1).frozen(as: $1) }
    return copy
  }

  /// A model that combines this one with another of the same structure, parameter by parameter.
  public func combining(_ other: Self, _ combine: (Tensor, Tensor) -> Tensor) -> Self {
    var rest = other.parameters.makeIterator()
    var copy = self
    copy.visitParameters { name, tensor in
      guard let (otherName, parameter) = rest.next(), otherName == name else {
        stop("combining: only one of the models has the parameter \(name)")
      }
      let combined = combine(tensor, parameter)
      // A sum is frozen only if both parts are.
      tensor = combined.frozen(as: tensor.isFrozen ? parameter : tensor)
    }
    if let (name, _) = rest.next() { stop("combining: only one of the models has the parameter \(name)") }
    return copy
  }

  /// The same model with exactly those parameters frozen whose name the closure accepts. No derivative passes through a frozen
  /// parameter, and optimizers do not change it: no update from remembered gradients, and no weight decay.
  ///
  /// Frozen parameters stay frozen in copies, in arithmetic with models that are frozen alike, and when numbers are loaded. If
  /// a function freezes parameters while it is differentiated, its gradient is frozen alike, and an update with that gradient
  /// leaves them unchanged.
  ///
  ///     let frozen = model.freezing { $0.hasPrefix("bias") }
  ///     let whole = frozen.freezing { _ in false }  // everything is trained again
  public func freezing(where isFrozen: (_ name: String) -> Bool) -> Self {
    var copy = self
    copy.visitParameters { $1 = isFrozen($0) ? $1.frozen() : $1.thawed() }
    return copy
  }

  /// The same model, frozen as another model of the same structure is.
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

extension Module {
  /// The 2-norm of all parameters together, accumulated in float64.
  public var norm: Double { norm(order: 2) }

  /// The p-norm of all parameters together, (Σ |x|ᵖ)^(1/p), or the largest magnitude for an infinite order. It is accumulated
  /// in float64 and scaled, so that no power overflows or underflows.
  ///
  ///     let largest = Linear(3, 4, using: &generator).norm(order: .infinity)
  public func norm(order: Double) -> Double { Self.norm(of: norms(order: order).map(\.norm), order: order) }

  /// The p-norm of each parameter, in the order of `visit`.
  ///
  ///     for (name, norm) in Linear(3, 4, using: &generator).norms() { print(name, norm) }
  public func norms(order: Double = 2) -> [(name: String, norm: Double)] {
    require(order > 0, "norm: an order of \(order) is not above 0")
    return parameters.map { name, tensor in (name, Self.norm(tensor.array, order)) }
  }

  /// The norm of a model whose parameters have the given norms.
  package static func norm(of norms: [Double], order: Double) -> Double { norm(NDArray(norms), order) }

  private static func norm(_ array: NDArray, _ order: Double) -> Double {
    if array.count == 0 { return 0 }
    if order == 1 { return array.wholeNorm(.one) }
    if order == 2 { return array.wholeNorm(.two) }
    let array = array.cast(to: .float64)
    let largest = array.norm(order: .infinity).item
    if order == .infinity || largest == 0 || !largest.isFinite { return largest }
    return largest * (array.magnitude() / largest).pow(order).sum().pow(1 / order).item
  }
}
