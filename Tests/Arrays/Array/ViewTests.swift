import Testing
import UnrollTestSupport

@testable import UnrollArrays

/// The algebra of views against index arithmetic, over random shapes and random chains of operations.
@Suite struct ViewTests {
  /// An array as a function of positions: what every view is compared with.
  struct Model {
    var shape: [Int]
    var element: ([Int]) -> Double

    var numbers: [Double] {
      var result: [Double] = []
      func visit(_ prefix: [Int]) {
        if prefix.count == shape.count { return result.append(element(prefix)) }
        for i in 0..<shape[prefix.count] { visit(prefix + [i]) }
      }
      visit([])
      return result
    }
  }

  static func start(_ random: inout TestRandom) -> (NDArray, Model) {
    let shape = (0..<Int.random(in: 1...4, using: &random)).map { _ in [0, 1, 1, 2, 3, 4, 5].randomElement(using: &random) ?? 1
    }
    let numbers = (0..<shape.reduce(1, *)).map(Double.init)
    let model = Model(shape: shape) { position in
      numbers[zip(position, shape).reduce(0) { $0 * $1.1 + $1.0 }]
    }
    return (NDArray(numbers, shape: Shape(shape)), model)
  }

  /// One random operation on both.
  static func step(_ array: NDArray, _ model: Model, _ random: inout TestRandom) -> (NDArray, Model) {
    let rank = model.shape.count
    let axis = rank == 0 ? 0 : Int.random(in: 0..<rank, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0 where rank > 0:
      let order = Array(0..<rank).shuffled(using: &random)
      let shape = order.map { model.shape[$0] }
      return (
        array.permuted(order),
        Model(shape: shape) { position in
          var original = [Int](repeating: 0, count: rank)
          for (k, axis) in order.enumerated() { original[axis] = position[k] }
          return model.element(original)
        }
      )
    case 1 where rank > 0:
      let step = [-2, -1, 1, 2].randomElement(using: &random) ?? 1
      let taken = Array(
        Swift.stride(from: step > 0 ? 0 : model.shape[axis] - 1, through: step > 0 ? model.shape[axis] - 1 : 0, by: step))
      var shape = model.shape
      shape[axis] = taken.count
      let selections =
        (0..<axis).map { _ in AxisSelection.range(start: nil, end: nil, step: 1) }
        + [.range(start: nil, end: nil, step: step)]
      return (
        NDArray(view: array.view.selecting(selections), type: array.type),
        Model(shape: shape) { position in
          var original = position
          original[axis] = taken[position[axis]]
          return model.element(original)
        }
      )
    case 2 where rank > 0 && model.shape[axis] > 0:
      let index = Int.random(in: 0..<model.shape[axis], using: &random)
      var shape = model.shape
      shape.remove(at: axis)
      return (
        NDArray(view: array.view.selecting(axis, index - model.shape[axis]), type: array.type),
        Model(shape: shape) { position in
          var original = position
          original.insert(index, at: axis)
          return model.element(original)
        }
      )
    case 3 where rank < 5:
      var shape = model.shape
      shape.insert(1, at: axis)
      return (
        array.expandingAxis(axis),
        Model(shape: shape) { position in
          var original = position
          original.remove(at: axis)
          return model.element(original)
        }
      )
    case 4 where rank < 5:
      let shape = [2] + model.shape.map { $0 == 1 ? 3 : $0 }
      let extents = model.shape
      return (
        array.broadcast(to: Shape(shape)),
        Model(shape: shape) { position in
          model.element(zip(position.dropFirst(), extents).map { $1 == 1 ? 0 : $0 })
        }
      )
    case 5:
      let count = model.shape.reduce(1, *)
      let numbers = model.numbers
      let shape =
        [[count], [1, count], [2, count / 2], [count / 3, 3]].filter { $0.reduce(1, *) == count }
        .randomElement(using: &random) ?? [count]
      return (
        array.reshaped(Shape(shape)),
        Model(shape: shape) { position in numbers[zip(position, shape).reduce(0) { $0 * $1.1 + $1.0 }] }
      )
    default: return (array, model)
    }
  }

  @Test(arguments: 0..<20)
  func chainsOfOperations(_ seed: Int) {
    var random = TestRandom(seed: UInt64(seed))
    for _ in 0..<20 {
      var (array, model) = Self.start(&random)
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        (array, model) = Self.step(array, model, &random)
        if model.shape.reduce(1, *) > 2000 { break }
        #expect(array.shape == Shape(model.shape))
        let equal = array.scalars(as: Double.self) == model.numbers
        #expect(equal, "shape \(array.shape), strides \(array.view.strides)")
      }
    }
  }

  @Test func reshapingCopiesOnlyWhenItMust() {
    let x = NDArray.range(24).reshaped([2, 3, 4])
    func shares(_ a: NDArray) -> Bool { a.view.storage === x.view.storage }
    #expect(shares(x.reshaped([4, 6])))
    #expect(shares(x.transposed(0, 1).reshaped([3, 2, 2, 2])))
    #expect(!shares(x.transposed().reshaped([24])))
    #expect(shares(x[.all, 1].reshaped([2, 2, 2])))
    #expect(!shares(x[.all, 0..<2, 0..<2].reshaped([8])))
  }

  @Test func copiesOfEveryKindOfPlane() {
    for (rows, columns) in [(1, 1), (3, 50), (64, 64), (65, 33), (16, 400), (1000, 300)] {
      for type in ElementType.allCases {
        let x = NDArray.range(rows * columns, type).reshaped([rows, columns])
        let turned = x.transposed().contiguous()
        #expect(turned.view.isContiguous)
        let numbers = turned.scalars(as: Double.self)
        let expected = (0..<columns).flatMap { j in (0..<rows).map { i in Double(i * columns + j) } }
        #expect(numbers == expected.map { type == .float32 ? Double(Float($0)) : $0 })
        let back = turned.transposed()[.every(-1)].contiguous()[.every(-1)] == x
        #expect(back)
      }
    }
  }

  @Test func masksAndIndicesShareTheAlgebra() {
    let ids = Indices(Array(0..<6), shape: [2, 3])
    #expect(ids.transposed().values == [0, 3, 1, 4, 2, 5])
    #expect(ids[.all, -1].values == [2, 5])
    #expect(ids.reshaped([3, -1]).shape == [3, 2])
    #expect(ids[1].broadcast(to: [2, 3]).values == [3, 4, 5, 3, 4, 5])
    let mask = Mask([true, false, true, true], shape: [2, 2])
    #expect(mask.permuted([1, 0]).values == [true, true, false, true])
    #expect((!mask).values == [false, true, false, false])
    #expect((mask & [true, false]).values == [true, false, true, false])
    #expect((mask | Mask([true])).allTrue)
    #expect(mask.array(.float64).scalars(as: Double.self) == [1, 0, 1, 1])
  }
}
