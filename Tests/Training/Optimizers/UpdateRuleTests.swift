import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// Adam as a user would write it, operation by operation in the order of the library's.
struct OwnAdam: UpdateRule {
  var memories: KeyValuePairs<String, Double> { ["first": 0, "second": 0] }

  func numbers(rate: Double, count: Int) -> [Double] {
    [rate / (1 - power(0.9, count)), 1 / (1 - power(0.999, count)).squareRoot()]
  }

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    let m = 0.9 * memories[0] + (1 - 0.9) * g
    let v = 0.999 * memories[1] + (1 - 0.999) * g.square()
    return [p - numbers[0] * m / (v.squareRoot() * numbers[1] + 1e-8), m, v]
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest % 2 == 1 { result *= square }
      square *= square
      rest /= 2
    }
    return result
  }
}

/// The same rule, which looks at a number besides: it cannot be traced.
private struct Reading<Rule: UpdateRule>: UpdateRule {
  let rule: Rule
  var memories: KeyValuePairs<String, Double> { rule.memories }
  func numbers(rate: Double, count: Int) -> [Double] { rule.numbers(rate: rate, count: count) }

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    _ = numbers[0].item
    return rule.update(p, along: g, memories, numbers)
  }
}

/// A rule that is made of a closure.
private struct Formula: UpdateRule {
  let name: String
  let memoryCount: Int
  let body: @Sendable (_ p: Tensor, _ g: Tensor, _ m: [Tensor], _ n: [Tensor]) -> [Tensor]

  static func == (a: Formula, b: Formula) -> Bool { a.name == b.name }

  init(
    _ name: String, _ memoryCount: Int, _ body: @escaping @Sendable (Tensor, Tensor, [Tensor], [Tensor]) -> [Tensor]
  ) {
    (self.name, self.memoryCount, self.body) = (name, memoryCount, body)
  }

  var memories: KeyValuePairs<String, Double> {
    switch memoryCount {
    case 0: [:]
    case 1: ["a": 0.25]
    case 2: ["a": 0.25, "b": 0.5]
    default: ["a": 0.25, "b": 0.5, "c": 0]
    }
  }

  func numbers(rate: Double, count: Int) -> [Double] { [rate, Double(count)] }

  func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    body(p, g, memories, numbers)
  }

  /// Every way in which results may go, and every instruction that a program may have.
  static let all: [Formula] = [
    Formula("descent", 0) { p, g, _, n in [p - n[0] * g] },
    Formula("nothing", 2) { p, _, m, _ in [p] + m },
    Formula("exchange", 2) { p, g, m, _ in [m[1] + g, p, m[0]] },
    Formula("round about", 3) { p, _, m, _ in [m[0], m[1], m[2], p] },
    Formula("last gradient", 1) { p, g, m, n in [p - n[0] * (g - m[0]), g] },
    Formula("one result twice", 2) { p, g, _, n in
      let next = p - n[0] * g
      return [next, next, next]
    },
    Formula("numbers everywhere", 1) { p, _, _, n in [(n[0] / (n[1] + 1)).broadcast(to: p.shape), Tensor.ones(p.shape, p.type)]
    },
    Formula("old numbers late", 2) { p, g, m, n in
      let a = 0.9 * m[0] + g
      let b = m[1] * m[0] - a
      return [p * (1 - n[0]) - b * m[0], a, b + m[1]]
    },
    Formula("squares and roots", 2) { p, g, m, n in
      let a = g * g * 0.1 + m[0] * 0.9
      let b = a.squareRoot() * 2 + g.square() * n[0]
      return [p - (a + 1).squareRoot() / g.square() * 0.001, a.square() + b.square(), b - a.squareRoot()]
    },
    Formula("quotients", 2) { p, g, m, n in
      let d = g / (m[0].magnitude() + 1e-3)
      return [p * 0.5 - 0.3 * (n[0] * d / ((g.square() + 2).squareRoot() * 3 + n[1])), d, p - d / m[1].exp()]
    },
    Formula("functions", 1) { p, g, m, n in
      let a = (g.tanh() - p.sigmoid()).maximum(m[0]).minimum(0.5)
      let b = (a.sign() + a.floor()).clipped(minimum: -0.5, maximum: 0.5)
      return [p - n[0] * b.relu() - (1 / (2 + a.square())).pow(1.5), a.pow(2) - (a + 3).log()]
    },
    Formula("sums of one thing", 1) { p, g, m, _ in [p + p, m[0] + m[0] - (g - g)] },
    Formula("what the library does", 2) { p, g, m, n in
      let s = g + 0.1 * p
      let look = 0.9 * m[0] + 0.1 * s
      let u = (m[1] * 0.99).maximum(s.magnitude() + 1e-8)
      return [p * (1 - n[0] * 0.1) - n[0] * look.sign() - n[0] * look / u, look, u]
    },
  ]
}

@Suite struct UpdateRuleTests {
  /// Parameters shorter and longer than blocks and than what threads share.
  private static func model(_ type: ElementType, _ seed: Int) -> Affine {
    var generator = Generator(seed: seed)
    func draw(_ shape: Shape) -> NDArray { NDArray.normal(shape, using: &generator).cast(to: type) }
    return Affine(draw([131, 307]), draw([1025]), draw([]))
  }

  private static func bits(_ model: some Module) -> [[UInt64]] {
    model.parameters.map { $0.tensor.array.cast(to: .float64).scalars(as: Double.self).map { ($0 == 0 ? 0 : $0).bitPattern } }
  }

  @Test(arguments: [ElementType.float32, .float64]) func aUsersAdamIsTheLibrarys(_ type: ElementType) {
    let (start, slope) = (Self.model(type, 1), Self.model(type, 2))
    var (model, other) = (start, start)
    var (own, library) = (RuleOptimizer(OwnAdam(), for: start, learningRate: 0.01), Adam(for: start, learningRate: 0.01))
    for step in 1...5 {
      own.learningRate = 0.01 / Double(step)
      library.learningRate = own.learningRate
      let slope = slope * (1 / Double(step)) - model * 0.1
      own.update(&model, along: slope)
      library.update(&other, along: slope)
      #expect(Self.bits(model) == Self.bits(other))
    }
    for name in ["first", "second"] {
      #expect(own.memory(name).map { Self.bits($0) } == library.memory(name).map { Self.bits($0) })
    }
    #expect(own.memory("first") != nil && own.memory("third") == nil && library.memory("largest") == nil)
    #expect(own.steps.array == library.steps.array)
  }

  @Test(arguments: Formula.all.indices, [ElementType.float32, .float64])
  func inOnePassAsOperationByOperation(_ index: Int, _ type: ElementType) {
    let rule = Formula.all[index]
    let (start, slope) = (Self.model(type, 3), Self.model(type, 4))
    var (model, other) = (start, start)
    var own = RuleOptimizer(rule, for: start, learningRate: 0.1)
    var reading = RuleOptimizer(Reading(rule: rule), for: start, learningRate: 0.1)
    #expect(own.ways(for: start) == ["w": .onePass, "b": .onePass, "scalar": .onePass], "\(rule.name)")
    #expect(Set(reading.ways(for: start).values.map(\.description)) == ["operation by operation: the rule reads numbers"])
    for step in 0..<3 {
      own.update(&model, along: slope)
      reading.update(&other, along: slope)
      #expect(Self.bits(model) == Self.bits(other), "\(rule.name) \(step)")
      #expect(Self.bits(own) == Self.bits(reading), "\(rule.name) \(step)")
    }
  }

  @Test func threadsAndCopiesDoNotMatter() {
    let (start, slope) = (Self.model(.float32, 5), Self.model(.float32, 6))
    let results = onThreads {
      var (model, optimizer) = (start, RuleOptimizer(OwnAdam(), for: start, learningRate: 0.1))
      for _ in 0..<2 {
        let (kept, before) = (model, Self.bits(model))
        optimizer.update(&model, along: slope)
        #expect(Self.bits(kept) == before)
      }
      return Self.bits(model)
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  /// How often a rule is asked for its formulas.
  private final class Count: Sendable {
    private let number = Guarded(0)
    func add() { number.withLock { $0 += 1 } }
    var value: Int { number.withLock { $0 } }
  }

  private struct Counting: UpdateRule {
    let count: Count
    static func == (a: Counting, b: Counting) -> Bool { a.count === b.count }
    func numbers(rate: Double, count: Int) -> [Double] { [rate / Double(count)] }

    func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
      count.add()
      return [p - numbers[0] * g]
    }
  }

  @Test func aRuleIsTracedOnceForEachShape() {
    let (start, slope) = (Self.model(.float32, 7), Self.model(.float32, 8))
    let rule = Counting(count: Count())
    var (model, optimizer) = (start, RuleOptimizer(rule, for: start, learningRate: 0.1))
    for step in 1...10 {
      optimizer.learningRate = 1 / Double(step)
      optimizer.update(&model, along: slope)
      var copy = optimizer
      copy.update(&model, along: slope) { $0 != "w" }
    }
    #expect(rule.count.value == 3)
    // Two parameters of one shape share a program.
    let twins = Affine(NDArray.ones([4]), NDArray.ones([4]))
    var (pair, other) = (twins, RuleOptimizer(Counting(count: Count()), for: twins, learningRate: 0.1))
    other.update(&pair, along: twins)
    #expect(other.rule.count.value == 1)
  }

  /// In a process of its own: what the pool counts is the whole process's.
  @Test func tracingTakesNoMemory() async {
    await #expect(processExitsWith: .success) {
      var model = Affine(NDArray.ones([1024, 1024]), NDArray.ones([1]))
      let slope = model
      model.w = Tensor.zeros([1024, 1024])
      var optimizer = RuleOptimizer(OwnAdam(), for: model, learningRate: 0.1)
      let before = MemoryPool.figures.bytesInUse
      MemoryPool.resetPeak()
      optimizer.update(&model, along: slope)
      // What is remembered begins as single numbers. Beside it there is nothing.
      #expect(MemoryPool.figures.peakBytesInUse - before < 9 << 20)
    }
  }

  @Test func optionsMayChange() {
    let (start, slope) = (Self.model(.float64, 9), Self.model(.float64, 10))
    var (model, optimizer) = (start, SGD(for: start, learningRate: 0.5))
    optimizer.update(&model, along: slope)
    expectClose(model, start - slope * 0.5, relative: 1e-14)
    for decay in [0.1, 0, 0.3] {
      let before = model
      optimizer.weightDecay = decay
      optimizer.update(&model, along: slope)
      expectClose(model, before - (slope + before * decay) * 0.5, relative: 1e-13)
    }
  }

  /// LARS: the norm of a parameter mixes its numbers.
  private struct Layerwise: UpdateRule {
    func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
      [p - numbers[0] * (p.square().sum() / g.square().sum()).squareRoot() * g]
    }
  }

  @Test func rulesThatMixNumbersRunToo() {
    let (start, slope) = (Self.model(.float64, 11), Self.model(.float64, 12))
    var (model, optimizer) = (start, RuleOptimizer(Layerwise(), for: start, learningRate: 0.1))
    let ways = optimizer.ways(for: start)
    #expect(ways["w"] == .operationByOperation("the rule uses sum"))
    optimizer.update(&model, along: slope)
    let ratio = (start.w.square().sum().item / slope.w.square().sum().item).squareRoot()
    #expect(model.w.array.isClose(to: (start.w - slope.w * (0.1 * ratio)).array, relative: 1e-12, absolute: 1e-12))
  }

  /// What is remembered fades to 0 either way, the parameter does not.
  @Test func memoriesFade() {
    let rule = Formula("fading", 1) { p, g, m, _ in [p * 0.5, m[0] * 0.5 + g] }
    let model = Affine(NDArray([1.5e-38 as Float, 1, 0]), NDArray.ones([2]))
    let still = model * 0
    var (first, second) = (model, model)
    var own = RuleOptimizer(rule, for: model, learningRate: 1)
    var reading = RuleOptimizer(Reading(rule: rule), for: model, learningRate: 1)
    own.update(&first, along: still)
    #expect(first.w.array[0].item == Double(Float(0.75e-38 as Double)))
    reading.update(&second, along: still)
    for _ in 0..<123 {
      own.update(&first, along: still)
      reading.update(&second, along: still)
    }
    // 2⁻² halved 124 times is the smallest normal number: once more, and nothing is left.
    let least = NDArray.full([3], Double(Float.leastNormalMagnitude))
    #expect(own.memory("a")?.w.array == least && reading.memory("a")?.w.array == least)
    own.update(&first, along: still)
    reading.update(&second, along: still)
    #expect(own.memory("a")?.w.array == NDArray.zeros([3]) && reading.memory("a")?.w.array == NDArray.zeros([3]))
    own.update(&first, along: Affine(NDArray([0, 0, Float.nan]), NDArray.zeros([2])))
    #expect(own.memory("a")?.w.array[2].item.isNaN == true)
  }

  @Test func checkpointsKnowTheRule() throws {
    struct Weighted: UpdateRule {
      var weight = 1.0
      func update(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
        [p - weight * numbers[0] * g]
      }
    }
    let model = Affine(NDArray.ones([2]), NDArray.ones([1]))
    let checkpoint = Checkpoint(step: 1, ["optimizer": RuleOptimizer(Weighted(), for: model, learningRate: 0.5)])
    let same = try checkpoint.value("optimizer", like: RuleOptimizer(Weighted(), for: model, learningRate: 0.1))
    #expect(same.learningRate == 0.5)
    let error = #expect(throws: LoadingError.self) {
      try checkpoint.value("optimizer", like: RuleOptimizer(Weighted(weight: 2), for: model, learningRate: 0.1))
    }
    #expect(error?.kind == .different && error?.name == "optimizer.rule")
  }

  @Test func wrongResultsStop() async {
    let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var model = Affine(NDArray.ones([2]), NDArray.ones([1]))
      var optimizer = RuleOptimizer(Formula("too many", 0) { p, g, _, _ in [p, g] }, for: model, learningRate: 1)
      optimizer.update(&model, along: model)
    }
    #expect(stopSentence(count) == "Formula: update returns 2 tensors for a parameter and 0 state tensors")
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var model = Affine(NDArray.ones([2]), NDArray.ones([1]))
      var optimizer = RuleOptimizer(Formula("a sum", 0) { p, g, _, _ in [(p - g).sum()] }, for: model, learningRate: 1)
      optimizer.update(&model, along: model)
    }
    #expect(
      stopSentence(shape) == "Formula: update returns float32 of shape [] for a float32 parameter of shape [2]")
  }
}
