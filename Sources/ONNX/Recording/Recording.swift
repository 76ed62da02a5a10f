internal import UnrollArrays
internal import UnrollAutograd

/// The operations of a computation at one size of its inputs, with values by number: first what was given, then the results of the
/// operations in their order.
struct Recording {
  /// Where an operation's input comes from.
  enum Source {
    case value(Int)
    /// Numbers that depend on nothing given.
    case constant(NDArray)

    var value: Int? { if case .value(let i) = self { i } else { nil } }
  }

  struct Step {
    let operation: any Operation
    let inputs: [Source]
    /// The numbers of its results.
    let outputs: Range<Int>
  }

  /// The tensors that have a number.
  private(set) var tensors: [Tensor]
  let givenCount: Int
  private(set) var steps: [Step] = []
  private(set) var results: [Source] = []
  private var sources: [TraceName: Source] = [:]
  private let trace: Trace

  /// Runs a computation on probes of what is given.
  init(_ given: [Tensor], _ compute: (_ probes: [Tensor]) throws -> [Tensor]) throws {
    let trace = Trace(keepsSequences: true)
    self.trace = trace
    tensors = given.map { trace.probe($0) }
    givenCount = given.count
    for (i, tensor) in tensors.enumerated() { if let name = tensor.traceName { sources[name] = .value(i) } }
    let results = try compute(tensors)
    try add(trace.takeEntries())
    for result in results { self.results.append(try source(result)) }
  }

  func array(_ value: Int) -> NDArray { tensors[value].numbersOfConstant }

  func array(_ source: Source) -> NDArray {
    switch source {
    case .value(let value): array(value)
    case .constant(let array): array
    }
  }

  /// The number of a tensor of this recording; nil for others.
  func value(of tensor: Tensor) -> Int? { tensor.traceNameBelowLabels.flatMap { sources[$0]?.value } }

  func hasRead(_ value: Int) -> Bool { trace.hasRead(tensors[value]) }

  private func source(_ tensor: Tensor) throws -> Source {
    guard tensor.isTraced, let name = tensor.traceNameBelowLabels else { return .constant(tensor.numbersOfConstant) }
    guard let source = sources[name] else {
      throw ONNXExportError(.operation("an inner function"), "a tensor comes from an operation that was not recorded")
    }
    return source
  }

  private mutating func set(_ tensor: Tensor, _ source: Source) {
    if let name = tensor.traceNameBelowLabels { sources[name] = source }
  }

  private mutating func add(_ entries: [Trace.Entry]) throws {
    for entry in entries {
      if let operation = entry.operation as? any ComposedOperation {
        let results = operation.composed(entry.inputs)
        try add(trace.takeEntries())
        for (output, result) in zip(entry.outputs, results) { set(output, try source(result)) }
        continue
      }
      // What lies below other labels, as in the first run of a checkpoint, was resolved already.
      let inputs = try entry.inputs.map(source)
      if let same = same(entry.operation, inputs) {
        set(entry.outputs[0], same)
        continue
      }
      let outputs = tensors.count..<(tensors.count + entry.outputs.count)
      for (i, output) in zip(outputs, entry.outputs) {
        tensors.append(output)
        set(output, .value(i))
      }
      steps.append(Step(operation: entry.operation, inputs: inputs, outputs: outputs))
    }
  }

  /// The input that an operation returns as it is; nil for other operations.
  private func same(_ operation: any Operation, _ inputs: [Source]) -> Source? {
    switch (operation as? any FormedOperation)?.operationForm {
    case .identity?: return inputs[0]
    case .selected?:
      // Both sides are one tensor, where one is detached: the padding of an embedding.
      guard let value = inputs[0].value, value == inputs[1].value else { return nil }
      return inputs[0]
    default: return nil
    }
  }
}
