import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// Labels that do not count leave nothing behind, however large the logits are: losses and both orders of derivatives are those of the
/// rows that count.
@Suite struct HugeLogitTests {
  @Test(arguments: [1.0, 1e5, 1e12, 1e150]) func labelsThatDoNotCount(_ scale: Double) {
    var generator = Generator(seed: 8)
    let logits = Tensor.normal([4, 3], .float64, using: &generator) * scale
    let along = Tensor.normal([4, 3], .float64, using: &generator)
    let kept: Indices = [0, 2]
    func compare(_ all: (Tensor) -> Tensor, _ few: (Tensor) -> Tensor) {
      func rows(_ x: Tensor) -> NDArray { x.array.gathered(rows: kept) }
      let (found, expected) = (valueAndGradient(at: logits, of: all), valueAndGradient(at: Tensor(rows(logits)), of: few))
      #expect(found.value.array.isClose(to: expected.value.array, relative: 1e-14, absolute: 0))
      #expect(rows(found.gradient).isClose(to: expected.gradient.array, relative: 1e-12, absolute: 1e-300))
      let second = hessianVectorProduct(at: logits, along: along, of: all)
      let expectedSecond = hessianVectorProduct(at: Tensor(rows(logits)), along: Tensor(rows(along)), of: few)
      #expect(rows(second).isClose(to: expectedSecond.array, relative: 1e-11, absolute: 1e-16))
      for tensor in [found.gradient, second] {
        #expect(tensor.array.gathered(rows: [1, 3]) == NDArray.zeros([2, 3], .float64))
      }
    }
    compare({ crossEntropy($0, [2, -1, 0, -1], ignoring: -1) }, { crossEntropy($0, [2, 0]) })
    compare({ crossEntropy($0, [2, 1, 0, 1], mask: [true, false, true, false]) }, { crossEntropy($0, [2, 0]) })
    compare({ crossEntropy($0, [2, -1, 0, -1], ignoring: -1).square() }, { crossEntropy($0, [2, 0]).square() })
  }
}
