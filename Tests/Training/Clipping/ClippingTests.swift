import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// Gradients that exceed a norm are scaled to it, whatever their size; what is not finite is treated as asked.
@Suite struct ClippingTests {
  private func slopes(_ w: [Double], _ b: [Double], _ type: ElementType = .float64) -> Affine {
    Affine(NDArray(w), NDArray(b)).cast(to: type)
  }

  @Test func aLargeGradientKeepsItsDirection() throws {
    let start = slopes([3, 0], [0, 4])
    expectClose(start.clipped(norm: 1), slopes([0.6, 0], [0, 0.8]), relative: 1e-15, absolute: 0)
    #expect(start.clipped(norm: 6).norm == 5)
    var clipped = start
    let report = try clipped.clip(norm: 1, whenNotFinite: .throwing)
    #expect(report == ClippingReport(norm: 5, scale: 0.2, worst: "b"))
    #expect(report.description == "norm 5.0, scaled by 0.2; the largest part is that of b")
    expectClose(clipped, start.clipped(norm: 1), relative: 0, absolute: 0)
    #expect(start.norm == 5)
    let address = clipped.w.array.address
    try clipped.clip(norm: 0.1, whenNotFinite: .throwing)
    #expect(clipped.w.array.address == address)
    expectClose(start.clipped(value: 3.5), slopes([3, 0], [0, 3.5]), relative: 0, absolute: 0)
  }

  @Test func normsOfEveryOrderAtEverySize() {
    for size in [0x1p-1060, 1e-300, 1e-160, 1, 1e160, 1e300] {
      let (x, y) = (3 * size, 4 * size)
      let slope = slopes([x, 0], [-y, 0])
      let relative = size < 0x1p-1022 ? 1e-3 : 1e-14
      for (order, norm) in [(1, 7), (2, 5), (3, 4.497_941_445_275_415), (0.5, 13.928_203_230_275_509), (.infinity, 4)] {
        #expect(abs(slope.norm(order: order) / size - norm) <= relative * norm, "\(order) \(size)")
      }
    }
    #expect(slopes([0, 0], [0]).norm(order: 3) == 0)
    #expect(slopes([], []).norm == 0)
  }

  @Test func float32NormsBeyondItsRange() {
    let slope = Affine(NDArray.full([1000], 3e38), NDArray.full([2], -1e-3))
    let clipped = slope.clipped(norm: 1)
    #expect(abs(slope.norm / 9.486_832_980_505_138e39 - 1) < 1e-6)
    #expect(abs(clipped.norm - 1) < 1e-5)
    #expect(clipped.w.array.isClose(to: NDArray.full([1000], 0.031_622_776_6), relative: 1e-6, absolute: 0))
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity], [1, 2, 3, Double.infinity])
  func whatIsNotFiniteIsTreatedAsAsked(value: Double, order: Double) throws {
    for start in [slopes([1, value], [2, 3]), slopes([1, 1], [5, value])] {
      let worst = start.w.array.scalars(as: Double.self)[1].isFinite ? "b" : "w"
      var slope = start
      #expect(throws: NonFiniteGradient.self) { try slope.clip(norm: 1, order: order, whenNotFinite: .throwing) }
      #expect(slope.w.array.scalars(as: Double.self)[0] == 1)
      let report = try slope.clip(norm: 1, order: order, whenNotFinite: .propagate)
      #expect(!report.norm.isFinite && report.norm.isNaN == value.isNaN)
      #expect(report.scale == 1 && report.worst == worst)
      #expect(slope.w.array.scalars(as: Double.self)[0] == 1)
      #expect(NonFiniteGradient(report: report).description == "the gradient's norm is \(report.norm), because of \(worst)")
      let zeroed = try slope.clip(norm: 1, order: order, whenNotFinite: .zero)
      #expect(zeroed.scale == 0 && zeroed.worst == worst && slope.norm == 0)
    }
  }

  @Test func nothingToClip() throws {
    var zero = slopes([0, 0], [0])
    #expect(try zero.clip(norm: 0, whenNotFinite: .throwing) == ClippingReport(norm: 0, scale: 1, worst: nil))
  }

  @Test func misuseMessages() async {
    let bound = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Affine(NDArray([1.0]), NDArray([1.0])).clipped(norm: -1)
    }
    #expect(stopSentence(bound) == "clip: the bound -1.0 is not at least 0")
    let order = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Affine(NDArray([1.0]), NDArray([1.0])).norm(order: 0)
    }
    #expect(stopSentence(order) == "norm: an order of 0.0 is not above 0")
    let value = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Affine(NDArray([1.0]), NDArray([1.0])).clipped(value: .nan)
    }
    #expect(stopSentence(value) == "clipped: the bound nan is not at least 0")
    let recorded = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = gradient(at: Tensor([1.0])) { x in
        var slope = Affine(NDArray([1.0]), NDArray([1.0]))
        slope.b = x * 2
        _ = try? slope.clip(norm: 1, whenNotFinite: .propagate)
        return x.sum()
      }
    }
    #expect(stopSentence(recorded) == "clip: the gradient of b is recorded and cannot change in place; use clipped")
  }
}
