import Synchronization
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// Clipping on the way back through time, where a closed form says what must come out.
@Suite struct CotangentClippingTests {
  /// h' = 2 h + x, without a nonlinearity: ∂L/∂hₜ doubles with every step back.
  private struct Doubling: RecurrentCell {
    var weight = Tensor([2.0], shape: [1, 1])
    var hiddenSize: Int { 1 }
    mutating func visit(_ visitor: Visitor) { visitor("weight", &weight) }
    func project(_ x: Tensor) -> Tensor { x }
    func recur(_ hidden: Tensor) -> Tensor { hidden.matmul(weight) }
    func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
      HiddenState(hidden: projected + recurred)
    }
    func initialState(batch: Int, _ type: ElementType) -> HiddenState { HiddenState(hidden: Tensor.zeros([batch, 1], type)) }
  }

  /// ∂L/∂x_t of L = last output is ∂L/∂hₜ: 2^(T−1−t) unclipped, min(bound, 2^(T−1−t)) clipped.
  @Test(arguments: [CotangentBound.norm(5), .value(5)]) func everyStep(_ bound: CotangentBound) {
    let layer = Recurrent(forward: [Doubling()])
    let x = Tensor.ones([2, 6, 1], .float64)
    let plain = gradient(at: x) { layer($0).outputs[.all, -1].sum() }
    #expect(plain[0].array.scalars(as: Double.self) == [32, 16, 8, 4, 2, 1])
    let (byX, byLayer) = gradient(at: x, layer) { x, layer in
      layer.clippingCotangents(bound)(x).outputs[.all, -1].sum()
    }
    let clipped = byX[1].array.scalars(as: Double.self)
    #expect(zip(clipped, [5, 5, 5, 4, 2, 1]).allSatisfy { abs($0 - $1) < 1e-14 })
    // ∂L/∂weight = Σ_rows Σ_t ∂L/∂hₜ hₜ₋₁, hₜ = 2^(t+1) − 1.
    let expected: Double = 2 * 109  // 5 · 1 + 5 · 3 + 4 · 7 + 2 · 15 + 1 · 31 in both rows
    #expect(abs(byLayer.forward[0].weight.item - expected) < 1e-11)
  }

  @Test func aChosenPlace() {
    let layer = Recurrent(forward: [Doubling()])
    let x = Tensor.ones([1, 6, 1], .float64)
    let slope = gradient(at: x) { x in
      let (_, state) = layer(x[.all, 0..<3])
      return layer(x[.all, 3...], from: state.clippingCotangents(.norm(5))).outputs[.all, -1].sum()
    }
    #expect(zip(slope.array.scalars(as: Double.self), [20, 10, 5, 4, 2, 1]).allSatisfy { abs($0 - $1) < 1e-13 })
  }

  @Test func theHookSeesEveryStep() {
    let seen = Seen()
    let layer = Recurrent(forward: [Doubling()])
    _ = gradient(at: Tensor.ones([1, 4, 1], .float64)) { x in
      layer.replacingCotangents { g in
        seen.append(g.item)
        return g
      }(x).outputs[.all, -1].sum()
    }
    #expect(seen.numbers == [1, 2, 4, 8])
  }

  private final class Seen: Sendable {
    private let list = Mutex<[Double]>([])
    func append(_ number: Double) { list.withLock { $0.append(number) } }
    var numbers: [Double] { list.withLock { $0 } }
  }

  /// A bound that nothing reaches changes nothing, in any layer and option.
  @Test func aWideBoundIsNoBound() {
    var generator = Generator(seed: 3)
    let lstm = LSTM(3, 4, layers: 2, bidirectional: true, .float64, using: &generator)
    let gru = GRU(3, 4, .float64, using: &generator)
    let x = Tensor.normal([2, 5, 3], .float64, using: &generator)
    expectClose(
      gradient(at: lstm) { $0.clippingCotangents(.norm(1e6))(x, lengths: [5, 3]).outputs.square().sum() },
      gradient(at: lstm) { $0(x, lengths: [5, 3]).outputs.square().sum() })
    expectClose(
      gradient(at: gru) { $0.clippingCotangents(.value(1e6))(x).outputs.square().sum() },
      gradient(at: gru) { $0(x).outputs.square().sum() })
    #expect(lstm.clippingCotangents(.norm(1)).parameters.map(\.name) == lstm.parameters.map(\.name))
  }

  /// In training a cell with a closure on its way back draws what the cell would draw without it: dropped weights, numbers that stay,
  /// and whatever else, in any order of modifiers.
  @Test func drawsStay() {
    checkDraws { WeightDropped(LSTMCell(3, 4, .float64, using: &$0), rate: 0.5) }
    checkDraws { Zoneout(LSTMCell(3, 4, .float64, using: &$0), hidden: 0.3, memory: 0.5) }
    checkDraws { WeightDropped(MemoryZoneout(LSTMCell(3, 4, .float64, using: &$0), hidden: 0.3, memory: 0.5), rate: 0.5) }
    checkDraws { Zoneout(WeightDropped(GRUCell(3, 4, .float64, using: &$0), rate: 0.5), hidden: 0.3) }
  }

  private func checkDraws<Cell: RecurrentCell>(_ make: (inout Generator) -> Cell) {
    var generator = Generator(seed: 3)
    let layer = Recurrent(forward: [make(&generator)])
    let x = Tensor.normal([2, 5, 3], .float64, using: &generator)
    func slope(_ run: (Recurrent<Cell>, inout Generator) -> Tensor) -> Recurrent<Cell> {
      gradient(at: layer) { layer in
        var draws = Generator(seed: 8)
        return run(layer, &draws).square().sum()
      }
    }
    let trained = slope { $0(x, using: &$1).outputs }
    expectClose(slope { $0.clippingCotangents(.norm(1e6))(x, using: &$1).outputs }, trained)
    let evaluated = slope { layer, _ in layer(x).outputs }
    #expect(trained.tensors[1].array != evaluated.tensors[1].array, "the draws make no difference")
  }

  /// Rows are scaled one by one; zeros stay, and numbers whose squares float32 cannot hold too.
  @Test func rowsAndExtremes() {
    let g = Tensor([3, 4, 0, 0, 3e30, 4e30, 3e-30, 4e-30] as [Float], shape: [4, 2])
    let clipped = gradient(at: Tensor.zeros([4, 2])) { ($0.clippingCotangent(.norm(1)) * g).sum() }
    let expected: [Float] = [0.6, 0.8, 0, 0, 0.6, 0.8, 3e-30, 4e-30]
    #expect(clipped.array.isClose(to: NDArray(expected, shape: [4, 2]), relative: 1e-6, absolute: 0))
  }

  @Test func misuseMessages() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor([1]).clippingCotangent(.norm(0))
    }
    #expect(stopSentence(result) == "clippingCotangent: the bound 0.0 is not a finite number above 0")
  }
}
