import Testing
import UnrollKernelTemplates
import UnrollTestSupport

@testable import UnrollArrays

/// Products of arrays: shapes, batches and strides. The arithmetic itself is `ProductTests`' business.
@Suite struct MatmulTests {
  static func numbers(_ shape: Shape, _ seed: UInt64) -> NDArray {
    var random = TestRandom(seed: seed)
    return NDArray((0..<shape.elementCount).map { _ in Double.random(in: -1...1, using: &random) }, shape: shape)
  }

  /// The definition, for matrices with leading axes of one shape.
  static func loops(_ a: NDArray, _ b: NDArray) -> NDArray {
    let (m, k, n) = (a.shape[a.rank - 2], a.shape[a.rank - 1], b.shape[b.rank - 1])
    let batch = Shape(a.shape.dropLast(2))
    let (x, y) = (a.scalars(as: Double.self), b.scalars(as: Double.self))
    var c = [Double](repeating: 0, count: batch.elementCount * m * n)
    for p in 0..<batch.elementCount {
      for i in 0..<m {
        for j in 0..<n {
          for l in 0..<k { c[(p * m + i) * n + j] += x[(p * m + i) * k + l] * y[(p * k + l) * n + j] }
        }
      }
    }
    return NDArray(c, shape: Shape(Array(batch) + [m, n]))
  }

  @Test(arguments: [
    ([3, 4], [4, 5], [3, 5]), ([4], [4, 5], [5]), ([3, 4], [4], [3]), ([4], [4], []), ([2, 3, 4], [4, 5], [2, 3, 5]),
    ([3, 4], [2, 4, 5], [2, 3, 5]), ([2, 1, 3, 4], [7, 4, 5], [2, 7, 3, 5]), ([0, 4], [4, 5], [0, 5]),
    ([3, 0], [0, 5], [3, 5]), ([2, 3, 4], [4], [2, 3]), ([4], [2, 4, 5], [2, 5]), ([0, 3, 4], [4, 5], [0, 3, 5]),
  ])
  func shapes(_ a: [Int], _ b: [Int], _ c: [Int]) {
    let (x, y) = (Self.numbers(Shape(a), 1), Self.numbers(Shape(b), 2))
    let product = x.matmul(y)
    #expect(product.shape == Shape(c))
    // Vectors as matrices, then everything broadcast to one batch.
    let left = x.rank == 1 ? x.expandingAxis(0) : x
    let right = y.rank == 1 ? y.expandingAxis(1) : y
    let batch = Shape(left.shape.dropLast(2)).broadcast(with: Shape(right.shape.dropLast(2))) ?? []
    let expected = Self.loops(
      left.broadcast(to: Shape(Array(batch) + left.shape.suffix(2))),
      right.broadcast(to: Shape(Array(batch) + right.shape.suffix(2))))
    #expect(product.isClose(to: expected.reshaped(Shape(c)), relative: 1e-12, absolute: 1e-14))
  }

  @Test func stridesAreReadWhereTheyLie() {
    let x = Self.numbers([6, 5, 7], 3)
    let a = x[.every(2), 3, .every(-1)]
    let b = x.permuted([2, 0, 1])[.all, 1...4, 2]
    #expect(a.matmul(b).isClose(to: Self.loops(a.contiguous(), b.contiguous()), relative: 1e-12, absolute: 1e-14))
    let batch = x.permuted([1, 2, 0])
    let square = Self.numbers([6, 6], 5).transposed()
    #expect(
      batch.matmul(square).isClose(
        to: Self.loops(batch.contiguous(), square.broadcast(to: [5, 6, 6])), relative: 1e-12, absolute: 1e-14))
  }

  @Test func aPackedFactorGivesTheSameBits() {
    for shape in [[5, 40], [40], [2, 3, 40]] as [Shape] {
      let a = Self.numbers(shape, 1)
      let b = Self.numbers([50, 40], 2).transposed()
      let packed = a.matmul(PackedMatrix(b))
      let same = packed.isClose(to: a.matmul(b), relative: 1e-12, absolute: 1e-14)
      #expect(same && packed.shape == a.matmul(b).shape)
    }
    #expect(NDArray.zeros([2, 0]).matmul(PackedMatrix(NDArray.zeros([0, 3]))) == NDArray.zeros([2, 3]))
    #expect(NDArray.zeros([2, 3]).matmul(PackedMatrix(NDArray.zeros([3, 0]))).shape == [2, 0])
  }

  @Test func aFactorPackedInPartsGivesTheSameBits() {
    let (a, b) = (Self.numbers([7, 50], 1), Self.numbers([50, 90], 2))
    let inParts = PackedMatrix(rows: 50, columns: 90, .float64)
    b.read { b in
      for rows in [30..<50, 0..<1, 1..<30] { inParts.pack(b + rows.lowerBound * 90 * 8, row: 90, rows: rows) }
    }
    #expect(a.matmul(inParts) == a.matmul(PackedMatrix(b)))
  }

  /// Columns a power of two apart are copied before they meet many panels.
  @Test func columnsFarApart() {
    let (a, b) = (Self.numbers([300, 256], 1).transposed(), Self.numbers([300, 140], 2))
    #expect(a.matmul(b) == a.contiguous().matmul(b))
  }

  @Test(arguments: [0, 5, 100_000], [0, 20])
  func whatIsBroughtNearChangesNothing(_ byteCount: Int, _ depth: Int) {
    let (a, b) = (Self.numbers([30, depth], 1), PackedMatrix(Self.numbers([depth, 70], 2)))
    let result = NDArray(uninitialized: [30, 70], .float64)
    a.read { x in
      result.fill { z in
        var product = Product(
          a: Operand(x, row: depth, column: 1), b: .packed(UnsafeRawPointer(b.storage.pointer)),
          c: Target(z, row: 70, accumulates: false, bias: nil), rows: 30, columns: 70, depth: depth)
        product.ahead = Region(x, byteCount: byteCount)
        product.run(Machine.kernels(for: .float64).products, elementSize: 8)
      }
    }
    #expect(result == a.matmul(b))
  }

  @Test func intoATarget() {
    let (a, b) = (Self.numbers([3, 4], 1), Self.numbers([4, 5], 2))
    var c = NDArray.ones([3, 5], .float64)
    let address = c.read { $0 }
    NDArray.multiply(a, b, into: &c, accumulating: true, scale: -2)
    let scaled = Self.loops(a, b).scalars(as: Double.self).map { 1 - 2 * $0 }
    #expect(c.isClose(to: NDArray(scaled, shape: [3, 5]), relative: 1e-12, absolute: 1e-14))
    #expect(c.read { $0 } == address)
    NDArray.multiply(a, b, into: &c, bias: NDArray.range(5, .float64))
    let plain = Self.loops(a, b).scalars(as: Double.self).enumerated().map { $1 + Double($0 % 5) }
    #expect(c.isClose(to: NDArray(plain, shape: [3, 5]), relative: 1e-12, absolute: 1e-14))
    let shared = c
    NDArray.multiply(a, b, into: &c)
    #expect(shared.isClose(to: NDArray(plain, shape: [3, 5]), relative: 1e-12, absolute: 1e-14), "a copy keeps its elements")
    var slice = NDArray.zeros([6, 5], .float64)[.every(2)]
    NDArray.multiply(a, b, into: &slice)
    #expect(slice.isClose(to: Self.loops(a, b), relative: 1e-12, absolute: 1e-14))
  }

  @Test(arguments: [(1, 70), (2, 300), (13, 40), (40, 33)])
  func aFunctionAfterTheProduct(_ rows: Int, _ columns: Int) {
    let (a, b) = (Self.numbers([rows, 9], 1), Self.numbers([9, columns], 2))
    for right in [b, b.transposed().contiguous().transposed()] {
      var fused = NDArray.zeros([rows, columns], .float64)
      NDArray.multiply(a, right, into: &fused, bias: NDArray.ones([columns], .float64), then: .tanh)
      var plain = NDArray.zeros([rows, columns], .float64)
      NDArray.multiply(a, right, into: &plain, bias: NDArray.ones([columns], .float64))
      #expect(fused == plain.tanh())
    }
  }
}
