internal import UnrollArrays

/// Computes without keeping anything but the inputs, and computes again when a derivative is requested: it trades time for
/// memory.
///
/// The derivative reaches the inputs and all recorded tensors that the closure captures. Random numbers must be drawn outside,
/// or from a generator that was split before, so that both computations agree. The closure may call `checkpointed` again; each
/// level of nesting takes some kilobytes of the thread's stack, and the program stops where little is left.
///
///     let x = Tensor.ones([4, 4])
///     let slope = gradient(at: x) { x in checkpointed(x) { x in x.matmul(x).tanh() }.sum() }
public func checkpointed<T: TensorGroup, R: TensorGroup>(
  _ x: T, _ f: @escaping @Sendable (T) -> R
) -> R {
  let recording = CheckpointRecording(x, x.tensors, f)
  let results = recording.result.tensors
  // Captured tensors are inputs by their place in the graph only; the closure holds their numbers.
  let inputs = x.tensors + recording.captured.map(\.withoutNumbers)
  let operation = Checkpoint(x: x.mappingTensors { $0.detached() }, compute: Deferred(f))
  guard !results.isEmpty, inputs.contains(where: \.isRecorded) else {
    return recording.result.mappingTensors { $0.detached() }
  }
  return recording.result.replacingTensors(operation.recorded(inputs, Values(results.map(\.numbers.array))))
}

/// A computation that is repeated for derivatives. Its inputs are the closure's, followed by the edges that lead from a
/// recording of the closure to tensors that it captured, in the order of a walk, which is always the same.
struct Checkpoint<T: TensorGroup, R: TensorGroup>: Operation {
  let x: T
  let compute: Deferred<@Sendable (T) -> R>
  static var mixesTypes: Bool { true }
  var name: String { "checkpointed" }

  func forward(_ inputs: [NDArray]) -> Values {
    let tensors = inputs.prefix(x.tensors.count).map { Tensor($0) }
    return Values(compute.value(x.replacingTensors(tensors)).tensors.map(\.array))
  }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let again = again(context)
    var seeds: [(Edge, Tensor)] = []
    for (result, cotangent) in zip(again.result.tensors, g) {
      if let source = result.source, let cotangent { seeds.append((source, cotangent)) }
    }
    let (traversal, targets) = again.traversal(context)
    let found = ReverseWalk.cotangents(traversal, seeds, targetCount: targets.count)
    return Few(
      again.sources.map { edge -> Tensor? in
        guard let target = targets[ObjectIdentifier(edge.node)], !found[target].isEmpty else { return nil }
        return found[target][edge.slot]
      })
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let again = again(context)
    let (traversal, targets) = again.traversal(context)
    var seeds: [[Tensor?]] = Array(repeating: [], count: targets.count)
    for (edge, tangent) in zip(again.sources, t) {
      guard let target = targets[ObjectIdentifier(edge.node)] else { continue }
      if seeds[target].isEmpty { seeds[target] = Array(repeating: nil, count: edge.node.outputCount) }
      seeds[target][edge.slot] = tangent
    }
    return Few(ForwardWalk.tangents(traversal, again.result.tensors.map(\.source), along: seeds))
  }

  private func again(_ context: Context) -> CheckpointRecording<R> {
    let inputs = x.tensors.enumerated().map { context.input($0, $1.numbers) }
    let again = CheckpointRecording(x, inputs, compute.value)
    require(
      again.sources.count == context.inputCount,
      "checkpointed: the closure used \(again.sources.count) recorded inputs when run again, \(context.inputCount) at first"
    )
    return again
  }
}

/// One recorded run of the closure, from labelled inputs.
struct CheckpointRecording<R: TensorGroup> {
  let result: R
  /// The edges to recorded tensors that the closure captured.
  let captured: [Captured]
  private let labels: [Node]
  private let run: Run

  init<T: TensorGroup>(_ x: T, _ inputs: [Tensor], _ compute: (T) -> R) {
    run = Run()
    let left = CurrentThread.stackLeft
    require(
      left >= 64 << 10,
      "checkpointed: \(left) bytes of this thread's stack are too few for another nested checkpoint; nest fewer, "
        + "or use a thread with a larger stack")
    // A higher nesting than that of tensors outside all checkpoints, so that the search for captured tensors ends there.
    let (labelled, labels) = inputs.labelled(run, nesting: 2)
    self.labels = labels
    result = compute(x.replacingTensors(labelled))
    let traversal = Traversal(below: result.tensors, targets: labels, isSmall: true)
    var captured: [Captured] = []
    var seen: Set<EdgeName> = []
    func add(_ edge: Edge?, _ type: ElementType) {
      guard let edge, !traversal.survey.reaches(edge.node) else { return }
      if seen.insert(EdgeName(node: ObjectIdentifier(edge.node), slot: edge.slot)).inserted {
        captured.append(Captured(edge: edge, type: type))
      }
    }
    for tensor in result.tensors { add(tensor.source, tensor.type) }
    for node in traversal.nodes where traversal.survey.reaches(node) && traversal.survey.target(node) == nil {
      for i in 0..<node.inputs.count { add(node.inputs[i], node.inputType(i)) }
    }
    self.captured = captured
  }

  /// The origins of all inputs: the labels, then the captured tensors.
  var sources: [Edge] { labels.map { Edge(node: $0, slot: 0) } + captured.map(\.edge) }

  /// The traversal of the recording down to its inputs. A captured tensor counts as recorded outside where the first
  /// recording's did.
  func traversal(_ context: Context) -> (Traversal, [ObjectIdentifier: Int]) {
    var targets: [Node] = []
    var outside: [Bool] = []
    var positions: [ObjectIdentifier: Int] = [:]
    for (i, edge) in sources.enumerated() where positions[ObjectIdentifier(edge.node)] == nil {
      positions[ObjectIdentifier(edge.node)] = targets.count
      targets.append(edge.node)
      outside.append(context.isRecordedOutside(i))
    }
    let roots = result.tensors.compactMap { $0.source?.node }
    return (Traversal(below: roots, targets: targets, outside: outside, isSmall: true), positions)
  }

  /// A captured tensor, without its numbers.
  struct Captured {
    let edge: Edge
    let type: ElementType

    var withoutNumbers: Tensor {
      Tensor(NDArray.zeros([], type).broadcast(to: edge.node.outputShape(edge.slot)), edge)
    }
  }
}

/// The identity of an edge.
private struct EdgeName: Hashable {
  let node: ObjectIdentifier
  let slot: Int
}
