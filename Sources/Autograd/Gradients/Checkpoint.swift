internal import UnrollArrays

/// Computes without keeping anything but the inputs, and computes again when a derivative is asked for: memory for time.
///
/// The derivative reaches the inputs and whatever recorded tensors the closure captures. What is random must be drawn outside, or from
/// a generator split before, so that both computations agree. The closure may call `checkpointed` again; a
/// computation within others takes some kilobytes of the thread's stack for each of them, and stops where little is left.
///
///     let x = Tensor.ones([4, 4])
///     let slope = gradient(at: x) { x in checkpointed(x) { x in x.matmul(x).tanh() }.sum() }
public func checkpointed<T: TensorGroup, R: TensorGroup>(
  _ x: T, _ f: @escaping @Sendable (T) -> R
) -> R {
  let recording = CheckpointRecording(x, x.tensors, f)
  let results = recording.result.tensors
  // Of what was captured only the place in the graph is needed: the numbers come back with the closure.
  let inputs = x.tensors + recording.captured.map(\.withoutNumbers)
  let operation = Checkpoint(x: x.mappingTensors { $0.detached() }, compute: Deferred(f))
  guard !results.isEmpty, inputs.contains(where: \.isRecorded) else {
    return recording.result.mappingTensors { $0.detached() }
  }
  return recording.result.replacingTensors(operation.recorded(inputs, Values(results.map(\.array))))
}

/// A computation that is done again. Its inputs are those of the closure, and then the edges at which a recording of the closure
/// leaves it towards what it captured, in the order of a walk, which is the same every time.
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
      "checkpointed: the closure used \(again.sources.count) recorded inputs when computed again, \(context.inputCount) at first"
    )
    return again
  }
}

/// One computation of the closure, recorded from labelled inputs.
struct CheckpointRecording<R: TensorGroup> {
  let result: R
  /// What leads out of the closure, to recorded tensors that it captured.
  let captured: [Captured]
  private let labels: [Node]
  private let run: Run

  init<T: TensorGroup>(_ x: T, _ inputs: [Tensor], _ compute: (T) -> R) {
    run = Run()
    let left = CurrentThread.stackLeft
    require(
      left >= 64 << 10,
      "checkpointed: \(left) bytes of this thread's stack are too few for one more computation within others; nest fewer, "
        + "or use a thread with a larger stack")
    // Under more labels than a tensor from outside of any checkpoint, so that the search for what was captured ends there.
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

  /// Where all inputs come from: the labels, then what was captured.
  var sources: [Edge] { labels.map { Edge(node: $0, slot: 0) } + captured.map(\.edge) }

  /// The recording down to its inputs. What was captured is recorded for others where the first recording's was.
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

  /// A recorded tensor from outside, without its numbers.
  struct Captured {
    let edge: Edge
    let type: ElementType

    var withoutNumbers: Tensor {
      Tensor(NDArray.zeros([], type).broadcast(to: edge.node.outputShape(edge.slot)), edge)
    }
  }
}

/// An edge, to tell it from others.
private struct EdgeName: Hashable {
  let node: ObjectIdentifier
  let slot: Int
}
