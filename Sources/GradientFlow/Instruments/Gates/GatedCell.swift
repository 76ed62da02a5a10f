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
  /// The names of the gates, in the order of their blocks in the parameters, which must also be the order in which a step
  /// applies them.
  var gateNames: [String] { get }

  /// The values of all gates and squashing functions of one step, `[batch, hidden]` each.
  ///
  /// By default the step runs, and the results of its `sigmoid`, `hardSigmoid`, `tanh` and `softsign` get the names of the
  /// gates in order; results after the last name are dropped.
  func activations(_ projected: Tensor, _ recurred: Tensor, _ state: State) -> [GateActivation]

  /// The blocks of a parameter, or of its gradient, that belong to single gates; empty if the parameter does not belong to
  /// single gates.
  ///
  /// By default, a last axis with `hidden` features for each gate is divided among the gates in order.
  func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)]
}

extension GatedCell {
  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    lastAxis(of: values, hiddenSize)
  }

  /// The last axis divided into blocks of `features`, one for each gate; empty if its extent does not match.
  func lastAxis(of values: Tensor, _ features: Int) -> [(gate: String, values: Tensor)] {
    guard values.rank > 0, values.shape[values.rank - 1] == gateNames.count * features else { return [] }
    return Array(zip(gateNames, values.chunks(gateNames.count, axis: -1))).map { (gate: $0, values: $1) }
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

extension LSTMCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }
}

extension PeepholeLSTMCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    if parameter == "peepholes" { return [("i", values[0]), ("f", values[1]), ("o", values[2])] }
    return lastAxis(of: values, hiddenSize)
  }
}

extension CoupledLSTMCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["i", "g", "o"] }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    parameter == "peepholes" ? [("i", values[0]), ("o", values[1])] : lastAxis(of: values, hiddenSize)
  }
}

extension ProjectedLSTMCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    parameter == "projection" ? [] : lastAxis(of: values, memorySize)
  }
}

extension LayerNormLSTMCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }
  var memoryName: String { "LN(c)" }
}

extension GateNormLSTMCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    guard parameter == "gateScale" || parameter == "gateShift" else { return lastAxis(of: values, hiddenSize) }
    return Array(zip(gateNames, values.unstacked())).map { (gate: $0, values: $1) }
  }
}

// Cells whose only memory is their output.

extension GRUCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["r", "z", "n"] }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    parameter == "candidateBias" ? [("n", values)] : lastAxis(of: values, hiddenSize)
  }
}

extension LayerNormGRUCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["r", "z", "n"] }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    parameter == "candidateBias" ? [("n", values)] : lastAxis(of: values, hiddenSize)
  }
}

extension MGUCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["f", "n"] }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    parameter == "candidateBias" ? [("n", values)] : lastAxis(of: values, hiddenSize)
  }
}

extension RNNCell: GatedCell, ActivatedCell {
  public var gateNames: [String] { ["h"] }
}

extension LayerNormRNNCell: GatedCell, ActivatedCell {
  public var gateNames: [String] { ["h"] }
}

extension IndRNNCell: GatedCell, ActivatedCell {
  public var gateNames: [String] { ["h"] }
}
