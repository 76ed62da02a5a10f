public import UnrollAutograd

/// A model or a part of one: a value made of named parameters.
///
/// One method names the parameters and the parts; names, counting, casting, arithmetic, gradients and files follow from it. The
/// gradient of a model is a model. A copy keeps its numbers whatever happens to the original.
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
  /// Hands every parameter and every part to the visitor, under its name and always in the same order.
  mutating func visit(_ visitor: Visitor)
}

extension Module {
  /// Hands every parameter to the closure, without its name.
  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    withoutActuallyEscaping(visit) { visit in self.visit(Visitor(path: nil) { _, tensor in visit(&tensor) }) }
  }

  /// Hands every parameter to the closure, with its full name: that of its parts, joined by dots.
  public mutating func visitParameters(_ body: (_ name: String, _ parameter: inout Tensor) -> Void) {
    withoutActuallyEscaping(body) { body in visit(Visitor(path: "", body)) }
  }
}

/// What a model hands its parameters to; see `Module`.
public struct Visitor {
  /// The name of the part that is being visited; nil where nobody asks for names.
  private let path: String?
  private let body: (_ name: String, _ parameter: inout Tensor) -> Void
  /// Who is asked about every part before its parameters are visited.
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

  /// A parameter.
  public func callAsFunction(_ name: String, _ parameter: inout Tensor) { body(self.name(name) ?? "", &parameter) }

  /// A parameter that may be missing.
  public func callAsFunction(_ name: String, _ parameter: inout Tensor?) {
    // Taken out, so that nobody else holds the numbers and they can be changed in place.
    guard var present = parameter.take() else { return }
    self(name, &present)
    parameter = present
  }

  /// A part with parameters of its own.
  public func callAsFunction<Part: Module>(_ name: String, _ part: inout Part) {
    if let taker, taker.takes(&part, named: self.name(name) ?? "") { return }
    part.visit(inner(name))
  }

  /// A part that may be missing.
  public func callAsFunction<Part: Module>(_ name: String, _ part: inout Part?) {
    guard var present = part.take() else { return }
    self(name, &present)
    part = present
  }

  /// Parts that are numbered: the first is called `name.0`.
  public func callAsFunction<Part: Module>(_ name: String, _ parts: inout [Part]) {
    for i in parts.indices { inner(name)("\(i)", &parts[i]) }
  }

  /// Parameters that are numbered.
  public func callAsFunction(_ name: String, _ parameters: inout [Tensor]) {
    for i in parameters.indices { inner(name)("\(i)", &parameters[i]) }
  }
}

/// Who deals with some parts of a model as a whole, not parameter by parameter.
protocol PartTaker {
  /// Whether it has dealt with the part.
  func takes<Part: Module>(_ part: inout Part, named name: String) -> Bool
}
