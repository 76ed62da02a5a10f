internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollKernelTemplates
public import UnrollNetworks

/// A rule that improves a model along its gradient, together with the rule's state: a value.
///
/// The state consists of models, so that an optimizer is itself a module: its tensors have names and can be saved. An update
/// changes parameters in place if their storage is uniquely referenced; earlier copies of the model do not change.
///
///     func step(_ optimizer: inout some Optimizer<Linear>, _ layer: inout Linear, _ input: Tensor) {
///       let slope = gradient(at: layer) { $0(input).square().sum() }
///       optimizer.update(&layer, along: slope)
///     }
public protocol Optimizer<Model>: Module {
  /// The type of the model.
  associatedtype Model: Module

  /// The learning rate; it may be changed between updates.
  var learningRate: Double { get set }

  /// The properties that can be changed between updates, by name; a checkpoint restores them. All other properties must equal
  /// the stored ones.
  static var adjustable: [String: WritableKeyPath<Self, Double>] { get }

  /// Updates the parameters whose names the closure accepts; all others, and the optimizer's state for them, do not change.
  /// Neither do parameters that `freezing` has frozen, in the model or in the function that was differentiated.
  mutating func update(_ model: inout Model, along gradient: Model, where isUpdated: (_ name: String) -> Bool)
}

extension Optimizer {
  /// Updates all parameters of the model.
  public mutating func update(_ model: inout Model, along gradient: Model) {
    update(&model, along: gradient) { _ in true }
  }
}

extension Module {
  /// Calls the closure with the index and the gradient of every parameter to be updated; frozen ones are included only with
  /// `evenFrozen`. Stops if the gradient does not match this model, or if the model does not have the `count` parameters that
  /// the optimizer was made for.
  mutating func updateParameters(
    along gradient: Self, count: Int, evenFrozen: Bool = false, where isUpdated: (_ name: String) -> Bool,
    _ body: (_ number: Int, _ parameter: inout Tensor, _ gradient: NDArray) -> Void
  ) {
    let slopes = gradient.parameters
    var number = 0
    visitParameters { name, parameter in
      require(
        number < count, "update: the model has the parameter \(name), but the optimizer was made for \(count) parameters")
      guard number < slopes.count, slopes[number].name == name else {
        stop("update: the gradient has no parameter \(name)")
      }
      let (slope, isFrozen) = (slopes[number].tensor.array, parameter.isFrozen || slopes[number].tensor.isFrozen)
      if isUpdated(name) && (evenFrozen || !isFrozen) {
        require(!parameter.isRecorded, "update: the parameter \(name) is recorded and cannot change in place")
        require(
          slope.type == parameter.type && slope.shape == parameter.shape,
          "update: the gradient of \(name) is \(slope.type) of shape \(slope.shape), the parameter \(parameter.type) of shape \(parameter.shape)"
        )
        body(number, &parameter, slope)
      }
      number += 1
    }
    require(number == count, "update: the model has \(number) parameters, but the optimizer was made for \(count)")
    require(number == slopes.count, "update: the model has \(number) parameters, the gradient \(slopes.count)")
  }

  /// The same model with every parameter filled with one number. Each takes the memory of a single number until it is changed,
  /// so that the state of parameters that are never updated costs nothing.
  func filled(with value: Double) -> Self { mapping { Tensor(NDArray(value, $0.type).broadcast(to: $0.shape)) } }

  /// Moves all tensors out, so that each can be changed in place while another model is visited.
  mutating func takeTensors() -> [Tensor] {
    let none = Tensor(0)
    var tensors: [Tensor] = []
    visitTensors { tensor in
      tensors.append(tensor)
      tensor = none
    }
    return tensors
  }

  /// Moves the tensors that `takeTensors` returned back in.
  mutating func putBack(_ tensors: [Tensor]) {
    var rest = tensors.makeIterator()
    visitTensors { tensor in if let next = rest.next() { tensor = next } }
  }
}

extension Optimizer {
  /// The rule's name, for messages and files.
  static var ruleName: String { String("\(Self.self)".prefix { $0 != "<" }) }
}

/// Stops if a number is negative or not finite; `what` names it, such as "the learning rate" or "an epsilon of".
func requireNotNegative(_ value: Double, _ what: String, _ operation: @autoclosure () -> String) {
  require(value >= 0 && value.isFinite, "\(operation()): \(what) \(value) is negative or not finite")
}

/// Stops if a number is not in 0..<1; `what` names it, such as "the momentum" or "a beta of".
func requireFraction(_ value: Double, _ what: String, _ operation: @autoclosure () -> String) {
  require(value >= 0 && value < 1, "\(operation()): \(what) \(value) is not in 0..<1")
}

/// Stops if the options that all Adam-like rules share are invalid.
func requireMoments(_ betas: (first: Double, second: Double), _ epsilon: Double, decays: [Double], _ operation: String) {
  for beta in [betas.first, betas.second] { requireFraction(beta, "a beta of", operation) }
  requireNotNegative(epsilon, "an epsilon of", operation)
  for decay in decays { requireNotNegative(decay, "the weight decay", operation) }
}

/// The power by repeated multiplication, which gives the same bits on every platform; `pow` of libm does not.
func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest % 2 == 1 { result *= square }
    square *= square
    rest /= 2
  }
  return result
}

/// The power for any exponent, computed by the kernels' function without an array; the same bits on every platform.
func power(_ base: Double, _ exponent: Double) -> Double {
  Power.apply(SIMD2<Double>(repeating: base), SIMD2<Double>(repeating: exponent))[0]
}

/// The cosine, computed by the kernels' function.
func cosine(_ x: Double) -> Double { Cosine.apply(SIMD2<Double>(repeating: x))[0] }
