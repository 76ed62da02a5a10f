public import UnrollArrays
internal import UnrollAutograd

/// Makes the state that a decoder begins with from the one that an encoder ends with, whatever their cells, layers and directions.
///
/// Layers meet from the top: the decoder's last layer gets the state of the encoder's last. Where one direction's state has the width
/// wanted it is handed over as it is; else a learned affine map of both directions' states side by side makes one of the right width,
/// tanh(s·W + b) for the hidden part and s·W + b for a memory. A memory that the encoder's cell does not have is made from its hidden
/// state.
///
///     let encoder = LSTM(8, 16, bidirectional: true, using: &generator)
///     let decoder = GRU(8, 24, using: &generator)
///     let bridge = StateBridge(from: encoder, to: decoder, using: &generator)
///     let (_, read) = encoder(Tensor.ones([2, 5, 8]), lengths: [5, 3])
///     let (outputs, _) = decoder(Tensor.ones([2, 4, 8]), from: bridge(read))
public struct StateBridge<Encoder: RecurrentCell, Decoder: RecurrentCell>: Module {
  /// The maps, in the order of the decoder's states; none where all are handed over as they are.
  public var maps: [Linear] = []
  private var parts: [Part] = []
  private let template: Recurrent<Decoder>.State
  /// The widths of the encoder's states, cell by cell.
  private let widths: [[Int]]

  /// What one tensor of the decoder's state is made from.
  private struct Part: Sendable {
    let cells: [Int]
    let tensor: Int
    let map: Int?
    let isHidden: Bool
  }

  /// A bridge between two networks, with maps as `Linear` draws them.
  public init(
    from encoder: Recurrent<Encoder>, to decoder: Recurrent<Decoder>, _ type: ElementType = .float32,
    using generator: inout Generator
  ) {
    require(!decoder.isBidirectional, "StateBridge: a decoder cannot run in both directions")
    let states = encoder.zeroState(type)
    widths = states.cells.map { $0.tensors.map(StateBridge.width) }
    template = decoder.zeroState(type)
    for (layer, cell) in template.cells.enumerated() {
      let source = min(layer + max(0, encoder.layerCount - decoder.layerCount), encoder.layerCount - 1)
      let cells = encoder.isBidirectional ? [2 * source, 2 * source + 1] : [source]
      for (index, tensor) in cell.tensors.enumerated() {
        let (width, exists) = (StateBridge.width(tensor), index < widths[cells[0]].count)
        let given = cells.map { widths[$0][exists ? index : 0] }
        let isSame = exists && given == [width]
        if !isSame { maps.append(Linear(given.reduce(0, +), width, type, using: &generator)) }
        parts.append(
          Part(cells: cells, tensor: exists ? index : 0, map: isSame ? nil : maps.count - 1, isHidden: index == 0))
      }
    }
  }

  public mutating func visit(_ visitor: Visitor) { visitor("maps", &maps) }

  /// The decoder's state.
  public func callAsFunction(_ state: Recurrent<Encoder>.State) -> Recurrent<Decoder>.State {
    let given = state.cells.map { $0.tensors.map(StateBridge.width) }
    require(given == widths, "StateBridge: a state of widths \(given) is not the encoder's, of widths \(widths)")
    return template.replacingTensors(
      parts.map { part in
        let tensors = part.cells.map { state.cells[$0].tensors[part.tensor] }
        guard let map = part.map else { return tensors[0] }
        let mapped = maps[map](Tensor.concatenate(tensors, axis: -1))
        return part.isHidden ? mapped.tanh() : mapped
      })
  }

  private static func width(_ tensor: Tensor) -> Int {
    require(tensor.rank == 2, "StateBridge: a state of shape \(tensor.shape) is not [batch, features]")
    return tensor.shape[1]
  }
}

extension Recurrent {
  /// Zeros in the shapes of the states, with one row.
  fileprivate func zeroState(_ type: ElementType) -> State {
    var copy = self
    copy.initial = []
    return copy.initialState(batch: 1, type)
  }
}
