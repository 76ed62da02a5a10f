internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// A cell that shows the activations within its step to instruments.
///
/// The library's cells conform, with any activations, and modifiers show the gates of their inner cell. A custom cell conforms
/// by naming its gates, in the order in which its step applies their functions. Without names, only its states are measured.
///
///     struct GatedLeak: GatedCell {
///       var weight: Tensor, recurrentWeight: Tensor
///       var hiddenSize: Int { recurrentWeight.shape[0] }
///       var gates: CellGates { CellGates(["z"]) }
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
  /// The names of the gates, and the blocks of the parameters that belong to them.
  var gates: CellGates { get }

  /// The values of all gates and squashing functions of one step, `[batch, hidden]` each.
  ///
  /// By default the step runs, and the results of its `sigmoid`, `hardSigmoid`, `tanh` and `softsign` get the names of the
  /// gates in order; results after the last name are dropped.
  func activations(_ projected: Tensor, _ recurred: Tensor, _ state: State) -> [GateActivation]
}

/// The gates of a cell, for instruments.
///
///     let gates = CellGates(["i", "f", "g", "o"], blocks: ["peepholes": ["i", "f", "o"]])
public struct CellGates: Sendable {
  package let names: [String]
  let width: Int?
  let blocks: [String: [String]]

  /// Gates with names, in the order in which a step applies their functions.
  ///
  /// The last axis of a parameter is divided among the gates in the same order, if it has `width` features for each of them;
  /// nil stands for the hidden size of the cell. `blocks` names the gates of parameters that are laid out otherwise, whose first
  /// axis is divided among these gates; no names say that the parameter does not belong to single gates.
  public init(_ names: [String], width: Int? = nil, blocks: [String: [String]] = [:]) {
    self.names = names
    self.width = width
    self.blocks = blocks
  }
}

extension GatedCell {
  /// The blocks of a parameter, or of its gradient, that belong to single gates; empty if it does not belong to single gates.
  func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    let (gates, owners) = (gates, gates.blocks[parameter])
    let (names, axis) = (owners ?? gates.names, owners == nil ? values.rank - 1 : 0)
    if values.rank == 0 || names.isEmpty { return [] }
    let isDivided =
      owners == nil
      ? values.shape[axis] == names.count * (gates.width ?? hiddenSize) : values.shape[axis].isMultiple(of: names.count)
    return isDivided ? zip(names, values.chunks(names.count, axis: axis)).map { (gate: $0, values: $1) } : []
  }
}

/// The values of a gate or a squashing function in one step.
public struct GateActivation: Sendable {
  /// The range of the values, which determines where they are saturated.
  public enum Range: String, Hashable, Sendable {
    /// From 0 to 1, like a sigmoid: saturated below 0.1 and above 0.9.
    case unit
    /// From -1 to 1, like a hyperbolic tangent: saturated below -0.9 and above 0.9.
    case symmetric
    /// Any numbers: never saturated.
    case unbounded
  }

  /// The name of the gate or function.
  public let name: String
  /// The range of the values.
  public let range: Range
  /// The values, `[batch, hidden]`.
  public let values: Tensor

  /// Values with a name and a range.
  public init(_ name: String, _ range: Range, _ values: Tensor) {
    self.name = name
    self.range = range
    self.values = values
  }
}

// Cells with a memory behind their output.

extension LSTMCell: GateActivatedCell {}

extension PeepholeLSTMCell: GateActivatedCell {
  var otherBlocks: [String: [String]] { ["peepholes": ["i", "f", "o"]] }
}

extension CoupledLSTMCell: GateActivatedCell {
  var otherBlocks: [String: [String]] { ["peepholes": ["i", "o"]] }
}

extension ProjectedLSTMCell: GateActivatedCell {
  var otherBlocks: [String: [String]] { ["projection": []] }
  var gateWidth: Int? { memorySize }
}

extension LayerNormLSTMCell: GateActivatedCell {
  var memoryName: String { "LN(c)" }
}

extension GateNormLSTMCell: GateActivatedCell {
  var otherBlocks: [String: [String]] { ["gateScale": Self.gateNames, "gateShift": Self.gateNames] }
}

// Cells whose only memory is their output.

extension GRUCell: GateActivatedCell {
  var otherBlocks: [String: [String]] { ["candidateBias": ["n"]] }
}

extension LayerNormGRUCell: GateActivatedCell {
  var otherBlocks: [String: [String]] { ["candidateBias": ["n"]] }
}

extension MGUCell: GateActivatedCell {
  var otherBlocks: [String: [String]] { ["candidateBias": ["n"]] }
}

extension RNNCell: ActivatedCell {}

extension LayerNormRNNCell: ActivatedCell {}

extension IndRNNCell: ActivatedCell {}

extension JANETCell: GatedCell {
  public var gates: CellGates { CellGates(Self.gateNames) }
}

extension LiGRUCell: GateActivatedCell {}
