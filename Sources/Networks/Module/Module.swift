public import UnrollAutograd

/// A model or a part of one: a value with named parameters.
///
/// One method, `visit`, names the parameters and the parts; counting, casting, arithmetic, gradients and files follow from it.
/// The gradient of a model is a model. A copy does not change with the original.
///
///     struct Classifier: Module {
///       var hidden: Linear
///       var output: Linear
///
///       mutating func visit(_ visitor: Visitor) {
///         visitor("hidden", &hidden)
///         visitor("output", &output)
///       }
///     }
public protocol Module: TensorGroup, Storable, CustomStringConvertible {
  /// Passes every parameter and every part to the visitor, with its name and always in the same order.
  mutating func visit(_ visitor: Visitor)
}

extension Module {
  /// Passes every parameter to the closure, without its name.
  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    withoutActuallyEscaping(visit) { visit in self.visit(Visitor(path: nil) { _, tensor in visit(&tensor) }) }
  }

  /// Passes every parameter to the closure with its full name, which begins with the names of its parts, joined by dots.
  public mutating func visitParameters(_ body: (_ name: String, _ parameter: inout Tensor) -> Void) {
    withoutActuallyEscaping(body) { body in visit(Visitor(path: "", body)) }
  }
}

/// The argument of `visit`, to which a model passes its parameters and parts; see `Module`.
public struct Visitor {
  /// The path of the part that is being visited; nil if names are not needed.
  private let path: String?
  private let body: (_ name: String, _ parameter: inout Tensor) -> Void
  /// The object that is offered every part before its parameters are visited.
  private let taker: (any PartTaker)?

  init(
    path: String?, taker: (any PartTaker)? = nil, _ body: @escaping (_ name: String, _ parameter: inout Tensor) -> Void
  ) {
    self.path = path
    self.taker = taker
    self.body = body
  }

  private func inner(_ name: String) -> Visitor { Visitor(path: self.name(name), taker: taker, body) }

  private func name(_ part: String) -> String? { path.map { $0.isEmpty ? part : "\($0).\(part)" } }

  /// Visits a parameter.
  public func callAsFunction(_ name: String, _ parameter: inout Tensor) { body(self.name(name) ?? "", &parameter) }

  /// Visits an optional parameter.
  public func callAsFunction(_ name: String, _ parameter: inout Tensor?) {
    // Taken out, so that the tensor is uniquely referenced and can be changed in place.
    guard var present = parameter.take() else { return }
    self(name, &present)
    parameter = present
  }

  /// Visits a part with parameters of its own.
  public func callAsFunction<Part: Module>(_ name: String, _ part: inout Part) {
    if let taker, taker.takes(&part, named: self.name(name) ?? "") { return }
    part.visit(inner(name))
  }

  /// Visits an optional part.
  public func callAsFunction<Part: Module>(_ name: String, _ part: inout Part?) {
    guard var present = part.take() else { return }
    self(name, &present)
    part = present
  }

  /// Visits numbered parts: the first is called `name.0`.
  public func callAsFunction<Part: Module>(_ name: String, _ parts: inout [Part]) {
    for i in parts.indices { inner(name)("\(i)", &parts[i]) }
  }

  /// Visits numbered parameters.
  public func callAsFunction(_ name: String, _ parameters: inout [Tensor]) {
    for i in parameters.indices { inner(name)("\(i)", &parameters[i]) }
  }
}

/// An object that handles some parts of a model as a whole, instead of parameter by parameter.
protocol PartTaker {
  /// Handles the part if it can, and returns whether it did.
  func takes<Part: Module>(_ part: inout Part, named name: String) -> Bool
}
