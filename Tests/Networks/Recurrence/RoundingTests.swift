import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// How far float32 gradients of sequences lie from the exact ones where more than the last digits differ, and why: no way through the
/// cell is to be worse than its equations are.
@Suite struct RoundingTests {
  /// The largest error of each gradient, by the largest number of it, of a network at once and step by step.
  private func errors<Cell: RecurrentCell>(
    _ layer: Recurrent<Cell>, _ x: Tensor, from state: Recurrent<Cell>.State? = nil, mask: Mask? = nil, seed: Int
  ) -> (atOnce: [Double], stepped: [Double]) {
    func slope<Other: RecurrentCell>(_ layer: Recurrent<Other>, _ x: Tensor, _ state: Recurrent<Other>.State?) -> [Tensor] {
      gradient(at: Two(first: layer, second: state)) { a in
        let outputs = a.first(x, from: a.second, mask: mask).outputs
        return (outputs * Properties.draw(outputs.shape, seed: seed).cast(to: x.type)).sum()
      }.tensors
    }
    let slow = Recurrent(slow: layer)
    let exact = slope(
      slow.cast(to: .float64), x.cast(to: .float64),
      state.map { .init(cells: $0.mappingTensors { $0.cast(to: .float64) }.cells) })
    func errors(_ found: [Tensor]) -> [Double] {
      zip(found, exact).map { found, exact in
        (found.array.cast(to: .float64) - exact.array).magnitude().max().item / exact.array.magnitude().max().item
      }
    }
    return (errors(slope(layer, x, state)), errors(slope(slow, x, state.map { .init(cells: $0.cells) })))
  }

  /// A normalisation of few features hands on almost nothing of what it gets: of two, the part ε / (v + ε), v their variance, as what
  /// remains of a difference of numbers as large as what it got. So the share of the error in it grows as v / ε, in the equations as
  /// they stand, with kernels and without alike: with the usual ε of 1e-5 some gradients are off by tenths of a per cent and more.
  @Test(arguments: [(2, 2), (5, 2), (2, 5)], [0.2, 1e-3, 1e-5])
  func normalizationsOfFewFeatures(_ sizes: (inputs: Int, hidden: Int), _ epsilon: Double) {
    var (worst, worstStepped) = (0.0, 0.0)
    for seed in 1...25 {
      var generator = Generator(seed: seed)
      let layer = LayerNormLSTM(sizes.inputs, sizes.hidden) { LayerNormLSTMCell($0, $1, epsilon: epsilon, using: &generator) }
      let x = Tensor.normal([3, 6, sizes.inputs], using: &generator)
      let mask = Mask((0..<18).map { _ in Bool.random(using: &generator) }, shape: [3, 6])
      let (atOnce, stepped) = errors(layer, x, mask: mask, seed: seed)
      worst = max(worst, atOnce.max() ?? .nan)
      worstStepped = max(worstStepped, stepped.max() ?? .nan)
    }
    let comment: Comment = "at once \(worst), step by step \(worstStepped)"
    #expect(worst <= 3 * worstStepped + 0x1p-20, comment)
    #expect(worst <= 0x1p-18 + 0x1p-19 / epsilon, comment)
  }

  /// The gradient by the state before a step of a gated unit is z h̄ and the product of the gates' cotangents and the weights. At once,
  /// the product is added up onto z h̄, so that each of its 3 · hidden terms is rounded at the size of the sum; step by step the two are
  /// sums of their own, of which the product is the smaller. Both are sums in order: their errors grow as the root of their length.
  @Test(arguments: [64, 257]) func sumsOntoAState(_ hidden: Int) {
    var (worst, worstStepped) = (0.0, 0.0)
    for seed in 1...3 {
      var generator = Generator(seed: seed)
      let gru = GRU(16, hidden, using: &generator)
      let x = Tensor.normal([4, 6, 16], using: &generator)
      let state = HiddenState(hidden: Tensor.normal([4, hidden], using: &generator))
      let (atOnce, stepped) = errors(gru, x, from: .init(cells: [state]), seed: seed)
      worst = max(worst, atOnce.last ?? .nan)
      worstStepped = max(worstStepped, stepped.last ?? .nan)
    }
    let bound = 4 * Double(3 * hidden).squareRoot() * 0x1p-25
    #expect(worst <= bound && worstStepped <= bound, "at once \(worst), step by step \(worstStepped)")
  }
}
