import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

@Suite struct AttentionTests {
  enum Kind: CaseIterable, Sendable {
    case plain, general, scaled, additive, additiveWithoutBias

    /// Queries of four features, states of four.
    func check(_ body: (any Attention) -> Void) {
      var generator = Generator(seed: 11)
      switch self {
      case .plain: body(DotAttention())
      case .general: body(DotAttention(queries: 4, features: 4, .float64, using: &generator))
      case .scaled: body(DotAttention(isScaled: true))
      case .additive:
        var attention = AdditiveAttention(queries: 4, features: 4, units: 3, .float64, using: &generator)
        attention.bias = random([3], 5)
        body(attention)
      case .additiveWithoutBias:
        body(AdditiveAttention(queries: 4, features: 4, units: 3, bias: false, .float64, using: &generator))
      }
    }
  }

  static func random(_ shape: Shape, _ seed: Int) -> Tensor {
    var generator = Generator(seed: seed)
    return Tensor.normal(shape, .float64, using: &generator)
  }

  private let states = random([3, 5, 4], 1)
  private let queries = random([3, 4], 2)

  @Test(arguments: Kind.allCases) func weightsSumToOneAndSkipPadding(_ kind: Kind) {
    kind.check { attention in
      let (context, weights) = attention(queries, over: attention.memory(states, lengths: [5, 2, 1]))
      #expect(weights.shape == [3, 5] && context.shape == [3, 4])
      #expect(areClose(weights.sum(axes: 1), Tensor.ones([3], .float64)))
      #expect(weights[1, 2...].array.scalars(as: Double.self) == [0, 0, 0])
      #expect(weights[2].array.scalars(as: Double.self) == [1, 0, 0, 0, 0])
      #expect(areClose(context, (weights.expandingAxis(2) * states).sum(axes: 1)))
      let mask = Mask(
        [true, true, true, true, true, true, true, false, false, false, true, false, false, false, false], shape: [3, 5])
      #expect(areClose(attention(queries, over: attention.memory(states, mask: mask)).weights, weights, 0))
    }
  }

  @Test(arguments: Kind.allCases) func severalStepsAreOneAfterTheOther(_ kind: Kind) {
    kind.check { attention in
      let several = AttentionTests.random([3, 2, 4], 3)
      let memory = attention.memory(states, lengths: [5, 2, 1])
      let (context, weights) = attention(several, over: memory)
      #expect(context.shape == [3, 2, 4] && weights.shape == [3, 2, 5])
      for step in 0..<2 {
        let single = attention(several[.all, step], over: memory)
        #expect(areClose(context[.all, step], single.context) && areClose(weights[.all, step], single.weights))
      }
    }
  }

  /// NaN in the padding changes no value and no gradient, nor does another row.
  @Test(arguments: Kind.allCases) func nothingDependsOnPaddingOrMates(_ kind: Kind) {
    kind.check { attention in
      func run(_ states: Tensor, _ queries: Tensor, _ lengths: [Int]) -> [Tensor] {
        let (value, slopes) = valueAndGradient(at: [states, queries]) { x in
          attention(x[1], over: attention.memory(x[0], lengths: lengths)).context[0].pow(3).sum()
        }
        return [value] + slopes
      }
      let lengths = [2, 5, 3]
      let behind = Mask(lengths.flatMap { length in (0..<5).map { $0 >= length } }, shape: [3, 5, 1])
      let poisoned = Tensor.select(behind, Tensor(.nan, .float64), states)
      let (clean, dirty) = (run(states, queries, lengths), run(poisoned, queries, lengths))
      for (a, b) in zip(clean, dirty) { #expect(areClose(a, b, 0)) }
      let alone = run(states[..<1, ..<2], queries[..<1], [2])
      #expect(areClose(alone[0], clean[0]))
      #expect(areClose(alone[1], clean[1][..<1, ..<2]) && areClose(alone[2], clean[2][..<1]))
      #expect(areClose(clean[1][..<1, 2...], Tensor.zeros([1, 3, 4], .float64), 0))
      #expect(areClose(clean[1][1...], Tensor.zeros([2, 5, 4], .float64), 0))
    }
  }

  /// The formulas, element by element.
  @Test func scores() {
    let (keys, q) = (AttentionTests.random([4, 2], 7), AttentionTests.random([3, 2], 8))
    let attention = AdditiveAttention(
      queryWeight: AttentionTests.random([4, 2], 9), keyWeight: keys, bias: AttentionTests.random([2], 10),
      scoreWeight: AttentionTests.random([2], 12))
    let general = DotAttention(weight: keys)
    let additive = attention.scores(queries.expandingAxis(1), attention.keys(states))
    let dot = general.scores(q.expandingAxis(1), general.keys(states))
    for row in 0..<3 {
      for step in 0..<5 {
        let state = states[row, step]
        let sum = queries[row].matmul(attention.queryWeight) + state.matmul(keys) + (attention.bias ?? Tensor(0, .float64))
        #expect(isClose(additive[row, 0, step].item, sum.tanh().dot(attention.scoreWeight).item))
        #expect(isClose(dot[row, 0, step].item, q[row].dot(state.matmul(keys)).item))
      }
    }
    let scaled = DotAttention(isScaled: true)
    #expect(areClose(scaled.scores(states, states) * 2, DotAttention().scores(states, states)))
  }

  @Test func derivativesOfAnyOrder() {
    var generator = Generator(seed: 3)
    let additive = AdditiveAttention(queries: 4, features: 4, units: 3, .float64, using: &generator)
    let general = DotAttention(queries: 4, features: 4, .float64, using: &generator)
    for lengths in [nil, [5, 2, 1]] {
      let byStates = checkGradients(at: [states, queries], directions: 2) { x in
        additive(x[1], over: additive.memory(x[0], lengths: lengths)).context
      }
      #expect(byStates.passes, "\(byStates)")
      let byWeights = checkGradients(at: additive, everyElement: true, directions: 1) { attention in
        attention(queries, over: attention.memory(states, lengths: lengths)).context
      }
      #expect(byWeights.passes, "\(byWeights)")
      let byDot = checkGradients(at: general, everyElement: true, directions: 1) { attention in
        attention(queries, over: attention.memory(states, lengths: lengths)).context
      }
      #expect(byDot.passes, "\(byDot)")
      let third = checkGradients(at: queries, directions: 1) { q in
        gradient(at: q) { q in general(q, over: general.memory(states, lengths: lengths)).context.pow(3).sum() }
      }
      #expect(third.passes, "\(third)")
    }
  }
}
