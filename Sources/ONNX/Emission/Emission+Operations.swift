internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollKernelTemplates
internal import UnrollNetworks

extension Emission {
  /// Writes a step.
  func emit(_ i: Int) throws {
    let operation = steps[i].operation
    if operation is any SequenceOperation { return try emitSequence(i) }
    guard let form = (operation as? any FormedOperation)?.operationForm else {
      throw ONNXExportError(
        .operation(operation.name), "there is no ONNX operator for \(operation.name), and none of others is written for it")
    }
    let output = steps[i].outputs.lowerBound
    let result = try named(form, i)
    setName(result, output)
  }

  /// Writes an operation by its form, and returns the name of its result.
  private func named(_ form: OperationForm, _ i: Int) throws -> String {
    let type = arrays(i, 0)[0].type
    func x() throws -> String { try input(i, 0) }
    func y() throws -> String { try input(i, 1) }
    switch form {
    case .identity: return try x()
    case .function(let function, let a, let b): return emit(function, a, b, try x(), type)
    case .pair(let operation): return writer.node(operation.operatorName, [try x(), try y()])
    case .number(let operation, _, let isFirst):
      let number = try number(i, type)
      if case .power = operation, case .number(_, 2, _) = form { return writer.node("Mul", [try x(), try x()]) }
      return writer.node(operation.operatorName, isFirst ? [number, try x()] : [try x(), number])
    case .cast:
      let target = recordings[0].tensors[steps[i].outputs.lowerBound].type
      return writer.node("Cast", [try x()], [("to", .int(GraphType(target).rawValue))])
    case .matrixProduct: return writer.node("MatMul", [try x(), try y()])
    case .affine: return writer.node("Gemm", [try x(), try y(), try input(i, 2)])
    case .reshaped: return try emitReshape(i)
    case .broadcast: return writer.node("Expand", [try x(), shape(try outputExtents(i))])
    case .permuted(let order): return writer.node("Transpose", [try x()], [("perm", .ints(order))])
    case .sliced: return try emitSlice(i)
    case .flipped(let axes):
      let rank = arrays(i, 0)[0].rank
      let all = axes.map { $0 < 0 ? $0 + rank : $0 }
      func repeated(_ value: Int) -> String { writer.integers(all.map { _ in value }) }
      return writer.node("Slice", [try x(), repeated(-1), repeated(.min), writer.integers(all), repeated(-1)])
    case .concatenated(let axis):
      return writer.node("Concat", try steps[i].inputs.indices.map { try input(i, $0) }, [("axis", .int(axis))])
    case .padded(_, let number): return try emitPadding(i, number, type)
    case .reduced(let reduction, let axes, let keepsAxes): return try emit(reduction, axes, keepsAxes, i)
    case .cumulativeSum(let axis, let isReversed):
      return writer.node("CumSum", [try x(), writer.integer(axis)], [("reverse", .int(isReversed ? 1 : 0))])
    case .softmax(let axis): return writer.node("Softmax", [try x()], [("axis", .int(axis))])
    case .logSoftmax(let axis): return writer.node("LogSoftmax", [try x()], [("axis", .int(axis))])
    case .selected: return writer.node("Where", [try mask(masks(i)), try x(), try y()])
    case .selectedWherePositive(let number):
      let other = arrays(i, 1)[0].type
      let isPositive = writer.node("Greater", [try y(), writer.number(0, other)])
      return writer.node("Where", [isPositive, try x(), writer.number(number, type)])
    case .gatheredPositions(_, let axis):
      return writer.node("Gather", [try x(), try indices(i)], [("axis", .int(axis))])
    case .gatheredElements(_, let axis):
      return writer.node("GatherElements", [try x(), try indices(i)], [("axis", .int(axis))])
    case .layerNorm(let hasScale, let hasShift, let epsilon): return try emitLayerNorm(i, hasScale, hasShift, epsilon)
    case .linearRecurrence(let isReversed, let isComplex): return try emitRecurrence(i, isReversed, isComplex)
    }
  }

  func outputExtents(_ i: Int) throws -> [Size] { try extents(recordings.map { $0.array($0.steps[i].outputs.lowerBound) }) }

  /// The forms of a step in all recordings.
  func forms(_ i: Int) -> [OperationForm] {
    recordings.compactMap { ($0.steps[i].operation as? any FormedOperation)?.operationForm }
  }

  /// The number of an arithmetic operation, which may be a size, or one over a size.
  private func number(_ i: Int, _ type: ElementType) throws -> String {
    let numbers = forms(i).compactMap { form -> Double? in if case .number(_, let number, _) = form { number } else { nil } }
    if numbers.allSatisfy({ $0 == numbers[0] }) { return writer.number(numbers[0], type) }
    func sized(_ values: [Double]) -> String? {
      let whole = values.compactMap { Int(exactly: $0.rounded()) }
      guard zip(values, whole).allSatisfy({ ($0 - Double($1)).magnitude <= 1e-9 * $0.magnitude }),
        let size = shared.solver.size(whole)
      else { return nil }
      let number = writer.node("Squeeze", [extent(size)])
      return writer.node("Cast", [number], [("to", .int(GraphType(type).rawValue))])
    }
    if let name = sized(numbers) { return name }
    if let name = sized(numbers.map { 1 / $0 }) { return writer.node("Reciprocal", [name]) }
    throw ONNXExportError(
      .sizes, "the number that \(steps[i].operation.name) takes depends on the sizes in a way that was not found: \(numbers)")
  }

  private func emit(_ reduction: OperationForm.Reduction, _ axes: [Int], _ keepsAxes: Bool, _ i: Int) throws -> String {
    var x = try input(i, 0)
    let type: String
    switch reduction {
    case .sum:
      let keeps = ("keepdims", GraphAttribute.int(keepsAxes ? 1 : 0))
      return writer.node("ReduceSum", [x] + (axes.isEmpty ? [] : [writer.integers(axes)]), [keeps])
    case .mean: type = "ReduceMean"
    case .maximum: type = "ReduceMax"
    case .minimum: type = "ReduceMin"
    case .norm: type = "ReduceL2"
    case .logSumExp: type = "ReduceLogSumExp"
    case .meanOfSquares:
      x = writer.node("Mul", [x, x])
      type = "ReduceMean"
    }
    let all: [(name: String, value: GraphAttribute)] = axes.isEmpty ? [] : [("axes", .ints(axes))]
    return writer.node(type, [x], all + [("keepdims", .int(keepsAxes ? 1 : 0))])
  }

  private func emitLayerNorm(_ i: Int, _ hasScale: Bool, _ hasShift: Bool, _ epsilon: Double) throws -> String {
    let array = arrays(i, 0)[0]
    let scale = hasScale ? try input(i, 1) : writer.constant(NDArray.ones([array.shape[array.rank - 1]], array.type))
    let shift = hasShift ? try input(i, hasScale ? 2 : 1) : ""
    return writer.node(
      "LayerNormalization", [try input(i, 0), scale, shift], [("axis", .int(-1)), ("epsilon", .float(epsilon))])
  }
}

extension BinaryOperation {
  /// ONNX's name; the slopes of gates occur in programs alone.
  fileprivate var operatorName: String {
    switch self {
    case .addition: "Add"
    case .subtraction: "Sub"
    case .multiplication: "Mul"
    case .division: "Div"
    case .power: "Pow"
    case .minimum: "Min"
    case .maximum: "Max"
    case .sigmoidSlope, .tanhSlope: "Mul"
    }
  }
}
