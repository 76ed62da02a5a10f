public import UnrollArrays
internal import UnrollAutograd

/// Converts the final state of an encoder to the initial state of a decoder, whatever their cells, layers and directions.
///
/// Layers are matched from the top: the decoder's last layer gets the state of the encoder's last layer. If one direction's
/// state already has the right width it is passed on unchanged. Otherwise a learned affine map converts the states of both
/// directions, concatenated: tanh(s·W + b) for the hidden part and s·W + b for a memory. If the encoder's cell has no memory,
/// the decoder's memory is made from the hidden state.
///
///     let encoder = LSTM(8, 16, bidirectional: true, using: &generator)
///     let decoder = GRU(8, 24, using: &generator)
///     let bridge = StateBridge(from: encoder, to: decoder, using: &generator)
///     let (_, read) = encoder(Tensor.ones([2, 5, 8]), lengths: [5, 3])
///     let (outputs, _) = decoder(Tensor.ones([2, 4, 8]), from: bridge(read))
public struct StateBridge<Encoder: RecurrentCell, Decoder: RecurrentCell>: Module {
  /// The maps, in the order of the decoder's states; empty if every state is passed on unchanged.
  public var maps: [Linear] = []
  private var parts: [Part] = []
  private let template: Recurrent<Decoder>.State
  /// The widths of the encoder's states, cell by cell.
  private let widths: [[Int]]

  /// The source of one tensor of the decoder's state.
  private struct Part: Sendable {
    let cells: [Int]
    let tensor: Int
    let map: Int?
    let isHidden: Bool
  }

  /// A bridge between two networks, with maps initialised as `Linear` does.
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

  /// The decoder's initial state.
  public func callAsFunction(_ state: Recurrent<Encoder>.State) -> Recurrent<Decoder>.State {
    let given = state.cells.map { $0.tensors.map(StateBridge.width) }
    require(given == widths, "StateBridge: a state of widths \(given) does not match the encoder's widths \(widths)")
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
