internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// The results of a cell's functions during one step, in the order in which the step called them.
///
/// A cell's equations are written only in its step, so an instrument runs the step with functions that log their results.
/// The gates are therefore exactly those of the cell, with any activations and any modifiers around it.
final class ActivationLog: Sendable {
  private let list = Guarded<[(range: GateActivation.Range, values: Tensor)]>([])

  /// The function, wrapped so that it enters its results.
  func logging(_ function: Activation) -> Activation {
    .custom { x in
      let values = function(x)
      self.list.withLock { $0.append((function.range(x.type), values)) }
      return values
    }
  }

  /// The results, named in the same order.
  func named(_ names: [String]) -> [GateActivation] {
    list.withLock { list in zip(names, list).map { GateActivation($0, $1.range, $1.values) } }
  }
}

extension Activation {
  /// The range of the function's values; for a custom function, estimated from a wide range of arguments.
  func range(_ type: ElementType) -> GateActivation.Range {
    switch self {
    case .sigmoid: return .unit
    case .tanh: return .symmetric
    case .relu, .identity: return .unbounded
    case .custom(let function):
      let sides = [0.1, 0.3, 0.5, 0.8, 1, 1.5, 2, 3, 5, 10, 30, 100, 1e3, 1e4, 1e6]
      let values = function(Tensor(NDArray(sides.map { -$0 } + [0] + sides).cast(to: type))).array.scalars(as: Double.self)
      if values.allSatisfy({ $0 >= 0 && $0 <= 1 }) { return .unit }
      return values.allSatisfy { $0 >= -1 && $0 <= 1 } ? .symmetric : .unbounded
    }
  }
}

extension GatedCell {
  /// Runs the step. Functions that can be replaced log their results; otherwise the results are found among the step's operations.
  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: State) -> [GateActivation] {
    let log = ActivationLog()
    if let names = (self as? any LoggableCell)?.loggedNames, let cell = logging(within: log) {
      _ = cell.step(projected, recurred, state)
      return log.named(names)
    }
    let trace = Trace()
    _ = step(trace.probe(projected), trace.probe(recurred), state.mappingTensors { trace.probe($0) })
    let found = trace.takeEntries().compactMap { entry in
      GateActivation.Range.squashing[entry.operation.name].map { ($0, Tensor(entry.outputs[0].numbersOfConstant)) }
    }
    return zip(gates.names, found).map { GateActivation($0, $1.0, $1.1) }
  }
}

extension GateActivation.Range {
  /// The squashing operations by name, with the range of their values.
  fileprivate static let squashing: [String: Self] = [
    "sigmoid": .unit, "hardSigmoid": .unit, "tanh": .symmetric, "softsign": .symmetric,
  ]
}

extension RecurrentCell {
  /// The activations within a step, if the cell or its inner cell shows them.
  func shownActivations(_ step: WatchedStep<State>) -> [GateActivation] {
    if let cell = self as? any GatedCell { return cell.shown(step.projected, step.recurred, step.before) }
    let log = ActivationLog()
    if let inner = innermost as? any LoggableCell, let cell = logging(within: log) {
      _ = cell.step(step.projected, step.recurred, step.before)
      return log.named(inner.loggedNames)
    }
    return (innermost as? any GatedCell)?.shown(step.projected, step.recurred, step.before) ?? []
  }

  /// The innermost cell within modifiers, or this cell.
  var innermost: any RecurrentCell { (self as? any ModifiedCell)?.innermostOfInner ?? self }

  /// The same cell with the functions of the innermost one replaced; nil if that is not possible.
  fileprivate func logging(within log: ActivationLog) -> Self? {
    if let cell = self as? any LoggableCell { return cell.logging(in: log) as? Self }
    return (self as? any ModifiedCell)?.loggingInside(log) as? Self
  }
}

extension ModifiedCell {
  fileprivate var innermostOfInner: any RecurrentCell { cell.innermost }

  fileprivate func loggingInside(_ log: ActivationLog) -> Self? {
    guard let inner = cell.logging(within: log) else { return nil }
    var copy = self
    copy.cell = inner
    return copy
  }
}

extension GatedCell {
  fileprivate func shown(_ projected: Tensor, _ recurred: Tensor, _ state: any RecurrentState) -> [GateActivation] {
    (state as? State).map { activations(projected, recurred, $0) } ?? []
  }
}

/// A cell of the library. Its activation functions are variables, so that they can be replaced by functions that log their
/// results.
protocol LoggableCell: GatedCell, NamedGates {
  /// The gates of the parameters that are not divided among all gates in order; by default there are none.
  var otherBlocks: [String: [String]] { get }

  /// The number of features of a gate; nil, the default, if it is the hidden size.
  var gateWidth: Int? { get }

  /// The names of the results, in the order in which a step calls the functions.
  var loggedNames: [String] { get }

  /// The same cell with functions that log their results.
  func logging(in log: ActivationLog) -> Self
}

extension LoggableCell {
  public var gates: CellGates { CellGates(Self.gateNames, width: gateWidth, blocks: otherBlocks) }

  var otherBlocks: [String: [String]] { [:] }

  var gateWidth: Int? { nil }
}

/// A cell with functions for its gates, its candidate and, if there is one, its memory on the way out.
protocol GateActivatedCell: LoggableCell {
  var activations: GateActivations { get set }
  /// The name of the memory whose value the output function takes.
  var memoryName: String { get }
}

extension GateActivatedCell {
  var memoryName: String { "c" }

  var loggedNames: [String] {
    if case .tanh = activations.output { return Self.gateNames + ["tanh \(memoryName)"] }
    return Self.gateNames + ["output of \(memoryName)"]
  }

  func logging(in log: ActivationLog) -> Self {
    var copy = self
    let (gate, candidate) = (log.logging(activations.gate), log.logging(activations.candidate))
    // Without a memory behind the output, there is no output function to log.
    let output = State.self == LSTMState.self ? log.logging(activations.output) : activations.output
    copy.activations = GateActivations(gate: gate, candidate: candidate, output: output)
    return copy
  }
}

/// A cell with one function, applied to the sum of its contributions.
protocol ActivatedCell: LoggableCell {
  var activation: Activation { get set }
}

extension ActivatedCell {
  var loggedNames: [String] { Self.gateNames }

  func logging(in log: ActivationLog) -> Self {
    var copy = self
    copy.activation = log.logging(activation)
    return copy
  }
}
