import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

/// A random function of tensors: steps, each of which takes values before it, inputs or results. Operations come from the table; among
/// them are checkpoints, operations of one's own, hooks and derivatives, around programs of their own.
struct Program: Sendable {
  /// What a step does to some of the values before it.
  struct Step: Sendable {
    let inputs: [Int]
    let act: @Sendable ([Tensor]) -> [Tensor]
  }

  /// What the program is, line by line.
  private(set) var lines: [String] = []
  private var steps: [Step] = []

  /// A program of so many steps, written at the inputs' numbers so that it is smooth around them.
  init(at inputs: [Tensor], steps count: Int, depth: Int, using random: inout TestRandom) {
    var values = inputs
    for _ in 0..<count {
      let (title, inner, step) = Program.step(values, depth, &random)
      let results = step.act(step.inputs.map { values[$0] })
      let names = results.indices.map { "v\(values.count + $0)" }.joined(separator: ", ")
      lines.append("\(names) = \(title) of \(step.inputs.map { "v\($0)" }.joined(separator: ", "))")
      lines += inner.map { "  " + $0 }
      values += results
      steps.append(step)
    }
  }

  /// The results of all steps.
  func results(_ inputs: [Tensor]) -> [Tensor] {
    var values = inputs
    for step in steps { values += step.act(step.inputs.map { values[$0] }) }
    return Array(values[inputs.count...])
  }

  /// All results weighted and added up.
  func callAsFunction(_ inputs: [Tensor]) -> Tensor { weightedSum(results(inputs)) }
}

/// The sum of all elements, each with a weight of its own.
private func weightedSum(_ tensors: [Tensor]) -> Tensor {
  tensors.reduce(Tensor(0, .float64)) { sum, tensor in
    let weights = Tensor.range(tensor.count, .float64).cos().reshaped(tensor.shape)
    return sum + (tensor * weights).sum()
  }
}

extension Program {
  private typealias Written = (title: String, inner: [String], step: Step)

  private static func step(_ values: [Tensor], _ depth: Int, _ random: inout TestRandom) -> Written {
    switch Int.random(in: 0..<(depth > 0 ? 14 : 10), using: &random) {
    case 8: hook(values, &random)
    case 9: own(values, &random)
    case 10: checkpoint(values, depth, &random)
    case 11: ownAround(values, depth, &random)
    case 12: innerGradient(values, depth, &random)
    case 13: innerTangent(values, depth, &random)
    default: operation(values, &random)
    }
  }

  private static func pick(_ values: [Tensor], _ random: inout TestRandom) -> Int {
    // Later values more often, so that programs grow deep; nothing can be made from values without elements.
    let full = values.indices.filter { values[$0].count > 0 }
    return full[max(Int.random(in: full.indices, using: &random), Int.random(in: full.indices, using: &random))]
  }

  /// A row of the table, its inputs brought to where the row is looked at.
  private static func operation(_ values: [Tensor], _ random: inout TestRandom) -> Written {
    while true {
      let row = operationTable[Int.random(in: operationTable.indices, using: &random)]
      let inputs = row.draws.map { _ in pick(values, &random) }
      var fittings: [Fitting] = []
      for (draw, input) in zip(row.draws, inputs) {
        if let fitting = Fitting(values[input], to: draw, &random) { fittings.append(fitting) }
      }
      guard fittings.count == inputs.count else { continue }
      let drawn = fittings
      return ("\(row.name)", [], Step(inputs: inputs) { x in row.function(zip(drawn, x).map { $0($1) }) })
    }
  }

  private static func hook(_ values: [Tensor], _ random: inout TestRandom) -> Written {
    let input = pick(values, &random)
    if Bool.random(using: &random) {
      return ("observingCotangent", [], Step(inputs: [input]) { [$0[0].observingCotangent { _ in }] })
    }
    return ("replacingCotangent by itself", [], Step(inputs: [input]) { [$0[0].replacingCotangent { $0 * 2 * 0.5 }] })
  }

  private static let owns: [(String, @Sendable ([Tensor]) -> [Tensor])] = [
    (
      "one's own cube",
      customOperation("cube") { x in
        [x[0] * x[0] * x[0]]
      } pullback: { g, x, _ in
        [g[0] * x[0].square() * 3, nil]
      }
    ),
    (
      "one's own exponential",
      customOperation("exponential") { x in
        [x[0].exp() + x[1]]
      } pullback: { g, x, y in
        [g[0] * (y[0] - x[1]), g[0]]
      }
    ),
    (
      "one's own sum and product",
      customOperation("sumAndProduct") { x in
        [x[0] + x[1], x[0] * x[1]]
      } pullback: { g, x, _ in
        [g[0] + g[1] * x[1], g[0] + g[1] * x[0]]
      }
    ),
  ]

  /// An operation stated by closures, of two inputs of one shape.
  private static func own(_ values: [Tensor], _ random: inout TestRandom) -> Written {
    let (title, operation) = owns[Int.random(in: owns.indices, using: &random)]
    let inputs = [pick(values, &random), pick(values, &random)]
    let draw = Draw(values[inputs[0]].shape, -1..<1)
    let fittings = inputs.compactMap { Fitting(values[$0], to: draw, &random) }
    return (title, [], Step(inputs: inputs) { x in operation(zip(fittings, x).map { $0($1) }) })
  }

  /// A program of few steps over some of the values.
  private static func inner(
    _ values: [Tensor], _ depth: Int, _ random: inout TestRandom
  ) -> (program: Program, inputs: [Int]) {
    let inputs = (0..<Int.random(in: 1...3, using: &random)).map { _ in pick(values, &random) }
    let steps = Int.random(in: 1...3, using: &random)
    return (Program(at: inputs.map { values[$0] }, steps: steps, depth: depth - 1, using: &random), inputs)
  }

  /// A checkpoint, to which some inputs are handed while its closure captures the others.
  private static func checkpoint(_ values: [Tensor], _ depth: Int, _ random: inout TestRandom) -> Written {
    let (program, inputs) = inner(values, depth, &random)
    let handed = Int.random(in: 1...inputs.count, using: &random)
    let step = Step(inputs: inputs) { x in
      let captured = Array(x[handed...])
      return checkpointed(Array(x[..<handed])) { program.results($0 + captured) }
    }
    return ("checkpointed of \(handed)", program.lines, step)
  }

  /// An operation of one's own whose pullback is that of a program.
  private static func ownAround(_ values: [Tensor], _ depth: Int, _ random: inout TestRandom) -> Written {
    let (program, inputs) = inner(values, depth, &random)
    let operation = customOperation("program") { x in
      program.results(x)
    } pullback: { g, x, _ in
      pullback(at: x) { program.results($0) }.pullback(g)
    }
    return ("one's own", program.lines, Step(inputs: inputs, act: operation))
  }

  private static func innerGradient(_ values: [Tensor], _ depth: Int, _ random: inout TestRandom) -> Written {
    let (program, inputs) = inner(values, min(depth, 1), &random)
    let asked = Int.random(in: 1...inputs.count, using: &random)
    let step = Step(inputs: inputs) { x in
      let captured = Array(x[asked...])
      return gradient(at: Array(x[..<asked]), allowingNoPath: true) { program($0 + captured) }
    }
    return ("gradient by \(asked)", program.lines, step)
  }

  private static func innerTangent(_ values: [Tensor], _ depth: Int, _ random: inout TestRandom) -> Written {
    let (program, inputs) = inner(values, min(depth, 1), &random)
    let step = Step(inputs: inputs) { x in
      [tangent(at: x, along: x.map { $0.sin() }) { program($0) }.tangent]
    }
    return ("tangent", program.lines, step)
  }
}

/// A smooth way from any tensor to the shape and the range that a row of the table wants.
private struct Fitting: Sendable {
  private let draw: Draw
  private let phase: Double
  /// Where the elements lie that must stay apart from each other.
  private let places: Tensor?

  /// Nil where the numbers would lie near a kink.
  init?(_ x: Tensor, to draw: Draw, _ random: inout TestRandom) {
    self.draw = draw
    let count = draw.shape.elementCount
    let width = draw.range.upperBound - draw.range.lowerBound
    var places: Tensor?
    if draw.isSpaced {
      let grid = (0..<count).map { draw.range.lowerBound + width * (Double($0) + 0.5) / Double(count) }.shuffled(using: &random)
      places = Tensor(grid, shape: draw.shape)
    }
    self.places = places
    phase = Double.random(in: 0..<6, using: &random)
    let numbers = self(x).array.scalars(as: Double.self)
    let isSmooth = numbers.allSatisfy { number in draw.kinks.allSatisfy { abs(number - $0) > 0.02 } }
    guard isSmooth || (draw.kinks.isEmpty && !numbers.contains(where: \.isNaN)) else { return nil }
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let count = draw.shape.elementCount
    let flat = x.reshaped([x.count])
    let many = x.count < count ? flat.tiled([(count + x.count - 1) / max(1, x.count)]) : flat
    let offsets = Tensor.range(count, .float64) * 0.7 + phase
    let wave = (many[0..<count] + offsets).sin().reshaped(draw.shape)
    let width = draw.range.upperBound - draw.range.lowerBound
    if let places { return places + wave * (0.3 * width / Double(count)) }
    return wave * (0.48 * width) + (draw.range.lowerBound + 0.5 * width)
  }
}
