import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

/// Optimizers with any numbers, any gradient and any parameters.
let optimizerEntrances: [Entrance] = [
  optimizer("SGD") { m, model in
    let nesterov = m.chance(4)
    // It wants a momentum and no dampening.
    if nesterov { m.mayStop() }
    return SGD(
      for: model, learningRate: m.number("rate", in: 0...1), momentum: m.number("momentum", in: 0...0.9),
      dampening: m.number("dampening", in: 0...0.9), nesterov: nesterov, weightDecay: m.number("decay", in: 0...0.1))
  },
  optimizer("Adam") { m, model in
    Adam(
      for: model, learningRate: m.number("rate", in: 0...1), betas: betas(&m), epsilon: m.number("ε", in: 1e-9...1e-3),
      weightDecay: m.number("decay", in: 0...0.1), decoupledDecay: m.number("decay", in: 0...0.1), amsgrad: m.flag("amsgrad"))
  },
  optimizer("NAdam") { m, model in
    NAdam(
      for: model, learningRate: m.number("rate", in: 0...1), betas: betas(&m), epsilon: m.number("ε", in: 1e-9...1e-3),
      momentumDecay: m.number("momentum decay", in: 0...0.1), weightDecay: m.number("decay", in: 0...0.1))
  },
  optimizer("RAdam") { m, model in
    RAdam(
      for: model, learningRate: m.number("rate", in: 0...1), betas: betas(&m), epsilon: m.number("ε", in: 1e-9...1e-3),
      weightDecay: m.number("decay", in: 0...0.1))
  },
  optimizer("AdaMax") { m, model in
    AdaMax(
      for: model, learningRate: m.number("rate", in: 0...1), betas: betas(&m), epsilon: m.number("ε", in: 1e-9...1e-3),
      weightDecay: m.number("decay", in: 0...0.1))
  },
  optimizer("AdaDelta") { m, model in
    AdaDelta(
      for: model, learningRate: m.number("rate", in: 0...1), smoothing: m.number("smoothing", in: 0...0.9),
      epsilon: m.number("ε", in: 1e-9...1e-3))
  },
  optimizer("AdaGrad") { m, model in
    AdaGrad(
      for: model, learningRate: m.number("rate", in: 0...1), rateDecay: m.number("rate decay", in: 0...1),
      start: m.number("start", in: 0...1), epsilon: m.number("ε", in: 1e-9...1e-3))
  },
  optimizer("RMSProp") { m, model in
    RMSProp(
      for: model, learningRate: m.number("rate", in: 0...1), smoothing: m.number("smoothing", in: 0...0.9),
      epsilon: m.number("ε", in: 1e-9...1e-3), momentum: m.number("momentum", in: 0...0.9), centred: m.flag("centred"))
  },
  optimizer("Rprop") { m, model in
    let factors = (m.number("shrinking", in: 0.1...0.9), m.number("growing", in: 1.1...2))
    let (least, most) = (m.number("least", in: 1e-6...1e-3), m.number("most", in: 1...50))
    return Rprop(
      for: model, learningRate: m.number("rate", in: 0.001...1), factors: factors,
      lengths: least <= most ? least...most : 1e-6...50)
  },
  optimizer("Lion") { m, model in
    Lion(
      for: model, learningRate: m.number("rate", in: 0...1), betas: betas(&m), decoupledDecay: m.number("decay", in: 0...0.1))
  },
  optimizer("AveragedSGD") { m, model in
    AveragedSGD(
      for: model, learningRate: m.number("rate", in: 0...1), fading: m.number("fading", in: 0...0.1),
      power: m.number("power", in: 0...1), start: m.number("start", in: 0...5), weightDecay: m.number("decay", in: 0...0.1))
  },
  optimizer("TriggeredAveragedSGD") { m, model in
    var rule = TriggeredAveragedSGD(
      for: model, learningRate: m.number("rate", in: 0...1), patience: m.integer("patience", in: 1...3))
    rule.check(loss: m.number("loss", in: 0...5))
    return rule
  },
  optimizer("RuleOptimizer") { m, model in
    RuleOptimizer(
      Heavy(mass: m.number("mass", in: 0...0.9), reads: m.flag("reads")), for: model, learningRate: m.number("rate", in: 0...1))
  },
  optimizer("ParameterGroups") { m, model in
    let rates = (m.number("rate", in: 0.1...1), m.number("rate", in: 0...1))
    let count = m.integer("groups", 2)
    let groups = [
      ParameterGroup(SGD(for: model, learningRate: rates.0)) { $0.hasPrefix("b") },
      ParameterGroup(SGD(for: model, learningRate: rates.1)),
    ]
    return ParameterGroups(Array(groups.prefix(max(0, count))))
  },
  Entrance("MovingAverage") { m in
    var model = someModel(&m)
    var average = MovingAverage(of: model, decay: m.number("decay", in: 0...0.99))
    m.damage(&model)
    if m.chance(3) { average.decay = m.number("decay", in: 0...0.99) }
    average.update(with: model)
  },
]

/// A rule of one's own, which may look at numbers.
private struct Heavy: UpdateRule {
  let mass: Double
  let reads: Bool
  var memories: KeyValuePairs<String, Double> { ["velocity": 0] }

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    let velocity = memories[0] * mass + g
    if reads, velocity.array.count == 0 { return [p] + memories }
    return [p - numbers[0] * velocity, velocity]
  }
}

private func betas(_ m: inout Mischief) -> (Double, Double) {
  (m.number("first beta", in: 0...0.9), m.number("second beta", in: 0.5...0.99))
}

private func someModel(_ m: inout Mischief) -> Linear {
  var generator = m.generator()
  return Linear(m.extent(1...9), m.extent(1...9), bias: m.flag("bias"), m.type, using: &generator)
}

private func optimizer<Rule: Optimizer>(
  _ name: String, _ make: @escaping @Sendable (inout Mischief, Linear) -> Rule
) -> Entrance where Rule.Model == Linear {
  Entrance(name) { m in
    var model = someModel(&m)
    var rule = make(&m, model)
    for step in 0..<3 {
      var gradient = model.mapping { Tensor.full($0.shape, 0.1, $0.type) }
      m.damage(&gradient)
      m.damage(&model)
      if m.chance(3) { rule.learningRate = m.number("rate", in: 0.001...1) }
      if m.chance(8) { m.damage(&rule) }
      let shapes = model.parameters.map(\.tensor.shape)
      rule.update(&model, along: gradient)
      m.note("update \(step)")
      m.expect(model.parameters.map(\.tensor.shape) == shapes, "an update changes shapes")
    }
  }
}

/// Rates over time.
let scheduleEntrances: [Entrance] = [
  Entrance("LearningRateSweep") { m in
    var model = someModel(&m)
    m.damage(&model)
    let (lowest, highest) = (m.number("lowest", in: 1e-6...1e-3), m.number("highest", in: 0.01...1))
    let (steps, norm) = (m.pick("steps", [5, 3, 2]), m.chance(2) ? nil : m.number("norm", in: 0.1...1))
    m.mayStop()
    let sweep = LearningRateSweep(
      model, SGD(for: model, learningRate: 0.1), over: [0.5, 2], from: lowest, to: highest, steps: steps, clippingNorm: norm
    ) { model, factor in model.tensors.reduce(Tensor(0, model.tensors[0].type)) { $0 + ($1 * factor).square().sum() } }
    m.expect(
      sweep.rates.count == sweep.losses.count && sweep.rates.count == sweep.smoothed.count && sweep.rates.count <= steps,
      "\(sweep.rates.count) rates and \(sweep.losses.count) losses")
    m.note("\(sweep.suggestion ?? 0)")
  },
  schedule("Schedule constant") { .constant($0.number("rate", in: 0...1)) },
  schedule("Schedule linear") {
    .linear(from: $0.number("from", in: 0...1), to: $0.number("to", in: 0...1), over: $0.integer("steps", 5))
  },
  schedule("Schedule cosine") {
    .cosine(from: $0.number("from", in: 0...1), to: $0.number("to", in: 0...1), over: $0.integer("steps", 5))
  },
  schedule("Schedule polynomial") {
    .polynomial(from: $0.number("from", in: 0...1), over: $0.integer("steps", 5), power: $0.number("power", in: 0...3))
  },
  schedule("Schedule cosineWithRestarts") { m in
    .cosineWithRestarts(from: m.number("from", in: 0...1), over: m.integer("steps", 5), growth: m.integer("growth", in: 1...3))
  },
  schedule("Schedule step") {
    .step(from: $0.number("rate", in: 0...1), factor: $0.number("factor", in: 0...1), every: $0.integer("steps", 5))
  },
  schedule("Schedule multiStep") { m in
    .multiStep(from: m.number("rate", in: 0...1), factor: m.number("factor", in: 0...1), at: m.lengths("steps", 3, in: 1...9))
  },
  schedule("Schedule exponential") { .exponential(from: $0.number("rate", in: 0...1), factor: $0.number("factor", in: 0...1)) },
  schedule("Schedule oneCycle") { m in
    let start = m.chance(2) ? m.number("start", in: 0...1) : nil
    return .oneCycle(
      from: start, peak: m.number("peak", in: 0...1), over: m.integer("steps", 9), rising: m.number("rising", in: 0.25...0.45),
      symmetric: m.chance(3))
  },
  schedule("Schedule of others") { m in
    Schedule.constant(0.5).scaled(by: m.number("factor", in: 0...2)).then(
      .exponential(from: 0.1, factor: 0.9), at: m.integer("at", 3)
    )
    .warmedUp(over: m.integer("over", 2), from: m.number("from", in: 0...1))
  },
  Entrance("Plateau") { m in
    let threshold = m.number("threshold", in: 0...0.1)
    var plateau = Plateau(
      rate: m.number("rate", in: 0.1...1), factor: m.number("factor", in: 0.1...0.9),
      patience: m.integer("patience", in: 0...3),
      threshold: m.chance(2) ? .relative(threshold) : .absolute(threshold), cooldown: m.integer("cooldown", in: 0...3),
      minimum: m.number("minimum", in: 0...0.01), goal: m.pick("goal", [.minimum, .maximum]))
    for _ in 0..<8 { plateau.update(m.number("loss", in: 0...5)) }
    m.expect(plateau.rate >= 0, "a rate of \(plateau.rate)")
  },
  Entrance("EarlyStopping") { m in
    var stopping = EarlyStopping(patience: m.integer("patience", in: 0...3), minimalImprovement: m.number("least", in: 0...0.1))
    for step in 0..<6 { _ = stopping.update(m.number("loss", in: 0...5), at: m.chance(3) ? m.integer("step", step) : nil) }
    m.note("\(stopping.isOver)")
  },
]

private func schedule(_ name: String, _ make: @escaping @Sendable (inout Mischief) -> Schedule) -> Entrance {
  Entrance(name) { m in
    let schedule = make(&m)
    for _ in 0..<4 {
      let rate = schedule.rate(at: m.integer("step", in: 0...20))
      m.expect(rate >= 0, "a rate of \(rate)")
    }
  }
}

/// Norms and bounds of gradients.
let clippingEntrances: [Entrance] = [
  Entrance("clip") { m in
    var gradient = someModel(&m)
    let given = gradient.parameters.map { m.tensor($0.name, $0.tensor.shape) }
    gradient = gradient.replacingTensors(given)
    let (bound, order) = (m.number("bound", in: 0...2), m.chance(2) ? 2 : m.number("order", in: 1...4))
    let policy = m.pick("policy", [NonFinitePolicy.throwing, .propagate, .zero])
    do {
      let report = try gradient.clip(norm: bound, order: order, epsilon: m.number("ε", in: 0...1e-6), whenNotFinite: policy)
      m.note("\(report)")
      if report.norm.isFinite, bound.isFinite, order == 2 {
        m.expect(gradient.norm <= bound * 1.001 + 1e-30, "a norm of \(gradient.norm) over \(bound)")
      }
    } catch {
      m.note("\(error)")
    }
  },
  Entrance("clipped of a module") { m in
    let gradient = someModel(&m)
    let bound = m.number("bound", in: 0...0.5)
    let clipped = m.chance(2) ? gradient.clipped(value: bound) : gradient.clipped(norm: bound, order: m.number("p", in: 1...4))
    m.expect(clipped.parameters.map(\.tensor.shape) == gradient.parameters.map(\.tensor.shape), "other shapes")
  },
  Entrance("clippingCotangent") { m in
    let x = m.tensor("x", m.freeShape(0...3, from: 0))
    let bound = m.number("bound", in: 0.1...2)
    let kind: CotangentBound = m.chance(2) ? .norm(bound) : .value(bound)
    let slope = gradient(at: x) { $0.clippingCotangent(kind).square().sum() }
    m.expect(slope.shape == x.shape && slope.type == x.type, "a gradient of shape \(slope.shape)")
  },
  Entrance("norm of a module") { m in
    let gradient = someModel(&m)
    m.note("\(gradient.norm(order: m.number("order", in: 1...4)))")
  },
  Entrance("combining") { m in
    let model = someModel(&m)
    var other = model
    m.damage(&other)
    m.note("\((model + other * m.number("factor", in: -1...1)).parameterCount)")
  },
]
