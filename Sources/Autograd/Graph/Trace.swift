package import UnrollArrays

/// What is asked of everything that depends on a labelled tensor, besides derivatives. It rides on nodes, from inputs to outputs.
struct Watch: OptionSet, Sendable {
  let rawValue: UInt8
  /// The program stops at the first number that is not finite.
  static let checks = Watch(rawValue: 1)
  /// Operations are written into a trace.
  static let traces = Watch(rawValue: 2)
}

/// The operations of a computation in their order, with the tensors that each was given and gave: what a program is compiled from.
///
/// A trace begins with probes: labelled copies of tensors. What depends on one is written down, on the way forward and on the way back
/// likewise. A computation that reads the numbers of a probe, or of something that depends on one, could go another way with other
/// numbers: such a trace says so, and must not become a program.
package final class Trace: Sendable {
  /// One operation as it ran.
  package struct Entry: Sendable {
    package let operation: any Operation
    package let inputs: [Tensor]
    package let outputs: [Tensor]

    /// Whether the operation hands its cotangent to a closure that may want to see every one.
    package var showsCotangents: Bool { (operation as? Hook).map { !$0.isPure } ?? false }
  }

  private let log = TraceLog()
  private let run: Run

  package init() { run = Run(log: log) }

  /// Whether numbers were read.
  package var readsNumbers: Bool { log.state.withLock { $0.readsNumbers } }

  /// Takes the entries out. They hold the nodes that hold this trace, so that somebody has to.
  package func takeEntries() -> [Entry] {
    log.state.withLock { state in
      defer { state.entries = [] }
      return state.entries
    }
  }

  /// How many operations have been written down.
  package var count: Int { log.state.withLock { $0.entries.count } }

  /// A copy of a tensor that this trace follows.
  package func probe(_ tensor: Tensor) -> Tensor { Tensor(tensor.numbers, nil).labelled(run, watch: .traces) }

  /// The cotangents of some traced tensors from those of others, traced like any computation; nil where none arrives. The walk ends at
  /// the targets; at others that it passes, what arrives by all paths is seen.
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

/// What has been written of a trace so far.
final class TraceLog: Sendable {
  struct State: Sendable {
    var entries: [Trace.Entry] = []
    var readsNumbers = false
  }

  let state = Guarded(State())
}

extension Tensor {
  /// A name of where a recorded tensor came from, equal for the same result of the same operation.
  package var traceName: TraceName? { source.map { TraceName(node: ObjectIdentifier($0.node), slot: $0.slot) } }

  /// Whether a trace follows this tensor.
  package var isTraced: Bool { source?.node.watch.contains(.traces) ?? false }

  /// The numbers, for looking at a constant of a trace; no reading.
  package var numbersOfConstant: NDArray { numbers.array }
}

/// Which result of which operation a tensor is.
package struct TraceName: Hashable, Sendable {
  let node: ObjectIdentifier
  let slot: Int
}

extension Node {
  /// Where the trace that follows this node is written.
  private var traceLog: TraceLog? {
    var node = self
    while let below = node.inputs.lazy.compactMap({ $0?.node }).first(where: { $0.watch.contains(.traces) }) { node = below }
    return (node.operation as? Label)?.run?.log
  }

  /// Somebody reads the numbers of this traced node.
  func noteReading() { traceLog?.state.withLock { $0.readsNumbers = true } }

  func write(_ entry: Trace.Entry) { traceLog?.state.withLock { $0.entries.append(entry) } }
}

extension Operation {
  /// Looks at a result whose graph is watched.
  func watched(_ inputs: [Tensor], _ outputs: [Tensor], _ node: Node) {
    if node.watch.contains(.checks) { requireFinite(outputs.map(\.numbers.array), inputs, of: name) }
    if node.watch.contains(.traces) { node.write(Trace.Entry(operation: self, inputs: inputs, outputs: outputs)) }
  }
}

/// The identity, through which no derivative passes.
struct Detachment: Operation {
  var name: String { "detached" }
  func forward(_ x: [NDArray]) -> Values { Values(x) }
  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { [nil] }
  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { [nil] }
}
