import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

/// What operations say that look at shapes before the arrays do.
@Suite struct OperationMessageTests {
  @Test func axesOfMoments() async {
    let far = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor([1, 2]).variance(axes: 9)
    }
    #expect(stopSentence(far) == "variance: axis 9 is out of range for 1 axes")
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 1]).standardDeviation(axes: 1, correction: 1)
    }
    #expect(
      stopSentence(none) == "standardDeviation: a correction of 1 is too large for 1 elements along axes [1] of shape [2, 1]")
    let product = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor([1, 2]).product(axis: 4)
    }
    #expect(stopSentence(product) == "product: axis 4 is out of range for 1 axes")
  }

  @Test func recurrences() async {
    let wide = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.linearRecurrence(Tensor.ones([5, 2, 3]), Tensor.ones([5, 1, 3]))
    }
    #expect(
      stopSentence(wide) == "linearRecurrence: coefficients of shape [5, 2, 3] do not broadcast to shape [5, 1, 3]")
    let state = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.linearRecurrence(Tensor.ones([3]), Tensor.ones([5, 2, 3]), from: Tensor.ones([4, 3]))
    }
    #expect(stopSentence(state) == "linearRecurrence: a state of shape [4, 3] is not a step of shape [5, 2, 3]")
    let odd = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.linearRecurrence(Tensor.ones([3]), Tensor.ones([5, 2, 3]), isComplex: true)
    }
    #expect(
      stopSentence(odd) == "linearRecurrence: shapes [3] and [5, 2, 3] do not end in real and imaginary parts")
    let scalar = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.linearRecurrence(Tensor(1), Tensor(1))
    }
    #expect(stopSentence(scalar) == "linearRecurrence: a scalar has no steps")
  }

  @Test func triangles() async {
    let vector = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor([1, 2]).diagonal()
    }
    #expect(stopSentence(vector) == "diagonal: shape [2] has fewer than two axes")
    let lower = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor([1, 2]).lowerTriangle()
    }
    #expect(stopSentence(lower) == "lowerTriangle: shape [2] has fewer than two axes")
    let x = Tensor.ones([2, 2])
    expectClose(x.lowerTriangle(diagonal: .max), x)
    expectClose(x.upperTriangle(diagonal: .min), x)
    expectClose(x.lowerTriangle(diagonal: .min), x.zerosLike)
  }

  @Test func productsByLetters() async {
    let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.einsum("ij,jk", Tensor.ones([2, 3]))
    }
    #expect(stopSentence(count) == "einsum: ij,jk has 2 operands, 1 are given")
    let rank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.einsum("ij", Tensor.ones([2]))
    }
    #expect(stopSentence(rank) == "einsum: ij of ij names 2 axes, the operand of shape [2] has 1")
    let extent = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.einsum("ij,jk", Tensor.ones([2, 3]), Tensor.ones([4, 5]))
    }
    #expect(stopSentence(extent) == "einsum: j of ij,jk has extent 3 and extent 4")
    let output = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.einsum("i->k", Tensor.ones([2]))
    }
    #expect(stopSentence(output) == "einsum: the output of i->k has a letter twice, or one that no operand has")
    let sign = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.einsum("i.j", Tensor.ones([2, 3, 4]))
    }
    #expect(stopSentence(sign) == "einsum: i.j names axes by characters other than letters")
    let dot = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2]).dot(Tensor.ones([3]))
    }
    #expect(stopSentence(dot) == "dot: shapes [2] and [3] are not two vectors of the same length")
    let outer = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 2]).outer(Tensor.ones([3]))
    }
    #expect(stopSentence(outer) == "outer: shapes [2, 2] and [3] are not two vectors")
  }

  @Test func factors() async {
    let wide = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]).qr()
    }
    #expect(stopSentence(wide) == "qr: a matrix of shape [2, 3] has more columns than rows; factor its transpose")
    let vector = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2]).qr()
    }
    #expect(stopSentence(vector) == "qr: shape [2] has fewer than two axes")
    let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2]).repeated(-1, axis: 0)
    }
    #expect(stopSentence(negative) == "repeated: count -1 is negative")
    let types = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.identity(2).solvedTriangular(Tensor.ones([2, 1], .float64), upper: true)
    }
    #expect(stopSentence(types) == mixing("solvedTriangular"))
  }

  @Test func joining() async {
    let split = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]).split([1, .max], axis: 1)
    }
    #expect(stopSentence(split) == "split: parts of [1, 9223372036854775807] do not make up the extent 3 of axis 1")
    let chunks = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]).chunks(0, axis: 1)
    }
    #expect(stopSentence(chunks) == "chunks: count 0 is not positive")
    let stack = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.stack([Tensor.ones([2]), Tensor.ones([3])])
    }
    #expect(stopSentence(stack) == "stack: shapes [2] and [3] differ")
    let nothing = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.concatenate([], axis: 0)
    }
    #expect(stopSentence(nothing) == "concatenate: there are no tensors")
  }

  @Test func products() async {
    let inner = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = gradient(at: Tensor.ones([2, 2, 3])) { $0.matmul(Tensor.ones([2, 4])).sum() }
    }
    #expect(stopSentence(inner) == "matmul: shapes [2, 2, 3] and [2, 4] do not fit: their inner extents differ")
    let bias = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]).affine(Tensor.ones([3, 4]), bias: Tensor.ones([3]))
    }
    #expect(stopSentence(bias) == "affine: shapes [2, 3], [3, 4] and bias [3] do not fit")
  }
}
