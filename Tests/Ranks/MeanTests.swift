import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

@testable import UnrollRanks

/// Means of gradients and numbers over ranks, against the mean that one rank forms of the same parts.
@Suite struct MeanTests {
  /// Parameters of both element types, an empty one, and one that is not contiguous.
  struct Mixed: Module {
    var a: Tensor
    var b: Tensor
    var c: Tensor
    var d: Tensor

    init(seed: Int) {
      var generator = Generator(seed: seed)
      a = Tensor.normal([3, 5], using: &generator)
      b = Tensor.normal([7], .float64, using: &generator)
      c = Tensor.ones([0, 2])
      d = Tensor.normal([4, 2], using: &generator).transposed()
    }

    mutating func visit(_ visitor: Visitor) {
      visitor("a", &a)
      visitor("b", &b)
      visitor("c", &c)
      visitor("d", &d)
    }
  }

  @Test(arguments: [1, 2, 3, 5], [true, false])
  func gradientsAreWeighted(count: Int, inRankOrder: Bool) throws {
    let weights = [3.0, 1, 0.5, 0, 7].prefix(count)
    var expected = GradientMean<Mixed>()
    for (rank, weight) in weights.enumerated() { expected.add(Mixed(seed: rank), weight: weight) }
    let means = try onRanks(count, addingInRankOrder: inRankOrder) { ranks in
      ranks.mean(Mixed(seed: ranks.rank), weight: weights[ranks.rank])
    }
    for mean in means {
      for ((name, x), (_, y)) in zip(mean.parameters, expected.gradient.parameters) {
        let tolerance = x.type == .float32 ? 1e-6 : 1e-15
        #expect(x.array.isClose(to: y.array, relative: tolerance, absolute: tolerance), "\(name) of \(count) ranks")
      }
      #expect(zip(mean.parameters, means[0].parameters).allSatisfy { $0.tensor == $1.tensor }, "the ranks differ")
    }
  }

  /// In rank order the bits are those of the plain loop, whatever the pieces; the communicator's own order is another here.
  @Test func sumsInRankOrderHaveTheBitsOfTheLoop() throws {
    let parts = (0..<3).map { rank in
      var generator = Generator(seed: rank)
      return Tensor.normal([101], deviation: 1e3, using: &generator).array
    }
    let expected = (parts[0] + parts[1] + parts[2]).scalars(as: Float.self)
    for bytes in [1, 24, 60, 1 << 20] {
      let sums = try onRanks(3) { ranks in
        let flat = FlatNumbers([parts[ranks.rank]], .float32, scale: 1, lengthIn: 3)
        if let others = ranks.others { flat.sumInRankOrder(on: others, pieceBytes: bytes) }
        return flat.array(0, shape: [101]).scalars(as: Float.self)
      }
      #expect(sums.allSatisfy { $0 == expected }, "pieces of \(bytes) bytes")
    }
    let free = try onRanks(3) { ranks in
      let flat = FlatNumbers([parts[ranks.rank]], .float32, scale: 1, lengthIn: 3)
      if let others = ranks.others { flat.sum(on: others, pieceBytes: 60) }
      return flat.array(0, shape: [101]).scalars(as: Float.self)
    }
    #expect(free[0] == (parts[2] + parts[1] + parts[0]).scalars(as: Float.self))
    #expect(free[0] != expected, "the orders cannot be told apart")
  }

  /// A rank without a target has a gradient of NaN, and it does not count. Any other NaN reaches all ranks.
  @Test func noWeightMeansNoNumber() throws {
    let means = try onRanks(2) { ranks in
      let slope = Mixed(seed: 1).mapping { ranks.isFirst ? $0 : $0 * .nan }
      return (
        ranks.mean(slope, weight: ranks.isFirst ? 2 : 0), ranks.mean(slope),
        ranks.mean(ranks.isFirst ? 4 : .nan, weight: ranks.isFirst ? 2 : 0)
      )
    }
    for (mean, spoiled, number) in means {
      #expect(mean.a == Mixed(seed: 1).a && mean.b == Mixed(seed: 1).b && number == 4)
      #expect(spoiled.a.array.isFinite == false)
    }
  }

  @Test func frozenParametersStay() throws {
    let means = try onRanks(2) { ranks in ranks.mean(Mixed(seed: ranks.rank).freezing { $0 == "b" }) }
    for (rank, mean) in means.enumerated() {
      #expect(mean.b.isFrozen && mean.b == Mixed(seed: rank).b)
      #expect(!mean.a.isFrozen && mean.a != Mixed(seed: rank).a)
    }
  }

  @Test func numbersAreWeighted() throws {
    let means = try onRanks(3) { ranks in ranks.mean(Double(ranks.rank), weight: [1, 2, 5][ranks.rank]) }
    #expect(means == [1.5, 1.5, 1.5])
  }

  @Test func oneRankChangesNothing() {
    let (ranks, slope) = (Ranks(nil), Mixed(seed: 3))
    let mean = ranks.mean(slope, weight: 12)
    #expect(zip(mean.parameters, slope.parameters).allSatisfy { $0.tensor == $1.tensor })
    #expect(ranks.mean(0.25, weight: 3) == 0.25 && ranks.gathered("here") == ["here"])
    #expect(ranks.rank == 0 && ranks.count == 1 && ranks.isFirst && ranks.share(of: 7) == 0..<7)
  }
}
