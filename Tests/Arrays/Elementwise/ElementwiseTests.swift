import Testing
import UnrollKernelTemplates
import UnrollTestSupport

@testable import UnrollArrays

/// Functions of elements on arrays of any shape and strides, against loops over indices.
@Suite struct ElementwiseTests {
  static let shapes: [(Shape, Shape)] = [
    ([], []), ([3], []), ([1], [5]), ([2, 3], [3]), ([2, 3], [2, 1]), ([4, 1, 3], [5, 1]), ([0, 3], [3]), ([2, 0], [1, 1]),
    ([7, 33], [33]), ([7, 33], [7, 1]), ([3, 20, 40], [20, 1]), ([300, 70], [300, 70]), ([2, 3, 4, 5], [3, 1, 5]),
    ([40_000], [1]), ([3, 20_000], [3, 1]),
  ]

  /// The element of a view at a position of the shape it is broadcast to.
  static func element(_ x: NDArray, _ position: [Int]) -> Double {
    var place = x.view.offset
    for axis in 0..<x.rank where x.shape[axis] != 1 {
      place += position[position.count - x.rank + axis] * x.view.strides[axis]
    }
    return x.view.storage.pointer.load(fromByteOffset: place * 8, as: Double.self)
  }

  static func positions(_ shape: Shape) -> [[Int]] {
    shape.reduce([[]]) { list, extent in list.flatMap { prefix in (0..<extent).map { prefix + [$0] } } }
  }

  static func noise(_ shape: Shape, _ random: inout TestRandom) -> NDArray {
    NDArray((0..<shape.elementCount).map { _ in Double.random(in: -4...4, using: &random) }, shape: shape)
  }

  /// The same array, transposed, reversed or sliced out of a larger one: other strides.
  static func variants(_ x: NDArray) -> [NDArray] {
    if x.rank == 0 { return [x] }
    let axes = Array(x.shape.indices)
    return [
      x, x.permuted(axes.reversed()).contiguous().permuted(axes.reversed()), x.flipped(0),
      x.flipped(x.rank - 1).contiguous().flipped(x.rank - 1),
    ]
  }

  @Test func shapesBroadcastAndStridesAreFollowed() {
    var random = TestRandom(seed: 21)
    for (a, b) in ElementwiseTests.shapes {
      let (x, y) = (ElementwiseTests.noise(a, &random), ElementwiseTests.noise(b, &random))
      for x in ElementwiseTests.variants(x) {
        for y in ElementwiseTests.variants(y) {
          let difference = x - y
          #expect(difference.shape == x.shape.broadcast(with: y.shape))
          let expected = ElementwiseTests.positions(difference.shape).map {
            ElementwiseTests.element(x, $0) - ElementwiseTests.element(y, $0)
          }
          #expect(difference.scalars(as: Double.self) == expected, "\(a) \(b)")
          #expect((y - x).scalars(as: Double.self) == expected.map { -$0 })
          let smaller = (x .< y).values
          #expect(smaller == expected.map { $0 < 0 })
          #expect((x .< y).select(x, y) == x.minimum(y))
        }
        #expect((-x).scalars(as: Double.self) == ElementwiseTests.positions(x.shape).map { -ElementwiseTests.element(x, $0) })
        #expect(
          (2 / x).scalars(as: Double.self) == ElementwiseTests.positions(x.shape).map { 2 / ElementwiseTests.element(x, $0) })
      }
    }
  }

  @Test func arithmeticInPlaceUsesItsMemoryAndSparesCopies() {
    var x = NDArray([1, 2, 3, 4] as [Double], shape: [2, 2])
    let address = x.view.storage.pointer
    x += NDArray([10, 20] as [Double])
    x *= 2
    #expect(x.scalars(as: Double.self) == [22, 44, 26, 48])
    #expect(x.view.storage.pointer == address)
    let copy = x
    x -= 1
    #expect(copy.scalars(as: Double.self) == [22, 44, 26, 48])
    #expect(x.scalars(as: Double.self) == [21, 43, 25, 47])
    x += x
    #expect(x.scalars(as: Double.self) == [42, 86, 50, 94])
    var row = copy[0]
    row += 1
    #expect(copy.scalars(as: Double.self) == [22, 44, 26, 48] && row.scalars(as: Double.self) == [23, 45])
  }

  @Test func aGivenOutputIsWrittenWhereItIsUnique() {
    let x = NDArray([0, 1, 4] as [Float])
    var out = NDArray.zeros([3])
    let address = out.view.storage.pointer
    NDArray.map(.squareRoot, x, into: &out)
    NDArray.combine(.addition, out, x, into: &out)
    #expect(out.scalars(as: Float.self) == [0, 2, 6])
    var second = NDArray.zeros([3])
    let kept = second
    NDArray.map(.square, x, into: &second)
    #expect(kept.scalars(as: Float.self) == [0, 0, 0] && second.scalars(as: Float.self) == [0, 1, 16])
    _ = address
  }

  @Test func parametersArriveAndKinksAreWhereTheyBelong() {
    let x = NDArray([-2, -1, -0.0, 0, 1, 2] as [Double])
    #expect(x.relu().scalars(as: Double.self) == [0, 0, 0, 0, 1, 2])
    #expect(x.leakyRelu(slope: 0.5).scalars(as: Double.self) == [-1, -0.5, 0, 0, 1, 2])
    #expect(x.clipped(minimum: -1, maximum: 1).scalars(as: Double.self) == [-1, -1, 0, 0, 1, 1])
    #expect(x.clipped(maximum: 0.5).scalars(as: Double.self) == [-2, -1, 0, 0, 0.5, 0.5])
    #expect(x.hardTanh().scalars(as: Double.self) == [-1, -1, 0, 0, 1, 1])
    #expect(x.sign().scalars(as: Double.self) == [-1, -1, 0, 0, 1, 1])
    #expect(x.pow(2).scalars(as: Double.self) == [4, 1, 0, 0, 1, 4])
    #expect(x.pow(3).scalars(as: Double.self) == [-8, -1, 0, 0, 1, 8])
    #expect(x.maximum(0.5).scalars(as: Double.self) == [0.5, 0.5, 0.5, 0.5, 1, 2])
    #expect(
      x.elu(alpha: 2).isClose(to: NDArray([-1.7293294335267746, -1.2642411176571153, 0, 0, 1, 2] as [Double]), relative: 1e-15))
    #expect(x.softplus(beta: 2).isClose(to: (1 + (2 * x).exp()).log() / 2, relative: 1e-14))
    let nan = NDArray([Double.nan])
    for y in [
      nan.relu(), nan.clipped(minimum: -1, maximum: 1), nan.minimum(0), nan.maximum(0), nan.tanh(), nan.sigmoid(), nan.exp(),
    ] {
      #expect(y.item.isNaN)
    }
  }

  @Test func multiplyAddBroadcasts() {
    let x = NDArray([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    let y = x.multiplied(by: NDArray([1, 10, 100] as [Float]), adding: NDArray([0.5, -0.5] as [Float], shape: [2, 1]))
    #expect(y.scalars(as: Float.self) == [1.5, 20.5, 300.5, 3.5, 49.5, 599.5])
  }
}
