internal import UnrollKernelTemplates

/// Compiles an `ElementProgram` from a graph whose rows have one number.
///
/// The inputs of the graph are the arrays; its parameters are the caller's numbers.
struct ElementPlan {
  /// An operation between nodes, before it has places.
  private struct Step {
    var operation: Operation
    var x: Int
    var y: Int?
    var z: Int?
    /// The nodes of numbers that scale the operands (nil is 1), and that are added to a divisor (nil is 0).
    var a: Int?
    var b: Int?
    var c: Int?
    var d: Int?
    var e: Int?
    var isNegative = false
    /// The node that it computes, or the array that it copies to.
    var node: Int?
    var target: Int?
  }

  private enum Operation {
    case unary(UnaryOperation, Double, Double)
    case binary(BinaryOperation)
    case combination(CombinationOperation)
    case quotientStep(takesRoot: Bool)
  }

  let type: ElementType
  let arrayCount: Int
  let givenCount: Int
  private(set) var constants: [Double] = []
  private(set) var numberCount = 0
  private(set) var registerCount = 0
  private(set) var preparation: [ElementProgram.Instruction] = []
  private(set) var instructions: [ElementProgram.Instruction] = []

  private let nodes: [RowGraph.Node]
  private let results: [Int]
  private let fades: [Bool]
  private let kernels: Kernels
  /// The number of live readers of a node; a result counts as one.
  private var readers: [Int]
  private var isLive: [Bool]
  /// The slots of shared nodes' numbers, and of some of their negatives.
  private var places: [Int: Int] = [:]
  private var negatives: [Int: Int] = [:]
  private var known: [Double: Int] = [:]
  private var derived: [(kind: Operation, x: Int, y: Int?, place: Int)] = []

  /// A plan that updates arrays to the results; nil where an element would depend on others. Results that fade are flushed to 0
  /// where they are subnormal.
  init?(_ graph: RowGraph, arrays: Int, numbers: Int, results: [(value: RowValue, fades: Bool)], _ type: ElementType) {
    nodes = graph.nodes
    self.type = type
    (arrayCount, givenCount) = (arrays, numbers)
    fades = results.map(\.fades)
    kernels = Machine.kernels(for: type)
    var ends: [Int] = []
    for result in results {
      guard let piece = result.value.merged.pieces.first, result.value.merged.pieces.count == 1, !piece.isZero else {
        return nil
      }
      ends.append(piece.node)
    }
    self.results = ends
    readers = Array(repeating: 0, count: nodes.count)
    isLive = Array(repeating: false, count: nodes.count)
    for end in ends {
      isLive[end] = true
      readers[end] += 1
    }
    for i in nodes.indices.reversed() where isLive[i] {
      switch nodes[i].operation {
      case .input, .parameter, .number, .unary, .binary: break
      case .ternary, .sum, .maximum, .moments, .normalizationBack, .product, .affine, .join: return nil
      }
      if nodes[i].width != 1 { return nil }
      for view in RowGraph.operands(nodes[i].operation) {
        if view.isZero { return nil }
        isLive[view.node] = true
        readers[view.node] += 1
      }
    }
    prepareNumbers()
    place(orderedSteps())
    prepareInstructions()
  }

  private func isShared(_ node: Int) -> Bool { nodes[node].isShared }

  // MARK: Numbers

  private mutating func constant(_ number: Double) -> Int {
    if let place = known[number], number != 0 { return place }
    constants.append(number)
    known[number] = givenCount + constants.count - 1
    return givenCount + constants.count - 1
  }

  /// Places constants first, since numbers computed from numbers follow them.
  private mutating func prepareNumbers() {
    _ = constant(1)
    _ = constant(-1)
    constants.append(0)
    known[0] = givenCount + constants.count - 1
    for i in nodes.indices where isLive[i] {
      switch nodes[i].operation {
      case .parameter(let given): places[i] = given
      case .number(let number):
        places[i] = constant(number)
        negatives[i] = constant(-number)
      default: break
      }
    }
    numberCount = givenCount + constants.count
    for i in nodes.indices where isLive[i] && isShared(i) && places[i] == nil {
      places[i] = numberCount
      switch nodes[i].operation {
      case .unary(let f, let x, let a, let b): derived.append((.unary(f, a, b), x.node, nil, numberCount))
      case .binary(let f, let x, let y): derived.append((.binary(f), x.node, y.node, numberCount))
      default: stop("ElementPlan: \(nodes[i].operation) is not a function of numbers")
      }
      numberCount += 1
    }
  }

  private mutating func negative(_ node: Int?) -> Int {
    guard let node else { return slot(number: -1) }
    if let place = negatives[node] { return arrayCount + place }
    derived.append((.unary(.negation, 0, 0), node, nil, numberCount))
    negatives[node] = numberCount
    numberCount += 1
    return arrayCount + numberCount - 1
  }

  private func slot(number: Double) -> Int { arrayCount + (known[number] ?? 0) }

  private mutating func prepareInstructions() {
    func slot(_ node: Int) -> Int { arrayCount + (places[node] ?? 0) }
    preparation = derived.map { kind, x, y, place in
      instruction(kind, (slot(x), 1), y.map { (slot($0), 1) } ?? (0, 0), arrayCount + place)
    }
  }

  // MARK: Order

  /// An operand of a combination: the scaled node, its factor, and the nodes that it absorbs.
  private struct Term {
    var base: Int
    var factor: Int?
    var hasFunction = false
    var absorbed: [Int] = []
  }

  private func term(_ node: Int, _ function: UnaryOperation?) -> Term {
    var term = Term(base: node)
    if isShared(node) { return term }
    if readers[node] == 1, case .binary(.multiplication, let x, let y) = nodes[node].operation,
      isShared(x.node) != isShared(y.node)
    {
      term.absorbed.append(node)
      (term.base, term.factor) = isShared(x.node) ? (y.node, x.node) : (x.node, y.node)
    }
    guard let function, readers[term.base] == 1 else { return term }
    switch nodes[term.base].operation {
    case .unary(function, let x, _, _):
      term.absorbed.append(term.base)
      (term.base, term.hasFunction) = (x.node, true)
    case .binary(.multiplication, let x, let y) where function == .square && x.node == y.node:
      term.absorbed.append(term.base)
      (term.base, term.hasFunction) = (x.node, true)
    default: break
    }
    return term
  }

  /// A sum, difference or quotient that absorbs the scaling of its operands; nil where there is nothing to absorb.
  private func combination(_ node: Int, fades: Bool) -> (step: Step, absorbed: [Int])? {
    guard case .binary(let f, let x, let y) = nodes[node].operation, x.node != y.node else { return nil }
    var (first, second) = (x.node, y.node)
    switch f {
    case .addition:
      // The kernel squares its second operand and takes the root of its first.
      if term(first, .square).hasFunction || term(second, .squareRoot).hasFunction { swap(&first, &second) }
    case .subtraction, .division: break
    default: return nil
    }
    let (left, right) = (term(first, .squareRoot), term(second, .square))
    if left.absorbed.isEmpty && right.absorbed.isEmpty && !fades { return nil }
    let operation = CombinationOperation(
      f == .division ? .quotient : fades ? .fadingSum : .sum, takesRoot: left.hasFunction, takesSquare: right.hasFunction)
    return (
      Step(
        operation: .combination(operation), x: left.base, y: right.base, a: left.factor, b: right.factor,
        isNegative: f == .subtraction, node: node), left.absorbed + right.absorbed
    )
  }

  /// z · c − x · a / (y · b + e) · d, where y may be a square root; nil where the node has another form.
  private func quotientStep(_ node: Int) -> (step: Step, absorbed: [Int])? {
    guard case .binary(.subtraction, let x, let y) = nodes[node].operation, x.node != y.node, !isShared(x.node) else {
      return nil
    }
    let (start, way) = (term(x.node, nil), term(y.node, nil))
    guard readers[way.base] == 1, case .binary(.division, let above, let below) = nodes[way.base].operation,
      above.node != below.node, !isShared(above.node), !isShared(below.node)
    else { return nil }
    let dividend = term(above.node, nil)
    var (bottom, added, absorbed) = (below.node, Int?.none, start.absorbed + way.absorbed + dividend.absorbed + [way.base])
    if readers[bottom] == 1, case .binary(.addition, let x, let y) = nodes[bottom].operation,
      isShared(x.node) != isShared(y.node)
    {
      absorbed.append(bottom)
      (bottom, added) = isShared(x.node) ? (y.node, x.node) : (x.node, y.node)
    }
    let divisor = term(bottom, .squareRoot)
    return (
      Step(
        operation: .quotientStep(takesRoot: divisor.hasFunction), x: dividend.base, y: divisor.base, z: start.base,
        a: dividend.factor, b: divisor.factor, c: start.factor, d: way.factor, e: added, node: node),
      absorbed + divisor.absorbed
    )
  }

  private func copy(_ node: Int, to target: Int, fades: Bool) -> Step {
    Step(operation: .combination(.init(fades ? .fadingSum : .sum)), x: node, target: target)
  }

  /// The operations in an order in which operands come first, followed by copies to arrays.
  private mutating func orderedSteps() -> [Step] {
    // The array in which a result is computed.
    var owner: [Int: Int] = [:]
    for (target, node) in results.enumerated() where !isShared(node) && owner[node] == nil {
      if case .input = nodes[node].operation { continue }
      owner[node] = target
    }
    var steps: [Step] = []
    var isDone = Set<Int>()
    for i in nodes.indices.reversed() where isLive[i] && !isShared(i) && !isDone.contains(i) {
      let fading = owner[i].map { fades[$0] } ?? false
      switch nodes[i].operation {
      case .unary(let f, let x, let a, let b):
        steps.append(Step(operation: .unary(f, a, b), x: x.node, node: i))
      case .binary(let f, let x, let y):
        if let (step, absorbed) = fading ? nil : quotientStep(i) {
          steps.append(step)
          isDone.formUnion(absorbed)
        } else if let (step, absorbed) = combination(i, fades: fading) {
          steps.append(step)
          isDone.formUnion(absorbed)
          if case .combination(let made) = step.operation, made.joint == .fadingSum { continue }
        } else {
          steps.append(Step(operation: .binary(f), x: x.node, y: y.node, node: i))
        }
      default: continue
      }
      // A fading result that is not a sum gets a pass that flushes it; this list is built backwards.
      if fading { steps.insert(Step(operation: .combination(.init(.fadingSum)), x: i, node: i), at: steps.count - 1) }
    }
    steps.reverse()
    for (target, node) in results.enumerated() where owner[node] != target {
      if case .input(target) = nodes[node].operation { continue }
      steps.append(copy(node, to: target, fades: fades[target]))
    }
    return steps
  }

  // MARK: Places

  private mutating func place(_ steps: [Step]) {
    var steps = steps
    // An array that is copied to another is read last, when it may have changed: its elements are saved in a register first.
    var aside: [Int: Int] = [:]
    for i in steps.indices {
      guard steps[i].target != nil, case .input(let array) = nodes[steps[i].x].operation, array < results.count else {
        continue
      }
      let name = aside[array] ?? nodes.count + array
      aside[array] = name
      steps[i].x = name
    }
    for (array, name) in aside.sorted(by: { $0.key < $1.key }).reversed() {
      let input = nodes.indices.first { if case .input(array) = nodes[$0].operation { true } else { false } }
      guard let input else { continue }
      steps.insert(Step(operation: .combination(.init(.sum)), x: input, node: name), at: 0)
    }
    var lastRead: [Int: Int] = [:]
    for (i, step) in steps.enumerated() { for node in [step.x, step.y, step.z].compactMap({ $0 }) { lastRead[node] = i } }
    func isInput(_ node: Int, _ array: Int) -> Bool {
      if node < nodes.count, case .input(array) = nodes[node].operation { true } else { false }
    }
    let inputs = nodes.indices.filter { if case .input = nodes[$0].operation { true } else { false } }
    // A result is computed in its own array if the old elements of that array are not read later; otherwise it is copied there.
    var home: [Int: Int] = [:]
    for node in inputs { if case .input(let array) = nodes[node].operation { home[node] = array } }
    var late: [Step] = []
    for (target, node) in results.enumerated() {
      guard let made = steps.firstIndex(where: { $0.node == node && $0.target == nil }), home[node] == nil else { continue }
      let old = inputs.first { isInput($0, target) }.flatMap { lastRead[$0] } ?? -1
      if old <= made { home[node] = target } else { late.append(copy(node, to: target, fades: false)) }
    }
    for step in late {
      lastRead[step.x] = steps.count
      steps.append(step)
    }
    var free: [Int] = []
    var registers: [Int: Int] = [:]
    for (i, step) in steps.enumerated() {
      let operands = [step.x, step.y, step.z].compactMap { $0 }
      func source(_ node: Int?) -> (slot: Int, step: Int) {
        guard let node else { return (slot(number: 0), 0) }
        if node < nodes.count && isShared(node) { return (arrayCount + (places[node] ?? 0), 0) }
        guard let slot = home[node] ?? registers[node] else { stop("ElementPlan: node \(node) is read before it is computed") }
        return (slot, 1)
      }
      for node in Set(operands) where lastRead[node] == i { if let register = registers[node] { free.append(register) } }
      let out: Int
      if let target = step.target {
        out = target
      } else if let node = step.node, let array = home[node] ?? registers[node] {
        out = array
      } else {
        // Registers get negative slots until the number of slots before them is known.
        if free.isEmpty {
          registerCount += 1
          free.append(-registerCount)
        }
        out = free.removeLast()
        if let node = step.node { registers[node] = out }
      }
      func number(_ node: Int?, else number: Double = 1) -> Int {
        node.map { arrayCount + (places[$0] ?? 0) } ?? slot(number: number)
      }
      var made = instruction(step.operation, source(step.x), source(step.y), out)
      (made.form.z, made.form.a, made.form.c) = (source(step.z).slot, number(step.a), number(step.c))
      (made.form.d, made.form.e) = (number(step.d), number(step.e, else: 0))
      made.form.b = step.isNegative ? negative(step.b) : number(step.b)
      instructions.append(made)
    }
    let first = arrayCount + numberCount
    func final(_ slot: Int) -> Int { slot < 0 ? first - 1 - slot : slot }
    for i in instructions.indices {
      let form = instructions[i].form
      (instructions[i].form.x, instructions[i].form.y) = (final(form.x), final(form.y))
      (instructions[i].form.z, instructions[i].form.out) = (final(form.z), final(form.out))
    }
  }

  private func instruction(
    _ operation: Operation, _ x: (slot: Int, step: Int), _ y: (slot: Int, step: Int), _ out: Int
  ) -> ElementProgram.Instruction {
    var form = ElementProgram.Instruction.Form(
      kind: .unary, x: x.slot, y: y.slot, z: 0, a: 0, b: 0, c: 0, d: 0, e: 0, out: out, dx: x.step, dy: y.step, p: 0, q: 0)
    let elements = kernels.elements
    switch operation {
    case .unary(let f, let p, let q):
      (form.p, form.q) = (p, q)
      return .init(form: form, unary: elements.unary(f), binary: nil, combination: nil, quotientStep: nil)
    case .binary(let f):
      form.kind = .binary
      return .init(form: form, unary: nil, binary: elements.binary(f), combination: nil, quotientStep: nil)
    case .combination(let operation):
      form.kind = .combination
      return .init(form: form, unary: nil, binary: nil, combination: elements.combination(operation), quotientStep: nil)
    case .quotientStep(let takesRoot):
      form.kind = .quotientStep
      return .init(form: form, unary: nil, binary: nil, combination: nil, quotientStep: elements.quotientStep(takesRoot))
    }
  }
}

extension ElementProgram {
  /// A program that updates arrays to the results; see `ElementPlan`.
  package static func compiled(
    _ graph: RowGraph, arrays: Int, numbers: Int, results: [(value: RowValue, fades: Bool)], _ type: ElementType
  ) -> ElementProgram? {
    ElementPlan(graph, arrays: arrays, numbers: numbers, results: results, type).map(ElementProgram.init)
  }
}
