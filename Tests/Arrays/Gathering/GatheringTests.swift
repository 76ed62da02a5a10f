import Testing
import UnrollTestSupport

@testable import UnrollArrays

/// Gathering and scattering against loops over positions, along every axis, of contiguous arrays and views.
@Suite struct GatheringTests {
  static let shapes: [Shape] = [[5], [3, 4], [2, 3, 4], [4, 1, 3], [2, 3, 70], [3, 0]]

  static func indices(_ shape: Shape, below extent: Int) -> Indices {
    var random = TestRandom(seed: UInt64(shape.elementCount) + 5)
    return Indices((0..<shape.elementCount).map { _ in Int(random.next() % UInt64(extent)) }, shape: shape)
  }

  /// Every position of a shape, in row-major order.
  static func positions(_ shape: Shape) -> [[Int]] {
    (0..<shape.elementCount).map { index in
      var rest = index
      var position = [Int](repeating: 0, count: shape.count)
      for axis in shape.indices.reversed() {
        position[axis] = rest % shape[axis]
        rest /= shape[axis]
      }
      return position
    }
  }

  static func flat(_ position: [Int], _ shape: Shape) -> Int { zip(position, shape).reduce(0) { $0 * $1.1 + $1.0 } }

  @Test(arguments: shapes, [false, true])
  func elementsAlongAnAxis(_ shape: Shape, _ turned: Bool) {
    let plain = ReductionTests.numbers(shape, .float32)
    let x = turned ? plain.transposed().contiguous().transposed() : plain
    let values = x.scalars(as: Float.self)
    for axis in shape.indices where shape[axis] > 0 {
      var wanted = shape
      wanted[axis] = 6
      let indices = Self.indices(wanted, below: shape[axis])
      let (numbers, places) = (indices.values, Self.positions(wanted))
      let sources = places.indices.map { i in
        var source = places[i]
        source[axis] = numbers[i]
        return Self.flat(source, shape)
      }
      let gathered = x.gathered(elements: indices, axis: axis)
      #expect(gathered.shape == wanted)
      #expect(gathered.scalars(as: Float.self) == sources.map { values[$0] }, "\(shape) axis \(axis)")
      var sums = values
      for (i, source) in sources.enumerated() { sums[source] += gathered.scalars(as: Float.self)[i] }
      #expect(x.scatteredAdding(gathered, elements: indices, axis: axis).scalars(as: Float.self) == sums)
    }
  }

  @Test(arguments: shapes, [false, true])
  func positionsOfAnAxis(_ shape: Shape, _ turned: Bool) {
    let plain = ReductionTests.numbers(shape, .float64)
    let x = turned ? plain.transposed().contiguous().transposed() : plain
    for axis in shape.indices where shape[axis] > 0 {
      let indices = Self.indices([2, 3], below: shape[axis])
      let gathered = x.gathered(positions: indices, axis: axis)
      let slices = indices.values.map { NDArray(view: x.view.sliced(axis, start: $0, count: 1, step: 1), type: x.type) }
      var wanted = Shape(shape[..<axis]) + [2, 3]
      for extent in shape[(axis + 1)...] { wanted = wanted + [extent] }
      #expect(gathered == NDArray.concatenate(slices, axis: axis).reshaped(Shape(wanted)), "\(shape) axis \(axis)")
      // Added one by one, in the order of the indices.
      var sums = x.contiguous().transposed(0, axis).contiguous()
      let added = gathered.reshaped(NDArray.concatenate(slices, axis: axis).shape).transposed(0, axis).contiguous()
      for (k, row) in indices.values.enumerated() {
        let sum = zip(sums[row].scalars(as: Double.self), added[k].scalars(as: Double.self)).map { $0 + $1 }
        sums[row] = NDArray(sum, shape: sums[row].shape)
      }
      #expect(x.scatteredAdding(gathered, positions: indices, axis: axis) == sums.transposed(0, axis), "\(shape) axis \(axis)")
    }
  }

  @Test func rowsOfATable() {
    let table = NDArray.range(6).reshaped([3, 2])
    let ids = Indices([2, 0, 2, 1], shape: [2, 2])
    #expect(table.gathered(rows: ids) == NDArray([4, 5, 0, 1, 4, 5, 2, 3] as [Float], shape: [2, 2, 2]))
    #expect(table.gathered(rows: ids.transposed()) == NDArray([4, 5, 4, 5, 0, 1, 2, 3] as [Float], shape: [2, 2, 2]))
    #expect(table.gathered(rows: []).shape == [0, 2])
    #expect(table.scatteredAdding(.ones([2, 2, 2]), rows: ids) == NDArray([1, 2, 3, 4, 6, 7] as [Float], shape: [3, 2]))
    #expect(table.scatteredAdding(.ones([0, 2]), rows: []) == table)
    #expect(table == NDArray.range(6).reshaped([3, 2]), "the table stays as it was")
  }

  @Test func wideRowsAddTheSameOnAnyNumberOfThreads() {
    let values = ReductionTests.numbers([500, 300], .float32)
    let ids = Self.indices([500], below: 7)
    let results = onThreads { NDArray.zeros([7, 300]).scatteredAdding(values, rows: ids) }
    #expect(results.allSatisfy { $0 == results[0] })
  }
}
