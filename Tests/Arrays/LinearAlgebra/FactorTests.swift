import Testing
import UnrollArrays
import UnrollTestSupport

/// Factorisations against what they are by definition.
@Suite struct FactorTests {
  static let shapes: [Shape] = [[1, 1], [2, 2], [3, 2], [2, 3], [5, 5], [17, 9], [2, 3, 4, 3], [40, 40]]

  private func draw(_ shape: Shape, _ type: ElementType = .float64) -> NDArray {
    var generator = Generator(seed: 3)
    return NDArray.normal(shape, type, using: &generator)
  }

  /// The elements at some rows and columns, zeros elsewhere.
  private func part(_ a: NDArray, _ isKept: (Int, Int) -> Bool) -> NDArray {
    let (m, n) = (a.shape[a.rank - 2], a.shape[a.rank - 1])
    let kept = (0..<(m * n)).map { isKept($0 / n, $0 % n) ? 1.0 : 0.0 }
    return a * NDArray(kept, shape: [m, n])
  }

  @Test(arguments: shapes) func factorsMultiplyToTheMatrix(_ shape: Shape) {
    let a = draw(shape)
    let (q, r) = a.qr()
    #expect(q.matmul(r).isClose(to: a, relative: 0, absolute: 1e-13))
    let k = q.shape[q.rank - 1]
    let products = q.transposed(-2, -1).matmul(q)
    #expect(products.isClose(to: NDArray.identity(k, .float64).broadcast(to: products.shape), relative: 0, absolute: 1e-13))
    #expect(part(r) { $0 > $1 } == NDArray.zeros(r.shape, .float64))
    #expect(r.diagonal().min().item >= 0)
  }

  @Test func float32IsRoundedOnce() {
    let a = draw([6, 4], .float32)
    let (q, r) = a.qr()
    let wide = a.cast(to: .float64).qr()
    #expect(q == wide.q.cast(to: .float32) && r == wide.r.cast(to: .float32))
    #expect(a.singularValues() == a.cast(to: .float64).singularValues().cast(to: .float32))
  }

  @Test func hugeAndTinyColumnsKeepTheirDigits() {
    for scale in [1e-170, 1e170] {
      let a = draw([4, 3])
      #expect((a * scale).qr().q.isClose(to: a.qr().q, relative: 0, absolute: 1e-13))
      #expect((a * scale).singularValues().isClose(to: a.singularValues() * scale, relative: 1e-13, absolute: 0))
    }
    #expect(NDArray.zeros([3, 2], .float64).qr().r == NDArray.zeros([2, 2], .float64))
  }

  @Test func emptyMatrices() {
    #expect(NDArray.zeros([0, 3]).qr().r.shape == [0, 3])
    #expect(NDArray.zeros([3, 0]).qr().q.shape == [3, 0])
    #expect(NDArray.zeros([0, 3, 2]).singularValues().shape == [0, 2])
    #expect(NDArray.zeros([3, 0]).singularValues().shape == [0])
    #expect(NDArray.zeros([0, 0]).symmetricEigen().vectors.shape == [0, 0])
    #expect(NDArray.zeros([2, 2]).solvedTriangular(NDArray.zeros([2, 0]), upper: true).shape == [2, 0])
  }

  /// The squares of singular values are the eigenvalues of Aᵀ A; their product is that of the diagonal of R.
  @Test(arguments: shapes) func singularValuesAreThoseOfTheSquare(_ shape: Shape) {
    let a = draw(shape)
    let values = a.singularValues()
    let tall = shape[shape.count - 2] >= shape[shape.count - 1]
    let square = tall ? a.transposed(-2, -1).matmul(a) : a.matmul(a.transposed(-2, -1))
    let eigenvalues = square.symmetricEigen().values.flipped(-1)
    #expect((values * values).isClose(to: eigenvalues, relative: 1e-9, absolute: 1e-11))
    let (_, r) = (tall ? a : a.transposed(-2, -1)).qr()
    #expect(values.product(axes: -1).isClose(to: r.diagonal().product(axes: -1), relative: 1e-10, absolute: 0))
  }

  @Test func knownSingularValues() {
    let a = NDArray([3, 0, 0, 4, 0, 0] as [Double], shape: [2, 3])
    #expect(a.singularValues().isClose(to: NDArray([5, 0] as [Double]), relative: 1e-15, absolute: 1e-15))
    let rotation = NDArray([0.6, -0.8, 0.8, 0.6] as [Double], shape: [2, 2])
    #expect((rotation * 7).singularValues().isClose(to: NDArray([7, 7] as [Double]), relative: 1e-15, absolute: 0))
  }

  /// The smallest of a Hilbert matrix's values lies ten orders below its largest, and is known.
  @Test func smallValuesKeepTheirDigits() {
    let entries = (0..<8).flatMap { i in (0..<8).map { j in 1 / Double(i + j + 1) } }
    let values = NDArray(entries, shape: [8, 8]).singularValues()
    #expect(abs(values[0].item / 1.695938996921949 - 1) < 1e-14)
    #expect(abs(values[7].item / 1.111538966372442e-10 - 1) < 1e-5)
  }

  @Test(arguments: [1, 2, 3, 12, 30]) func eigenvectorsDiagonalise(_ n: Int) {
    let a = draw([2, n, n])
    let symmetric = a + a.transposed(-2, -1)
    let (values, vectors) = symmetric.symmetricEigen()
    #expect(symmetric.matmul(vectors).isClose(to: vectors * values.expandingAxis(1), relative: 0, absolute: 1e-12))
    let products = vectors.transposed(-2, -1).matmul(vectors)
    #expect(products.isClose(to: NDArray.identity(n, .float64).broadcast(to: products.shape), relative: 0, absolute: 1e-13))
    #expect(n == 1 || (values[.all, 1...] - values[.all, ..<(-1)]).min().item >= 0)
  }

  @Test(arguments: [true, false], [true, false]) func trianglesAreSolved(_ upper: Bool, _ transposed: Bool) {
    let a = draw([2, 5, 5]) + NDArray.identity(5, .float64) * 5
    let b = draw([2, 5, 3])
    let x = a.solvedTriangular(b, upper: upper, transposed: transposed)
    let triangle = part(a) { upper ? $0 <= $1 : $0 >= $1 }
    let product = (transposed ? triangle.transposed(-2, -1) : triangle).matmul(x)
    #expect(product.isClose(to: b, relative: 0, absolute: 1e-13))
  }

  @Test func notANumberIsNotHidden() {
    let a = NDArray([1, .nan, 2, 3] as [Double], shape: [2, 2])
    #expect((a.qr().r .!= a.qr().r).anyTrue)
    #expect((a.singularValues() .!= a.singularValues()).anyTrue)
  }
}

/// What cannot be factored stops with a sentence.
@Suite struct FactorMessageTests {
  @Test func messages() async {
    var result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = NDArray.zeros([3]).qr() }
    #expect(stopSentence(result) == "qr: shape [3] has fewer than two axes")
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NDArray.zeros([3]).singularValues()
    }
    #expect(stopSentence(result) == "singularValues: shape [3] has fewer than two axes")
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NDArray.zeros([2, 3]).symmetricEigen()
    }
    #expect(stopSentence(result) == "symmetricEigen: shape [2, 3] is not one of square matrices")
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NDArray([1, 2, 3, 4], shape: [2, 2]).symmetricEigen()
    }
    #expect(
      stopSentence(result) == "symmetricEigen: the matrix is not symmetric: an element differs from its mirror image by 1.0")
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NDArray.identity(3).solvedTriangular(NDArray.ones([2, 3]), upper: true)
    }
    #expect(stopSentence(result) == "solvedTriangular: shapes [3, 3] and [2, 3] do not fit: [..., n, n] and [..., n, k] do")
  }
}
