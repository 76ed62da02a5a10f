import Testing
import UnrollTestSupport

@testable import UnrollArrays

/// Layer normalisation of arrays: against means and variances, at its limits, and on any number of threads.
@Suite struct LayerNormTests {
  private func numbers(_ shape: Shape, _ type: ElementType = .float64) -> NDArray { ReductionTests.numbers(shape, type) }

  @Test(arguments: ElementType.allCases)
  func equalsMomentsTakenApart(_ type: ElementType) {
    let (x, scale, shift) = (numbers([5, 3, 37], type), numbers([37], type), numbers([37], type) + 1)
    let (y, moments) = x.layerNorm(scale: scale, shift: shift, epsilon: 0.1)
    let mean = x.mean(axes: -1, keepingAxes: true)
    let r = (x.variance(axes: -1, keepingAxes: true) + 0.1).reciprocalSquareRoot()
    let tolerance = type == .float32 ? 1e-5 : 1e-13
    #expect(y.isClose(to: (x - mean) * r * scale + shift, relative: tolerance, absolute: tolerance))
    #expect(moments[.all, 0].isClose(to: mean.reshaped([15]), relative: tolerance, absolute: tolerance))
    #expect(moments[.all, 1].isClose(to: r.reshaped([15]), relative: tolerance))
  }

  /// Rows, weights and cotangents that are spread in memory.
  @Test func viewsGiveTheSame() {
    let (x, g, pairs) = (numbers([4, 6]), numbers([4, 6]) + 1, numbers([6, 2]))
    let (scale, shift) = (pairs[.all, 0], pairs[.all, 1])
    let straight = x.layerNorm(scale: scale.contiguous(), shift: shift.contiguous(), epsilon: 0.1)
    func spread(_ a: NDArray) -> NDArray { a.transposed().contiguous().transposed() }
    let scattered = spread(x).layerNorm(scale: scale, shift: shift, epsilon: 0.1)
    #expect(scattered.values == straight.values && scattered.moments == straight.moments)
    let expected = x.layerNormBackward(g, scale: scale.contiguous(), moments: straight.moments, wanting: .init())
    let found = spread(x).layerNormBackward(spread(g), scale: scale, moments: spread(straight.moments), wanting: .init())
    #expect(found.input == expected.input && found.scale == expected.scale && found.shift == expected.shift)
    let broadcast = x.layerNormBackward(
      NDArray.ones([6], .float64).broadcast(to: [4, 6]), scale: nil, moments: straight.moments, wanting: .init())
    #expect(broadcast.shift == NDArray.full([6], 4, .float64))
  }

  @Test func onlyWhatIsWantedIsThere() {
    let x = numbers([2, 5])
    let moments = x.layerNorm(scale: nil, shift: nil, epsilon: 0.1).moments
    for wanted in [0, 1, 2] {
      let found = x.layerNormBackward(
        x, scale: nil, moments: moments, wanting: .init(input: wanted == 0, scale: wanted == 1, shift: wanted == 2))
      #expect([found.input, found.scale, found.shift].map { $0 != nil } == (0..<3).map { $0 == wanted })
    }
  }

  @Test(arguments: ElementType.allCases)
  func resultsDoNotDependOnThreads(_ type: ElementType) {
    let (x, g, scale) = (numbers([1000, 130], type), numbers([1000, 130], type) + 0.5, numbers([130], type))
    let results = onThreads { () -> [NDArray?] in
      let (y, moments) = x.layerNorm(scale: scale, shift: nil, epsilon: 1e-5)
      let back = x.layerNormBackward(g, scale: scale, moments: moments, wanting: .init())
      return [y, moments, back.input, back.scale, back.shift]
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  /// The sum of a column of whole numbers is exact: none of many blocks of rows is lost or counted twice.
  @Test(arguments: [0, 1, 63, 64, 65, 200, 1000])
  func everyRowCountsOnce(_ count: Int) {
    let x = numbers([count, 3], .float32)
    let moments = x.layerNorm(scale: nil, shift: nil, epsilon: 1).moments
    let g = (NDArray.range(count) + 1).reshaped([count, 1]).broadcast(to: [count, 3])
    let back = x.layerNormBackward(g, scale: nil, moments: moments, wanting: .init())
    #expect(back.shift == NDArray.full([3], Double(count * (count + 1) / 2)))
    #expect(back.input?.shape == [count, 3])
  }

  /// One number is its own mean: the shift remains, and nothing goes back but to the shift.
  @Test func rowsOfOneNumber() {
    let (x, shift) = (NDArray([5, -3] as [Float], shape: [2, 1]), NDArray([2] as [Float]))
    let (y, moments) = x.layerNorm(scale: NDArray([7] as [Float]), shift: shift, epsilon: 0.25)
    #expect(y == NDArray.full([2, 1], 2) && moments == NDArray([5, 2, -3, 2] as [Float], shape: [2, 2]))
    let back = x.layerNormBackward(.ones([2, 1]), scale: shift, moments: moments, wanting: .init())
    #expect(back.input == NDArray.zeros([2, 1]) && back.scale == NDArray.zeros([1]) && back.shift == NDArray.full([1], 2))
  }

  @Test func nothingAtAll() {
    for shape in [[0, 4], [3, 0], [2, 0, 4], [0]] as [Shape] {
      let n = shape[shape.count - 1]
      let x = NDArray.zeros(shape)
      let (y, moments) = x.layerNorm(scale: .ones([n]), shift: .ones([n]), epsilon: 1e-5)
      let back = x.layerNormBackward(x, scale: .ones([n]), moments: moments, wanting: .init())
      #expect(y.shape == shape && back.input?.shape == shape)
      #expect(back.scale == NDArray.zeros([n]) && back.shift == NDArray.zeros([n]))
    }
  }

  /// Without an ε a row without spread has no scale: 0 · ∞. The rows beside it do not feel that, nor NaN in it.
  @Test(arguments: [3, 16, 40])
  func aBadRowIsAlone(_ n: Int) {
    let good = numbers([n], .float32)
    for bad in [NDArray.full([n], 3), NDArray.full([n], .nan), NDArray.full([n], .infinity)] {
      let x = NDArray.stack([good, bad, good])
      let (y, moments) = x.layerNorm(scale: nil, shift: nil, epsilon: 0)
      let back = x.layerNormBackward(.ones([3, n]), scale: nil, moments: moments, wanting: .init())
      for result in [y, back.input ?? x] {
        #expect(result[1].scalars(as: Float.self).allSatisfy { $0.isNaN })
        #expect(result[0] == result[2] && result[0].scalars(as: Float.self).allSatisfy { $0.isFinite })
      }
    }
    let kept = NDArray.full([2, n], 3).layerNorm(scale: nil, shift: .ones([n]), epsilon: 1e-5)
    #expect(kept.values == NDArray.ones([2, n]))
  }

  /// Two passes: numbers far from zero keep their spread.
  @Test func farFromZero() {
    let x = NDArray([4095, 4096, 4097] as [Float], shape: [1, 3])
    let y = x.layerNorm(scale: nil, shift: nil, epsilon: 0).values
    #expect(y.isClose(to: NDArray([-1.2247449, 0, 1.2247449] as [Float], shape: [1, 3]), relative: 1e-6))
  }
}
