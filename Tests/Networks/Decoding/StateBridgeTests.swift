import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

@Suite struct StateBridgeTests {
  private let x = AttentionTests.random([2, 5, 3], 1)

  @Test func sameNetworksHandOver() {
    var generator = Generator(seed: 1)
    let encoder = LSTM(3, 4, layers: 2, .float64, using: &generator)
    let decoder = LSTM(6, 4, layers: 2, .float64, using: &generator)
    let bridge = StateBridge(from: encoder, to: decoder, .float64, using: &generator)
    #expect(bridge.parameterCount == 0)
    let state = encoder(x, lengths: [5, 2]).state
    for (a, b) in zip(bridge(state).tensors, state.tensors) { #expect(areClose(a, b, 0)) }
  }

  @Test func directionsAreMerged() {
    var generator = Generator(seed: 2)
    let encoder = LSTM(3, 4, bidirectional: true, .float64, using: &generator)
    let decoder = LSTM(6, 5, .float64, using: &generator)
    let bridge = StateBridge(from: encoder, to: decoder, .float64, using: &generator)
    #expect(bridge.maps.map { $0.weight.shape } == [[8, 5], [8, 5]])
    let state = encoder(x).state
    let next = bridge(state).cells[0]
    let hidden = Tensor.concatenate(state.cells.map(\.hidden), axis: 1)
    let memory = Tensor.concatenate(state.cells.map(\.cell), axis: 1)
    #expect(areClose(next.hidden, bridge.maps[0](hidden).tanh()))
    #expect(areClose(next.cell, bridge.maps[1](memory)))
    var begun = bridge(state)
    #expect(decoder.next(Tensor.ones([2, 6], .float64), state: &begun).shape == [2, 5])
  }

  @Test func layersMeetFromTheTop() {
    var generator = Generator(seed: 3)
    let deep = GRU(3, 4, layers: 3, .float64, using: &generator)
    let shallow = GRU(3, 4, layers: 1, .float64, using: &generator)
    let middle = GRU(3, 4, layers: 2, .float64, using: &generator)
    let (last, single) = (deep(x).state, shallow(x).state)
    let down = StateBridge(from: deep, to: middle, .float64, using: &generator)(last)
    #expect(areClose(down.cells[0].hidden, last.cells[1].hidden, 0))
    #expect(areClose(down.cells[1].hidden, last.cells[2].hidden, 0))
    let up = StateBridge(from: shallow, to: middle, .float64, using: &generator)(single)
    #expect(up.cells.allSatisfy { areClose($0.hidden, single.cells[0].hidden, 0) })
  }

  /// A memory that the encoder has not is learned; one that the decoder has not is left.
  @Test func cellsMayDiffer() {
    var generator = Generator(seed: 4)
    let gru = GRU(3, 4, .float64, using: &generator)
    let projected = ProjectedLSTM(3, 4) { ProjectedLSTMCell($0, $1, memory: 6, .float64, using: &generator) }
    let into = StateBridge(from: gru, to: projected, .float64, using: &generator)
    #expect(into.maps.map { $0.weight.shape } == [[4, 6]])
    let state = into(gru(x).state)
    #expect(areClose(state.cells[0].hidden, gru(x).state.cells[0].hidden, 0))
    #expect(projected(x, from: state).outputs.shape == [2, 5, 4])
    let outOf = StateBridge(from: projected, to: gru, .float64, using: &generator)
    #expect(outOf.maps.isEmpty)
    #expect(areClose(outOf(state).cells[0].hidden, state.cells[0].hidden, 0))
  }

  @Test func derivatives() {
    var generator = Generator(seed: 5)
    let encoder = GRU(3, 2, bidirectional: true, .float64, using: &generator)
    let decoder = LSTM(3, 3, .float64, using: &generator)
    let bridge = StateBridge(from: encoder, to: decoder, .float64, using: &generator)
    let report = checkGradients(at: bridge, everyElement: true, directions: 1) { bridge in
      decoder(x, from: bridge(encoder(x, lengths: [3, 5]).state)).outputs
    }
    #expect(report.passes, "\(report)")
    #expect(bridge.parameters.map(\.name) == ["maps.0.weight", "maps.0.bias", "maps.1.weight", "maps.1.bias"])
  }
}
