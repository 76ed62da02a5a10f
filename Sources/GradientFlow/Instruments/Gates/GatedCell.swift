internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// A cell that shows what happens inside its step: for instruments, not for computing.
///
/// The library's cells are such cells, with whatever activations they have, and modifiers around a cell show its gates. A cell of your own
/// becomes one by naming its gates, in the order in which its step applies their functions; without names it is measured by its states
/// alone.
///
///     struct GatedLeak: GatedCell {
///       var weight: Tensor, recurrentWeight: Tensor
///       var hiddenSize: Int { recurrentWeight.shape[0] }
///       var gateNames: [String] { ["z"] }
///
///       mutating func visit(_ visitor: Visitor) {
///         visitor("weight", &weight)
///         visitor("recurrentWeight", &recurrentWeight)
///       }
///       func project(_ x: Tensor) -> Tensor { x.matmul(weight) }
///       func recur(_ hidden: Tensor) -> Tensor { hidden.matmul(recurrentWeight) }
///       func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
///         HiddenState(hidden: state.hidden * (projected + recurred).sigmoid())
///       }
///       func initialState(batch: Int, _ type: ElementType) -> HiddenState {
///         HiddenState(hidden: Tensor.ones([batch, hiddenSize], type))
///       }
///     }
public protocol GatedCell: RecurrentCell {
  /// The names of the gates, in the order of their blocks in the parameters, and in which a step applies their functions.
  var gateNames: [String] { get }

  /// What all gates and squashing functions of one step give: `[batch, hidden]` each.
  ///
  /// Unless stated otherwise, the step runs, and what its `sigmoid`, `hardSigmoid`, `tanh` and `softsign` give is shown under the names
  /// of the gates, one after the other; what comes behind the last name is not.
  func activations(_ projected: Tensor, _ recurred: Tensor, _ state: State) -> [GateActivation]

  /// The parts of a parameter, or of its gradient, that belong to one gate each; none where a parameter belongs to no gate alone.
  ///
  /// Unless stated otherwise, a last axis of `hidden` for each gate is divided among them in their order.
  func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)]
}

extension GatedCell {
  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    lastAxis(of: values, hiddenSize)
  }

  /// The last axis in parts of so many features, one for each gate; none where it has not as many.
  func lastAxis(of values: Tensor, _ features: Int) -> [(gate: String, values: Tensor)] {
    guard values.rank > 0, values.shape[values.rank - 1] == gateNames.count * features else { return [] }
    return Array(zip(gateNames, values.chunks(gateNames.count, axis: -1))).map { (gate: $0, values: $1) }
  }
}

/// What a gate or a squashing function gave in one step.
public struct GateActivation: Sendable {
  /// Where values lie, and where they are saturated.
  public enum Range: String, Hashable, Sendable {
    /// From 0 to 1, as a sigmoid's: saturated below 0.1 and above 0.9.
    case unit
    /// From -1 to 1, as a hyperbolic tangent's: saturated below -0.9 and above 0.9.
    case symmetric
    /// Anywhere: never saturated.
    case unbounded
  }

  /// What it is called.
  public let name: String
  /// Where its values lie.
  public let range: Range
  /// `[batch, hidden]`.
  public let values: Tensor

  /// Values under a name.
  public init(_ name: String, _ range: Range, _ values: Tensor) {
    self.name = name
    self.range = range
    self.values = values
  }
}
