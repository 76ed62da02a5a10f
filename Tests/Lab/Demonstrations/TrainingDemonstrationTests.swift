import Testing

@testable import unroll_lab

/// The demonstrations that train, or would: truncation, clipping, and the memory cell.
@Suite struct TrainingDemonstrationTests {
  @Test func fullDepthIsTheFullGradient() throws {
    let truncation = TruncationDemonstration(steps: 20, hidden: 6, batch: 2)
    #expect(truncation.depths == [1, 2, 4, 8, 16, 20])
    for course in truncation.courses {
      #expect(course.errors.last == 0)
      #expect(abs(try #require(course.cosines.last) - 1) < 1e-12)
      #expect(course.errors[0] > 0.1, "\(course.name)")
    }
  }

  /// The longer the memory, the more truncation throws away.
  @Test func aLastingMemoryLosesMore() throws {
    let truncation = TruncationDemonstration(steps: 32, hidden: 8)
    let plain = try #require(truncation.courses.first { $0.name == "tanh, gain 0.9" })
    let lasting = try #require(truncation.courses.first { $0.name == "LSTM, forget bias 3" })
    let eight = try #require(truncation.depths.firstIndex(of: 8))
    #expect(lasting.errors[eight] > 5 * plain.errors[eight])
  }

  @Test func onlyTheRunWithoutClippingDiverges() throws {
    let clipping = ClippingDemonstration()
    let bare = try #require(clipping[.none])
    #expect(try #require(bare.divergedAt) < 10)
    for kind in [ClippingDemonstration.Kind.norm, .value, .steps] {
      let run = try #require(clipping[kind])
      #expect(run.divergedAt == nil)
      #expect(run.losses.count == 300)
      #expect(try #require(run.losses.last) < 0.2 * run.losses[0], "\(kind.rawValue)")
    }
  }

  @Test func theMemoryCellLearnsToHold() throws {
    let belt = ConveyorBelt()
    #expect(try #require(belt.losses.last) < 0.05)
    for (t, step) in belt.steps.enumerated() where t > 0 {
      #expect((step.output - step.wanted).magnitude < 0.5, "step \(t)")
      // The conveyor belt: c = f c + i g, of numbers read apart.
      let expected = step.forget * belt.steps[t - 1].cell + step.input * step.candidate
      #expect(abs(step.cell - expected) < 1e-5)
    }
    #expect(belt.meanForget.other > belt.meanForget.marked + 0.3)
    #expect(belt.steps.filter(\.isMarked).count == 3)
  }
}
