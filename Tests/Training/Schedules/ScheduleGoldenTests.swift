import Testing
import UnrollArrays
import UnrollFiles
import UnrollTraining

/// The rates of PyTorch's schedules, one row per file.
@Suite struct ScheduleGoldenTests {
  private typealias Row = @Sendable (_ base: Double, _ options: Options, _ config: JSON) throws -> Schedule

  private static let rows: [String: Row] = [
    "constant": { base, options, _ in
      .constant(base * (try options.number("factor"))).then(.constant(base), at: Int(try options.number("total_iters")))
    },
    "cosine": { base, options, _ in
      .cosine(from: base, to: try options.number("eta_min"), over: Int(try options.number("T_max")))
    },
    "cosine_restarts": { base, options, _ in
      .cosineWithRestarts(
        from: base, to: try options.number("eta_min"), over: Int(try options.number("T_0")),
        growth: Int(try options.number("T_mult")))
    },
    "exponential": { base, options, _ in .exponential(from: base, factor: try options.number("gamma")) },
    "linear": { base, options, _ in try linear(base, options.values) },
    "multistep": { base, options, _ in
      .multiStep(
        from: base, factor: try options.number("gamma"), at: try options.numbers("milestones").map { Int($0) })
    },
    "one_cycle": { _, options, _ in
      .oneCycle(
        peak: try options.number("max_lr"), over: Int(try options.number("total_steps")),
        rising: try options.number("pct_start"))
    },
    "one_cycle_linear": { _, options, _ in
      .oneCycle(
        peak: try options.number("max_lr"), over: Int(try options.number("total_steps")),
        rising: try options.number("pct_start"), annealing: .linear, symmetric: options.truth("three_phase"))
    },
    "polynomial": { base, options, _ in
      .polynomial(from: base, over: Int(try options.number("total_iters")), power: try options.number("power"))
    },
    "step": { base, options, _ in
      .step(from: base, factor: try options.number("gamma"), every: Int(try options.number("step_size")))
    },
    "warmup_then_cosine": { base, _, config in
      let parts = try #require(config["parts"]).elements.map { $0.elements[1] }
      let warm = try #require(parts[0]["total_iters"]?.integer)
      let cosine = Schedule.cosine(from: base, over: Int(try #require(parts[1]["T_max"]?.integer)))
      return cosine.warmedUp(over: Int(warm), from: base * (try #require(parts[0]["start_factor"]?.double)))
    },
  ]

  private static let plateaus: [String: @Sendable (_ base: Double, _ options: Options) throws -> Plateau] = [
    "plateau": { base, options in
      Plateau(
        rate: base, factor: try options.number("factor"), patience: Int(try options.number("patience")),
        threshold: .relative(try options.number("threshold")))
    },
    "plateau_max_cooldown": { base, options in
      Plateau(
        rate: base, factor: try options.number("factor"), patience: Int(try options.number("patience")),
        threshold: .absolute(try options.number("threshold")), cooldown: Int(try options.number("cooldown")),
        minimum: try options.number("min_lr"), goal: .maximum)
    },
  ]

  private static func linear(_ base: Double, _ options: JSON) throws -> Schedule {
    .linear(
      from: base * (try #require(options["start_factor"]?.double)), to: base * (try #require(options["end_factor"]?.double)),
      over: Int(try #require(options["total_iters"]?.integer)))
  }

  @Test func everyFileHasARow() {
    #expect((Array(Self.rows.keys) + Array(Self.plateaus.keys)).sorted() == TrainingCase.names(in: "schedules"))
    #expect(Self.rows.count == 11 && Self.plateaus.count == 2)
  }

  @Test(arguments: rows.keys.sorted())
  func everyRateAgrees(name: String) throws {
    let file = try TrainingCase("schedules", name)
    let expected = try file.array("lr").scalars(as: Double.self)
    let row = try #require(Self.rows[name])
    let schedule = try row(try file.number("base_lr"), Options(file), file.config)
    #expect(expected.count == 41)
    for (step, rate) in expected.enumerated() {
      #expect(abs(schedule.rate(at: step) - rate) <= 1e-12, "\(name) \(step): \(schedule.rate(at: step)) against \(rate)")
    }
  }

  @Test func momentaGoAgainstTheRates() throws {
    let expected = try TrainingCase("schedules", "one_cycle").array("momentum").scalars(as: Double.self)
    let momenta = Schedule.oneCycle(from: 0.95, peak: 0.85, to: 0.95, over: 41)
    for (step, momentum) in expected.enumerated() { #expect(abs(momenta.rate(at: step) - momentum) <= 1e-12, "\(step)") }
  }

  @Test(arguments: plateaus.keys.sorted())
  func plateausAgree(name: String) throws {
    let file = try TrainingCase("schedules", name)
    let expected = try file.array("lr").scalars(as: Double.self)
    let row = try #require(Self.plateaus[name])
    var plateau = try row(try file.number("base_lr"), Options(file))
    #expect(plateau.rate == expected[0])
    for (step, loss) in try file.array("metric").scalars(as: Double.self).enumerated() {
      plateau.update(loss)
      #expect(abs(plateau.rate - expected[step + 1]) <= 1e-12, "\(name) \(step)")
    }
    #expect(Set(expected).count > 2)
  }
}
