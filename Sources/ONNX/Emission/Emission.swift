internal import UnrollArrays
internal import UnrollAutograd

/// Writes what several recordings of one computation have in common as a graph. Numbers that differ between them become functions of
/// the sizes.
final class Emission {
  let recordings: [Recording]
  let shared: SharedFacts
  let writer: GraphWriter
  /// The names that values have in the graph so far.
  private(set) var names: [Int: String] = [:]
  /// The values that depend on the inputs. All others are numbers that are known.
  private var isVarying: [Bool]
  /// The values that something reads.
  private(set) var isUsed: [Bool]
  /// Steps that were written together with an earlier one.
  var written: Set<Int> = []
  /// The names of parameters, by value.
  private let parameters: [Int: String]

  /// - Parameters:
  ///   - varying: The given values that depend on the inputs, with their names.
  ///   - parameters: Names for the others.
  init(
    _ recordings: [Recording], _ shared: SharedFacts, _ writer: GraphWriter, varying: [Int: String],
    parameters: [Int: String] = [:]
  ) throws {
    self.recordings = recordings
    self.shared = shared
    self.writer = writer
    self.parameters = parameters
    names = varying
    let first = recordings[0]
    isVarying = first.tensors.indices.map { varying[$0] != nil }
    isUsed = first.tensors.map { _ in false }
    try requireSameOperations()
    for step in first.steps {
      let varies = step.inputs.contains { $0.value.map { isVarying[$0] } ?? false } || readsInputs(step)
      for output in step.outputs { isVarying[output] = varies }
    }
    markUsed()
  }

  var steps: [Recording.Step] { recordings[0].steps }

  func varies(_ source: Recording.Source) -> Bool { source.value.map { isVarying[$0] } ?? false }

  /// Every recording must have run the same operations on the same values.
  private func requireSameOperations() throws {
    let first = recordings[0]
    for (run, other) in recordings.enumerated().dropFirst() {
      let (here, there) = (shared.solver.name(ofRecording: 0), shared.solver.name(ofRecording: run))
      if first.steps.count != other.steps.count {
        throw ONNXExportError(
          .unrolled,
          "the model runs \(first.steps.count) operations at \(here) and \(other.steps.count) at \(there): something loops over an "
            + "axis, such as a recurrent layer that runs step by step (ways(for:) says why)")
      }
      for (a, b) in zip(first.steps, other.steps) {
        if type(of: a.operation) != type(of: b.operation) || a.outputs != b.outputs
          || a.inputs.map(\.value) != b.inputs.map(\.value)
        {
          throw ONNXExportError(
            .unrolled,
            "the model computes \(a.operation.name) at \(here) where it computes \(b.operation.name) on other values at \(there), so "
              + "that one graph does not serve all sizes; name the axes that vary, or let one operation do what a loop over them does"
          )
        }
      }
    }
  }

  /// Whether a step takes indices or a mask that depend on the inputs.
  private func readsInputs(_ step: Recording.Step) -> Bool {
    switch (step.operation as? any FormedOperation)?.operationForm {
    case .gatheredPositions(let indices, axis: _)?, .gatheredElements(let indices, axis: _)?:
      shared.inputs.contains { $0.isSame(as: indices) }
    default: false
    }
  }

  private func markUsed() {
    var stack = recordings[0].results.compactMap(\.value)
    var producers: [Int: Int] = [:]
    for (i, step) in steps.enumerated() { for output in step.outputs { producers[output] = i } }
    while let value = stack.popLast() {
      if isUsed[value] { continue }
      isUsed[value] = true
      if let producer = producers[value] { stack += steps[producer].inputs.compactMap(\.value) }
    }
  }

  /// Writes all steps that the results need.
  func run() throws {
    for value in isVarying.indices where isVarying[value] && recordings.contains(where: { $0.hasRead(value) }) {
      throw ONNXExportError(
        .readsNumbers,
        "the model reads the numbers of a tensor that depends on its inputs (item, scalars(as:), a comparison, argmax), so that "
          + "other inputs could take another path")
    }
    for (i, step) in steps.enumerated() where step.outputs.contains(where: { isUsed[$0] && isVarying[$0] }) {
      if !written.contains(i) { try emit(i) }
    }
  }

  func isWritten(_ source: Recording.Source) -> Bool { source.value.map { names[$0] != nil } ?? true }

  func parameterName(_ value: Int) -> String? { parameters[value] }

  func setName(_ name: String, _ value: Int) { names[value] = name }

  /// The name of what a step reads.
  func name(_ source: Recording.Source) throws -> String {
    if let value = source.value {
      if let name = names[value] { return name }
      if isVarying[value] {
        throw ONNXExportError(.operation("an operation"), "a value is read before it is written")
      }
      let arrays = recordings.map { $0.array(value) }
      let name: String
      if arrays.dropFirst().allSatisfy({ $0.hasNumbers(of: arrays[0]) }) {
        name = writer.constant(arrays[0], named: parameters[value])
      } else if let producer = steps.firstIndex(where: { $0.outputs.contains(value) }), !steps[producer].inputs.isEmpty {
        // Such as the first rows of a table of positions: computed where the sizes are known.
        try emit(producer)
        return try self.name(source)
      } else {
        name = try sizedConstant(arrays)
      }
      names[value] = name
      return name
    }
    return try constant(sources: recordings.map { _ in source })
  }

  /// The name of an input of a step.
  func input(_ step: Int, _ position: Int) throws -> String {
    let sources = recordings.map { $0.steps[step].inputs[position] }
    return sources[0].value == nil ? try constant(sources: sources) : try name(sources[0])
  }

  private func constant(sources: [Recording.Source]) throws -> String {
    try constant(zip(recordings, sources).map { $0.array($1) })
  }

  func constant(_ arrays: [NDArray]) throws -> String {
    if arrays.dropFirst().allSatisfy({ $0.hasNumbers(of: arrays[0]) }) { return writer.constant(arrays[0]) }
    return try sizedConstant(arrays)
  }

  /// The arrays of an input in all recordings.
  func arrays(_ step: Int, _ position: Int) -> [NDArray] { recordings.map { $0.array($0.steps[step].inputs[position]) } }

  /// The shape of a value as a function of the sizes.
  func extents(_ arrays: [NDArray]) throws -> [Size] {
    let shapes = arrays.map(\.shape)
    guard shapes.allSatisfy({ $0.count == shapes[0].count }) else {
      throw ONNXExportError(
        .sizes, "a tensor has \(shapes[0].count) axes at one size and \(shapes.map(\.count).max() ?? 0) at another")
    }
    return try shapes[0].indices.map { axis in
      try size(shapes.map { $0[axis] }, "an extent of a tensor of shape \(shapes[0])")
    }
  }

  func size(_ values: [Int], _ what: String) throws -> Size {
    if let size = shared.solver.size(values) { return size }
    let found = values.indices.map { "\(values[$0]) at \(shared.solver.name(ofRecording: $0))" }.joined(separator: ", ")
    throw ONNXExportError(.sizes, "\(what) depends on the sizes in a way that was not found: \(found)")
  }

  /// A size as a tensor of one number.
  func extent(_ size: Size) -> String { writer.extent(size, shared.solver.symbols, shared.inputNames) }

  /// A shape as a tensor.
  func shape(_ sizes: [Size]) -> String {
    let known = sizes.compactMap(\.constant)
    if known.count == sizes.count { return writer.integers(known) }
    return sizes.count == 1 ? extent(sizes[0]) : writer.node("Concat", sizes.map(extent), [("axis", .int(0))])
  }
}

extension NDArray {
  /// Whether both have the same type, shape and bits.
  func hasNumbers(of other: NDArray) -> Bool {
    if type != other.type || shape != other.shape { return false }
    if view.isSame(as: other.view) { return true }
    return type == .float32
      ? scalars(as: Float.self).map(\.bitPattern) == other.scalars(as: Float.self).map(\.bitPattern)
      : scalars(as: Double.self).map(\.bitPattern) == other.scalars(as: Double.self).map(\.bitPattern)
  }
}

/// What all graphs of an export know.
struct SharedFacts {
  let solver: SizeSolver
  /// The names of the inputs that symbols refer to.
  let inputNames: [String]
  /// The inputs that are not tensors.
  let inputs: [IntegerInput]
}

/// An input of integers, as each recording had it.
struct IntegerInput {
  enum Kind {
    case indices([Indices])
    case lengths([[Int]])
  }

  let name: String
  let kind: Kind

  /// Whether indices are these in one of the recordings, found by where they lie.
  func isSame(as other: Indices) -> Bool {
    guard case .indices(let all) = kind else { return false }
    return all.contains { $0.view.sharesStorage(with: other.view) }
  }
}
