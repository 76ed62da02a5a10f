import Testing
import UnrollTestSupport

@testable import UnrollArrays

/// Masks of every arrangement in memory against loops over their values.
@Suite struct MaskTests {
  static func mask(_ shape: Shape, seed: UInt64) -> Mask {
    var random = TestRandom(seed: seed)
    return Mask((0..<shape.elementCount).map { _ in random.next() >> 60 < 11 }, shape: shape)
  }

  /// The same shape, `[3, 40, 5]`, in different ways.
  static let arrangements: [(name: String, mask: Mask)] = [
    ("contiguous", mask([3, 40, 5], seed: 1)),
    ("permuted", mask([5, 3, 40], seed: 2).permuted([1, 2, 0])),
    ("reversed", mask([3, 40, 5], seed: 3)[.all, .every(-1)]),
    ("a part", mask([4, 50, 7], seed: 4)[1..<4, 3..<43, 1..<6]),
    ("broadcast", mask([40, 1], seed: 5).broadcast(to: [3, 40, 5])),
    ("everywhere", Mask(repeating: true, shape: [1]).broadcast(to: [3, 40, 5])),
    ("nowhere", Mask(repeating: false, shape: [3, 40, 5])),
  ]

  @Test(arguments: arrangements.indices) func figuresAreThoseOfTheValues(_ index: Int) {
    let (name, mask) = Self.arrangements[index]
    let values = mask.values
    #expect(values.count == 600 && mask.shape == [3, 40, 5])
    #expect(mask.trueCount == values.count { $0 }, "\(name)")
    #expect(mask.allTrue == values.allSatisfy { $0 }, "\(name)")
    #expect(mask.anyTrue == values.contains(true), "\(name)")
    #expect((!mask).values == values.map { !$0 }, "\(name)")
    for type in ElementType.allCases {
      let numbers = mask.array(type)
      #expect(numbers.type == type && numbers.shape == mask.shape)
      #expect(numbers.scalars(as: Double.self) == values.map { $0 ? 1 : 0 }, "\(name)")
    }
  }

  @Test func operatorsAndEqualityAreThoseOfTheValues() {
    for (name, x) in Self.arrangements {
      for (other, y) in Self.arrangements {
        let pairs = Array(zip(x.values, y.values))
        #expect((x | y).values == pairs.map { $0 || $1 }, "\(name) or \(other)")
        #expect((x & y).values == pairs.map { $0 && $1 }, "\(name) and \(other)")
        #expect((x == y) == (name == other), "\(name) and \(other)")
      }
      #expect(x == Mask(x.values, shape: x.shape) && x != !x, "\(name)")
      #expect(x != x.reshaped([600]), "\(name)")
    }
  }

  @Test func operandsBroadcast() {
    let (row, column) = (Self.mask([1, 33], seed: 6), Self.mask([20, 1], seed: 7))
    let expected = column.values.flatMap { c in row.values.map { $0 && c } }
    #expect((row & column) == Mask(expected, shape: [20, 33]))
    #expect((column & row) == Mask(expected, shape: [20, 33]))
  }

  @Test func nothingIsAllTrueAndNotAnyTrue() {
    for shape in [[0], [3, 0], [0, 4, 2]] as [Shape] {
      let empty = Mask([], shape: shape)
      #expect(empty.allTrue && !empty.anyTrue && empty.trueCount == 0 && empty.values.isEmpty)
      #expect(empty == !empty && (empty | Mask([true])).shape == shape && empty.array(.float64).shape == shape)
    }
    let single = Mask([true], shape: [])
    #expect(single.allTrue && !(!single).anyTrue && single.array(.float32).item == 1)
  }

  /// More than one thread's share, and not a multiple of anything.
  @Test func largeMasksAreSplit() {
    var generator = Generator(seed: 3)
    let (x, y) = (Mask.bernoulli([600_001], using: &generator), Mask.bernoulli([600_001], using: &generator))
    #expect((x & y).trueCount + (x | y).trueCount == x.trueCount + y.trueCount)
    #expect(x.array(.float64).sum().item == Double(x.trueCount))
    #expect(!(!x == x) && !(!x) == x)
  }
}
