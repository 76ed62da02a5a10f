internal import UnrollArrays
internal import UnrollAutograd

/// How parameters reach the numbers of a state within one step, where this has a compact form: the numbers fall into units of equally
/// many, which meet nowhere but in the recurrent contribution, and each parameter reaches one unit.
///
/// An influence is then `[slots, p]` for slots numbers in a unit, such as h and c of an LSTM, in place of `[n, p]`.
struct UnitStructure: Sendable {
  /// The number of numbers in a unit.
  let slots: Int
  /// The number of units.
  let units: Int
  /// Where the numbers lie in a row of the state, `[slots · units]`: the first of each unit, the second of each unit, and so on.
  let places: Indices
  /// The unit that each parameter reaches, by tensors of the model: the rows of a tensor have equal units in most cells, so that one
  /// row says all.
  let segments: [Segment]
  /// Where the numbers of each parameter's unit lie in a row of the state, `[slots, p]`; for exact influences in full.
  private(set) var rows: Indices
  /// 1 where a parameter reaches a number of its unit within a step, `[slots, p]`; for SnAp-1.
  private(set) var reaches: Tensor
  /// For each tensor of the model 1 where an element reads the hidden state of the unit that it reaches, or none; for influences within units
  /// that pass through the recurrent contribution.
  private(set) var own: [Tensor]
  /// Whether units do not even meet in the recurrent contribution.
  let isClosed: Bool
  /// Whether the output lies outside the units: no step reads it.
  let isReadOut: Bool

  /// The number of slots, the first ones, that contain outputs.
  let outputSlots: Int

  /// Rows of parameters whose units are equal.
  struct Segment: Sendable {
    let rows: Int
    let unit: Indices

    /// The units of a tensor with the given last extent.
    init(_ unit: [Int], last: Int) {
      let isRepeated = last > 0 && unit.indices.allSatisfy { unit[$0] == unit[$0 % last] }
      rows = isRepeated ? unit.count / last : 1
      self.unit = Indices(isRepeated ? Array(unit[..<last]) : unit)
    }
  }

  /// Drops what a kind of influence has no use for, which is as large as the influences themselves.
  mutating func keepOnly(for influence: Influence) {
    if influence != .rtrl || isClosed { rows = Indices([]) }
    if influence != .snap1 { reaches = Tensor.zeros([0], reaches.type) }
    if influence == .eprop || influence == .rtrl && !isClosed { own = [] }
  }

  /// Cotangents of rows `[rows, n]`, unit by unit: `[rows, slots, units]`.
  func byUnit(_ rows: Tensor) -> Tensor {
    rows.gathered(positions: places, axis: 1).reshaped([rows.shape[0], slots, units])
  }

  /// Influences `[batch, n, p]`, and added to them immediate ones of units, `[batch, slots, p]`.
  func adding(_ immediate: Tensor, to influences: Tensor) -> Tensor {
    influences.scatteredAdding(immediate, elements: rows.broadcast(to: immediate.shape), axis: 1)
  }

  /// What each parameter's unit has: `[batch, units]` gives `[batch, p]`.
  func byParameter(_ values: Tensor) -> Tensor {
    let batch = values.shape[0]
    let pieces = segments.map { segment in
      let row = values.gathered(positions: segment.unit, axis: 1)
      let shape: Shape = [batch, segment.rows, segment.unit.count]
      return segment.rows == 1
        ? row : row.expandingAxis(1).broadcast(to: shape).reshaped([batch, segment.rows * segment.unit.count])
    }
    return Tensor.concatenate(pieces, axis: 1)
  }
}

/// How `RealTimeLearner` carries its influences, known after the first step.
public enum InfluenceWay: Sendable, Equatable, CustomStringConvertible {
  /// For each parameter the numbers of the one unit that it reaches.
  case units
  /// For each parameter all numbers of the state, for the given reason.
  case full(String)

  /// The way as text, with the reason.
  public var description: String {
    switch self {
    case .units: "within units"
    case .full(let reason): "in full: \(reason)"
    }
  }
}
