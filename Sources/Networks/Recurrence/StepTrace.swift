internal import UnrollArrays
internal import UnrollAutograd

/// A traced step of a cell: its compiled program, and how to compute the program's matrices and rows from the cell's
/// parameters.
final class TracedStep: Sendable {
  /// The source of an input of a replayed operation.
  enum Source: Sendable {
    /// A tensor of the cell, by index.
    case parameter(Int)
    /// An argument of the step: x, the parts of the state, the draws.
    case given(Int)
    /// An output of an earlier operation.
    case result(operation: Int, output: Int)
    case constant(Tensor)
  }

  /// An operation that can be repeated with other tensors.
  struct Replay: Sendable {
    let operation: any Operation
    let inputs: [Source]
  }

  let program: StepProgram
  /// The operations that depend on parameters alone, and their results that the program reads: matrices, and rows.
  let preparation: [Replay]
  let matrices: [Source]
  let rows: [Source]
  /// The operations of the step itself, and the parts of the next state; they compute higher derivatives.
  let steps: [Replay]
  let next: [Source]

  init(
    program: StepProgram, preparation: [Replay], matrices: [Source], rows: [Source], steps: [Replay], next: [Source]
  ) {
    self.program = program
    self.preparation = preparation
    self.matrices = matrices
    self.rows = rows
    self.steps = steps
    self.next = next
  }

  /// The program's matrices and rows, computed from a cell's tensors, and recorded if those are.
  func prepared(_ parameters: [Tensor]) -> (matrices: [Tensor], rows: [Tensor]) {
    let results = replay(preparation, parameters, [])
    func value(_ source: Source) -> Tensor { self.value(source, parameters, [], results) }
    return (matrices.map(value), rows.map(value))
  }

  private func replay(_ operations: [Replay], _ parameters: [Tensor], _ given: [Tensor]) -> [[Tensor]] {
    var results: [[Tensor]] = []
    for replay in operations {
      results.append(replay.operation.results(replay.inputs.map { value($0, parameters, given, results) }))
    }
    return results
  }

  private func value(_ source: Source, _ parameters: [Tensor], _ given: [Tensor], _ results: [[Tensor]]) -> Tensor {
    switch source {
    case .parameter(let i): parameters[i]
    case .given(let i): given[i]
    case .result(let operation, let output): results[operation][output]
    case .constant(let tensor): tensor
    }
  }

  /// One step in tensor arithmetic. `prepared` holds the program's matrices and rows, `given` x, the state and the draws.
  func step(_ prepared: [Tensor], _ given: [Tensor]) -> [Tensor] {
    let results = replay(steps, prepared, given)
    return next.map { value($0, prepared, given, results) }
  }
}

/// How a cell runs over a sequence; see `Recurrent.ways`.
public enum RecurrentWay: Sendable, Equatable, CustomStringConvertible {
  /// The whole sequence as one operation.
  case fused
  /// All steps as one linear recurrence, whose a and b are computed operation by operation: see `LinearCell`.
  case linear
  /// Operation by operation: the same numbers, but slower.
  case stepByStep(StepwiseReason)

  /// The way as text, with the reason.
  public var description: String {
    switch self {
    case .fused: "fused"
    case .linear: "linear"
    case .stepByStep(let reason): "step by step: \(reason)"
    }
  }
}

/// The reason why a step runs operation by operation.
public enum StepwiseReason: Sendable, Equatable, CustomStringConvertible {
  /// The step reads numbers, so that it could branch differently for other numbers.
  case readsNumbers
  /// The step uses an operation that does not work on separate rows.
  case operation(String)
  /// The step uses a recorded tensor that is not a parameter of the cell.
  case capturesRecorded
  /// The step passes cotangents to a closure that must see each of them.
  case showsCotangents
  /// The state does not have one row for each row of the input.
  case state

  /// The reason as text.
  public var description: String {
    switch self {
    case .readsNumbers: "the step reads the numbers of its arguments"
    case .operation(let name): "the step uses \(name), which mixes rows or has no kernel for rows"
    case .capturesRecorded: "the step uses a recorded tensor that is not a parameter of the cell"
    case .showsCotangents: "the step hands cotangents to a closure, which sees each of them"
    case .state: "a part of the state does not have one row for each row of the input"
    }
  }
}

/// Traces one step of a cell and compiles it.
struct StepTracer<Cell: RecurrentCell> {
  private let trace = Trace()
  private let cell: Cell
  private let x: Tensor
  private let state: Cell.State
  private let draws: [Tensor]
  private let factors: Tensor?
  private let saysCotangents: Bool

  /// Probes with the shapes of one step's tensors. The last draw may be the factors of the hidden state.
  init(_ cell: Cell, _ x: Tensor, _ state: Cell.State, draws: [Tensor], factors: Tensor?, saysCotangents: Bool) {
    let trace = trace
    self.cell = cell.mappingTensors { trace.probe($0) }
    self.x = trace.probe(x)
    self.state = state.mappingTensors { trace.probe($0) }
    self.draws = draws.map { trace.probe($0) }
    self.factors = factors.map { trace.probe($0) }
    self.saysCotangents = saysCotangents
  }

  func traced() -> Result<TracedStep, Failure> {
    let parameters = cell.tensors
    let given = [x] + state.tensors + draws + (factors.map { [$0] } ?? [])
    let batch = x.shape[0]
    guard state.tensors.allSatisfy({ $0.rank == 2 && $0.shape[0] == batch }) else { return .failure(.init(.state)) }

    // Forward.
    let projected = cell.project(x)
    let recurred = cell.recur(factors.map { state.hidden * $0 } ?? state.hidden)
    let next =
      draws.isEmpty
      ? cell.step(projected, recurred, state) : cell.step(projected, recurred, state, noise: draws)
    let forward = trace.takeEntries()
    let (before, after) = (state.tensors, next.tensors)
    require(
      before.count == after.count && zip(before, after).allSatisfy { $0.shape == $1.shape && $0.type == $1.type },
      "\(Cell.self): a step from a state of shapes \(before.map(\.shape)) leaves \(after.map(\.shape)); a state keeps its shapes "
        + "and its type")

    // Separate what depends on rows from what depends on parameters alone.
    var isRow: Set<TraceName> = Set(given.compactMap(\.traceName))
    var preparation: [Trace.Entry] = []
    var steps: [Trace.Entry] = []
    for entry in forward {
      if entry.inputs.contains(where: { $0.isRecorded && !$0.isTraced }) { return .failure(.init(.capturesRecorded)) }
      if entry.showsCotangents { return .failure(.init(.showsCotangents)) }
      if entry.inputs.contains(where: { $0.traceName.map { isRow.contains($0) } ?? false }) {
        isRow.formUnion(entry.outputs.compactMap(\.traceName))
        steps.append(entry)
      } else {
        preparation.append(entry)
      }
    }
    var border: [Tensor] = []
    var isKnown: Set<TraceName> = []
    for tensor in steps.flatMap(\.inputs) + after {
      guard let name = tensor.traceName, !isRow.contains(name), isKnown.insert(name).inserted else { continue }
      border.append(tensor)
    }

    // Backward.
    let cotangents = after.map { trace.probe(Tensor(NDArray.zeros([], $0.type).broadcast(to: $0.shape))) }
    let targets = [x] + before + border
    let (found, passed) = trace.cotangents(
      of: targets, from: Array(zip(after, cotangents)), passing: saysCotangents ? after : [])
    let backward = trace.takeEntries()
    if trace.readsNumbers { return .failure(.init(.readsNumbers)) }

    // Translate the operations into a graph of rows.
    var rows = RowTranslation(rowCount: batch)
    var graph = StepGraph(
      rows: RowGraph(), inputWidth: x.shape[1], stateWidths: before.map { $0.shape[1] },
      drawWidths: given.dropFirst(1 + before.count).map { $0.shape.last ?? 1 })
    for (place, tensor) in given.enumerated() {
      rows.set(tensor, .row(rows.graph.input(place, width: tensor.shape[1])))
    }
    for (part, tensor) in cotangents.enumerated() {
      rows.set(tensor, .row(rows.graph.input(RowGraph.firstCotangent + part, width: tensor.shape[1])))
    }
    var (matrices, parameterRows): ([Tensor], [Tensor]) = ([], [])
    for tensor in border {
      if isMatrix(tensor, steps) {
        rows.set(tensor, .matrix(matrices.count, isTransposed: false))
        rows.matrixShapes.append((tensor.shape[0], tensor.shape[1]))
        matrices.append(tensor)
      } else {
        guard tensor.rank < 2 || (tensor.rank == 2 && tensor.shape[0] == 1) else {
          return .failure(.init(.operation("a parameter of shape \(tensor.shape)")))
        }
        rows.set(tensor, .row(rows.graph.parameter(rows.parameterWidths.count, width: tensor.count)))
        rows.parameterWidths.append(tensor.count)
        parameterRows.append(tensor)
      }
    }
    let ownRows = rows.parameterWidths.count
    for entry in steps + backward {
      guard rows.add(entry) else { return .failure(.init(.operation(entry.operation.name))) }
    }
    graph.next = []
    for tensor in after {
      guard let value = rows.row(tensor) else { return .failure(.init(.state)) }
      graph.next.append(wide(value, tensor.shape[1]))
    }
    func cotangent(_ tensor: Tensor?, _ width: Int) -> StepGraph.Cotangent? {
      guard let tensor else { return StepGraph.Cotangent(value: nil) }
      return rows.row(tensor).map { StepGraph.Cotangent(value: wide($0, width)) }
    }
    guard let byInput = cotangent(found[0], graph.inputWidth) else { return .failure(.init(.operation("its input"))) }
    graph.byInput = byInput
    for part in before.indices {
      guard let byState = cotangent(found[1 + part], graph.stateWidths[part]) else { return .failure(.init(.state)) }
      graph.byState.append(byState)
    }
    for (part, tensor) in passed.enumerated() {
      guard let byNext = cotangent(tensor, graph.stateWidths[part]) else { return .failure(.init(.state)) }
      graph.byNext.append(byNext.value)
    }
    for (tensor, cotangent) in zip(border, found.dropFirst(1 + before.count)) {
      guard let cotangent else { continue }
      switch (rows.meaning(tensor), rows.meaning(cotangent)) {
      case (.matrix(let matrix, _)?, .outer(let terms)?):
        for term in terms { graph.byMatrix.append((matrix, term.left, term.right)) }
      case (.row(let row)?, .sum(let value)?), (.row(let row)?, .row(let value)?):
        guard case .parameter(let parameter)? = rows.graph.operation(of: row) else {
          return .failure(.init(.operation("a parameter's cotangent")))
        }
        graph.byParameter.append((parameter, value))
      default: return .failure(.init(.operation("a parameter's cotangent")))
      }
    }
    graph.rows = rows.graph
    graph.parameterWidths = rows.parameterWidths
    graph.constants = rows.constants
    graph.matrixShapes = rows.matrixShapes
    guard ownRows + rows.constants.count == rows.parameterWidths.count else { return .failure(.init(.state)) }

    // Collect what is needed to replay the operations with other numbers.
    var sources = Sources(parameters, [])
    let preparations = preparation.map { sources.replay($0) }
    let prepared = (matrices + parameterRows).map { sources.source($0) }
    var inner = Sources(matrices + parameterRows, given)
    let replays = steps.map { inner.replay($0) }
    return .success(
      TracedStep(
        program: .compiled(graph, x.type), preparation: preparations, matrices: Array(prepared[..<matrices.count]),
        rows: Array(prepared[matrices.count...]), steps: replays, next: after.map { inner.source($0) }))
  }

  struct Failure: Error {
    let reason: StepwiseReason
    init(_ reason: StepwiseReason) { self.reason = reason }
  }

  /// Whether a tensor is the right factor of a matrix product.
  private func isMatrix(_ tensor: Tensor, _ steps: [Trace.Entry]) -> Bool {
    tensor.rank == 2
      && steps.contains { entry in
        ["matmul", "affine"].contains(entry.operation.name) && entry.inputs[1].traceName == tensor.traceName
      }
  }

  private func wide(_ value: RowValue, _ width: Int) -> RowValue {
    value.width == 1 && width > 1 ? RowValue([value.pieces[0].wide(width)]) : value
  }

  /// The sources of the tensors of a trace.
  private struct Sources {
    private var known: [TraceName: TracedStep.Source] = [:]
    private var count = 0

    init(_ parameters: [Tensor], _ given: [Tensor]) {
      for (i, tensor) in parameters.enumerated() { if let name = tensor.traceName { known[name] = .parameter(i) } }
      for (i, tensor) in given.enumerated() { if let name = tensor.traceName { known[name] = .given(i) } }
    }

    func source(_ tensor: Tensor) -> TracedStep.Source {
      tensor.traceName.flatMap { known[$0] } ?? .constant(Tensor(tensor.numbersOfConstant))
    }

    mutating func replay(_ entry: Trace.Entry) -> TracedStep.Replay {
      let inputs = entry.inputs.map(source)
      for (output, tensor) in entry.outputs.enumerated() {
        if let name = tensor.traceName { known[name] = .result(operation: count, output: output) }
      }
      count += 1
      return TracedStep.Replay(operation: entry.operation, inputs: inputs)
    }
  }
}
