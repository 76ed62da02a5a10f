internal import UnrollArrays
internal import UnrollAutograd

/// The compiled programs of the rules that an optimizer and its copies have used, one for each shape and element type of a
/// parameter.
///
/// Programs hold no parameter values. Rules are values, and equal rules must have equal formulas, so that equal rules share
/// programs.
final class RulePrograms: Sendable {
  /// A compiled rule for parameters of one shape and element type.
  final class Program: Sendable {
    let shape: Shape
    let type: ElementType
    /// The number of scalar arguments of the rule.
    let numbers: Int
    let result: Result<ElementProgram, ElementObstacle>

    init(_ shape: Shape, _ type: ElementType, numbers: Int, _ result: Result<ElementProgram, ElementObstacle>) {
      (self.shape, self.type, self.numbers, self.result) = (shape, type, numbers, result)
    }

    func fits(_ array: NDArray, _ numbers: Int) -> Bool { array.has(shape) && array.type == type && numbers == self.numbers }
  }

  private struct Known: Sendable {
    let rule: any UpdateRule
    /// The programs, by the index of the parameter.
    var programs: [Program?]
  }

  private let known = Guarded<[Known]>([])

  /// The number of rules whose programs are kept; changing an option makes another rule.
  private static var capacity: Int { 4 }

  /// The programs that are kept.
  var all: [Program] {
    var programs: [Program] = []
    for program in known.withLock({ $0 }).flatMap(\.programs) {
      if let program, !programs.contains(where: { $0 === program }) { programs.append(program) }
    }
    return programs
  }

  /// The known programs of a rule, by the index of the parameter.
  func programs<Rule: UpdateRule>(of rule: Rule, _ count: Int) -> [Program?] {
    let all = known.withLock { $0 }
    return all.first { ($0.rule as? Rule) == rule }?.programs ?? Array(repeating: nil, count: count)
  }

  func keep<Rule: UpdateRule>(_ programs: [Program?], of rule: Rule) {
    let all = known.withLock { $0 }
    let others = all.filter { ($0.rule as? Rule) != rule }.prefix(Self.capacity - 1)
    known.withLock { $0 = [Known(rule: rule, programs: programs)] + others }
  }

  /// Traces a rule and compiles it.
  func traced<Rule: UpdateRule>(
    _ rule: Rule, _ shape: Shape, _ type: ElementType, _ memories: Int, _ numbers: Int
  ) -> Result<ElementProgram, ElementObstacle> {
    let fades = [false] + Array(repeating: true, count: memories)
    return ElementProgram.traced(shape, type, arrays: memories + 2, numbers: numbers, fades: fades) { arrays, numbers in
      rule.results(arrays[0], along: arrays[memories + 1], Array(arrays[1..<(memories + 1)]), numbers)
    }
  }
}

extension UpdateRule {
  /// The results of `update`, after checking their number, shapes and types.
  fileprivate func results(_ p: Tensor, along g: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    let results = update(p, along: g, memories, numbers)
    require(
      results.count == memories.count + 1,
      "\(Self.self): update returns \(results.count) tensors for a parameter and \(memories.count) state tensors")
    for result in results {
      require(
        result.type == p.type && result.shape == p.shape,
        "\(Self.self): update returns \(result.type) of shape \(result.shape) for a \(p.type) parameter of shape \(p.shape)"
      )
    }
    return results
  }

  /// Updates operation by operation; the arrays are the parameter and its state.
  func updateStepwise(_ arrays: inout [NDArray], along gradient: NDArray, _ numbers: [Double]) {
    let tensors = arrays.map { Tensor($0) }
    let results = results(
      tensors[0], along: Tensor(gradient), Array(tensors[1...]), numbers.map { Tensor($0, gradient.type) })
    for (i, result) in results.enumerated() { arrays[i] = i == 0 ? result.array : result.array.withoutSubnormals() }
  }
}

/// One application of a rule to all parameters of a model.
struct RuleRun<Rule: UpdateRule> {
  private let rule: Rule
  private let known: RulePrograms
  private var programs: [RulePrograms.Program?]
  private var hasNew = false
  private var tensors: [Tensor] = []
  private let none = Tensor(0)

  init(_ rule: Rule, _ known: RulePrograms, parameters: Int) {
    (self.rule, self.known) = (rule, known)
    programs = known.programs(of: rule, parameters)
  }

  /// Updates parameter `i` and its state, which is element `i` of each column.
  mutating func update(
    _ i: Int, _ parameter: inout Tensor, _ columns: inout [[Tensor]], along slope: NDArray, _ numbers: [Double]
  ) {
    // Moved here, so that the storage is uniquely referenced.
    tensors.append(parameter)
    parameter = none
    for column in columns.indices {
      let memory = columns[column][i]
      require(
        memory.type == slope.type && memory.shape == slope.shape,
        "update: a \(memory.type) memory of shape \(memory.shape) does not fit a \(slope.type) parameter of shape \(slope.shape)"
      )
      tensors.append(memory)
      columns[column][i] = none
    }
    let program = program(i, slope, memories: columns.count, numbers: numbers.count)
    let rule = rule
    Tensor.modifyArrays(&tensors) { arrays in
      switch program {
      case .success(let program): program.change(&arrays, reading: slope, numbers)
      case .failure: rule.updateStepwise(&arrays, along: slope, numbers)
      }
    }
    parameter = tensors[0]
    for column in columns.indices { columns[column][i] = tensors[column + 1] }
    tensors.removeAll(keepingCapacity: true)
  }

  private mutating func program(
    _ i: Int, _ slope: NDArray, memories: Int, numbers: Int
  ) -> Result<ElementProgram, ElementObstacle> {
    if let program = programs[i], program.fits(slope, numbers) { return program.result }
    hasNew = true
    let same = programs.lazy.compactMap { $0 }.first { $0.fits(slope, numbers) }
    let program =
      same
      ?? RulePrograms.Program(
        slope.shape, slope.type, numbers: numbers, known.traced(rule, slope.shape, slope.type, memories, numbers))
    programs[i] = program
    return program.result
  }

  /// Keeps the programs that were traced in this run.
  func finish() { if hasNew { known.keep(programs, of: rule) } }
}
