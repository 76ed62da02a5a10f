package import UnrollArrays

/// Requests, besides derivatives, for everything that depends on a labelled tensor. Nodes inherit them from their inputs.
struct Watch: OptionSet, Sendable {
  let rawValue: UInt8
  /// The program stops at the first number that is not finite.
  static let checks = Watch(rawValue: 1)
  /// Operations are written into a trace.
  static let traces = Watch(rawValue: 2)
  /// What runs over a sequence is written into the trace as one operation, even where it runs step by step.
  static let sequences = Watch(rawValue: 4)
}

/// The operations of a computation in their order, each with its input and output tensors: the source from which programs are
/// compiled.
///
/// A trace begins with probes, which are labelled copies of tensors. Operations that depend on a probe are logged, in forward
/// and backward passes alike. A computation that reads the numbers of such a tensor might take another path with other numbers:
/// its trace reports that, and must not become a program.
package final class Trace: Sendable {
  /// One operation as it ran.
  package struct Entry: Sendable {
    package let operation: any Operation
    package let inputs: [Tensor]
    package let outputs: [Tensor]

    /// Whether the operation passes its cotangent to a closure that may need to see every one.
    package var showsCotangents: Bool { (operation as? Hook).map { !$0.isPure } ?? false }
  }

  private let log = TraceLog()
  private let run: Run
  private let watch: Watch

  /// A trace that wants what runs over a sequence as one operation, if `keepsSequences`.
  package init(keepsSequences: Bool = false) {
    run = Run(log: log)
    watch = keepsSequences ? [.traces, .sequences] : .traces
  }

  /// Whether numbers were read.
  package var readsNumbers: Bool { log.state.withLock { !$0.readings.isEmpty } }

  /// Whether the numbers of this tensor were read.
  package func hasRead(_ tensor: Tensor) -> Bool {
    guard let source = tensor.source else { return false }
    return log.state.withLock { $0.readings.contains(ObjectIdentifier(source.node)) }
  }

  /// Takes the entries out. This also breaks the reference cycle: entries reference nodes, and these reference the trace.
  package func takeEntries() -> [Entry] {
    log.state.withLock { state in
      defer { state.entries = [] }
      return state.entries
    }
  }

  /// The number of operations logged so far.
  package var count: Int { log.state.withLock { $0.entries.count } }

  /// A copy of a tensor that this trace follows.
  package func probe(_ tensor: Tensor) -> Tensor { Tensor(tensor.numbers, nil).labelled(run, watch: watch) }

  /// The cotangents of traced tensors, given those of others; traced like any computation. nil where none arrives. The walk
  /// ends at the targets; for `others`, which it passes, it returns the sum over all paths.
  package func cotangents(
    of targets: [Tensor], from results: [(Tensor, cotangent: Tensor)], passing others: [Tensor] = []
  ) -> (targets: [Tensor?], others: [Tensor?]) {
    var nodes: [Node] = []
    var positions: [ObjectIdentifier: Int] = [:]
    let places = targets.map { target -> (node: Int, slot: Int)? in
      guard let source = target.source else { return nil }
      let name = ObjectIdentifier(source.node)
      if positions[name] == nil {
        positions[name] = nodes.count
        nodes.append(source.node)
      }
      return positions[name].map { ($0, source.slot) }
    }
    let seeds = results.compactMap { result in result.0.source.map { ($0, result.cotangent) } }
    let traversal = Traversal(
      below: seeds.map { $0.0.node }, targets: nodes, outside: Array(repeating: true, count: nodes.count))
    let sources = others.map(\.source)
    let (found, seen) = ReverseWalk.cotangents(
      traversal, seeds, targetCount: nodes.count, watching: sources.compactMap { $0?.node })
    var passed = seen.makeIterator()
    return (
      places.map { place in
        guard let place, !found[place.node].isEmpty else { return nil }
        return found[place.node][place.slot]
      },
      sources.map { source in
        guard let source, let outputs = passed.next(), outputs.indices.contains(source.slot) else { return nil }
        return outputs[source.slot]
      }
    )
  }
}

/// The contents of a trace so far.
final class TraceLog: Sendable {
  struct State: Sendable {
    var entries: [Trace.Entry] = []
    /// The nodes whose numbers were read.
    var readings: Set<ObjectIdentifier> = []
  }

  let state = Guarded(State())
}

extension Tensor {
  /// The identity of a recorded tensor, equal for the same result of the same operation.
  package var traceName: TraceName? { source.map { TraceName(node: ObjectIdentifier($0.node), slot: $0.slot) } }

  /// The same below the labels of requests that were made inside of the trace, such as those of a gradient.
  package var traceNameBelowLabels: TraceName? {
    guard var edge = source else { return nil }
    while edge.node.isLabel, let below = edge.node.inputs.first ?? nil { edge = below }
    return TraceName(node: ObjectIdentifier(edge.node), slot: edge.slot)
  }

  /// Whether a trace follows this tensor.
  package var isTraced: Bool { source?.node.watch.contains(.traces) ?? false }

  /// Whether a trace follows this tensor that wants sequences as one operation.
  package var isTracedWhole: Bool { source?.node.watch.contains(.sequences) ?? false }

  /// The numbers, for inspecting a constant of a trace; this does not count as reading.
  package var numbersOfConstant: NDArray { numbers.array }
}

/// A result of an operation, by identity.
package struct TraceName: Hashable, Sendable {
  let node: ObjectIdentifier
  let slot: Int
}

extension Node {
  /// The log of the trace that follows this node.
  private var traceLog: TraceLog? {
    var node = self
    while let below = node.inputs.lazy.compactMap({ $0?.node }).first(where: { $0.watch.contains(.traces) }) { node = below }
    return (node.operation as? Label)?.run?.log
  }

  /// Records that the numbers of this traced node are read.
  func noteReading() {
    var node = self
    while node.isLabel, let below = node.inputs.first ?? nil { node = below.node }
    traceLog?.state.withLock { _ = $0.readings.insert(ObjectIdentifier(node)) }
  }

  func write(_ entry: Trace.Entry) { traceLog?.state.withLock { $0.entries.append(entry) } }
}

extension Operation {
  /// Checks and logs a result whose graph is watched.
  func watched(_ inputs: [Tensor], _ outputs: [Tensor], _ node: Node) {
    if node.watch.contains(.checks) { requireFinite(outputs.map(\.numbers.array), inputs, of: name) }
    if node.watch.contains(.traces) { node.write(Trace.Entry(operation: self, inputs: inputs, outputs: outputs)) }
  }
}

/// The identity with a zero derivative.
struct Detachment: OneInput {
  var name: String { "detached" }
  func value(_ x: NDArray) -> NDArray { x }
  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { [nil] }
  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { [nil] }
}
