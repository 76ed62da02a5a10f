internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

extension Emission {
  /// Writes a cell over a sequence: as one of ONNX's recurrent operators where there is one for the cell, otherwise as a loop over its
  /// step.
  func emitSequence(_ i: Int) throws {
    let forms = sequenceForms(i)
    if forms[0].hasDraws {
      throw ONNXExportError(
        .operation("random draws"), "\(steps[i].operation.name) draws random numbers; call the layer without a generator")
    }
    if let run = try operatorRun(i) {
      try emitOperator([run] + (try partner(of: run).map { [$0] } ?? []))
    } else {
      try emitScan(i, forms)
    }
  }

  func sequenceForms(_ i: Int) -> [SequenceForm] {
    recordings.compactMap { ($0.steps[i].operation as? any SequenceOperation)?.sequenceForm }
  }

  // MARK: Operators

  /// A cell over a sequence that one of ONNX's operators computes.
  private struct OperatorRun {
    let step: Int
    let form: SequenceForm
    let masks: [Mask]
    let kind: RecurrentOperator
    /// The name that the cell's parameters begin with.
    let prefix: String
  }

  private func operatorRun(_ i: Int) throws -> OperatorRun? {
    let (forms, step) = (sequenceForms(i), steps[i])
    guard let form = forms.first, !form.keepsStates || form.partCount == 1,
      !step.inputs[(1 + form.partCount)...].contains(where: varies), let kind = Self.recurrentOperator(form.cell)
    else { return nil }
    let masks = forms.compactMap(\.mask)
    if !masks.isEmpty, try sequenceLengths(masks) == nil { return nil }
    return OperatorRun(step: i, form: form, masks: masks, kind: kind, prefix: prefix(form.cell))
  }

  private static func recurrentOperator<Cell: RecurrentCell>(_ cell: Cell) -> RecurrentOperator? {
    cell.mappingTensors { Tensor($0.numbersOfConstant) }.recurrentOperator
  }

  private func prefix(_ cell: any RecurrentCell) -> String {
    let name = cell.tensors.lazy.compactMap { self.recordings[0].value(of: $0).flatMap { self.parameterName($0) } }.first
    return name.map { $0.split(separator: ".").dropLast().joined(separator: ".") } ?? ""
  }

  /// The run of the same sequence in the other direction, which one operator computes together with this one.
  private func partner(of run: OperatorRun) throws -> OperatorRun? {
    if run.form.isReversed { return nil }
    for i in (run.step + 1)..<max(run.step + 1, steps.count) where steps[i].operation is any SequenceOperation {
      let step = steps[i]
      guard step.inputs[0].value != nil, step.inputs[0].value == steps[run.step].inputs[0].value,
        step.outputs.contains(where: { isUsed[$0] }), step.inputs.allSatisfy({ !varies($0) || isWritten($0) }),
        let other = try operatorRun(i), other.form.isReversed, other.masks == run.masks, other.kind.name == run.kind.name,
        other.kind.hiddenSize == run.kind.hiddenSize, other.kind.clip == run.kind.clip,
        other.kind.resetsAfter == run.kind.resetsAfter, other.kind.couplesGates == run.kind.couplesGates
      else { continue }
      return other
    }
    return nil
  }

  /// Writes one operator for a direction, or for both.
  private func emitOperator(_ runs: [OperatorRun]) throws {
    let (kind, parts) = (runs[0].kind, runs[0].form.partCount)
    var inputs = [try input(runs[0].step, 0)]
    let all = ["W", "R", "B", "P"].map { weights($0, runs) }
    inputs += all[..<3]
    inputs.append(runs[0].masks.isEmpty ? "" : try sequenceLengths(runs[0].masks) ?? "")
    for part in 0..<parts { inputs.append(try initialState(part, runs)) }
    if kind.name == "LSTM" { inputs.append(all[3]) }

    let used = (0...parts).map { slot in runs.contains { isUsed[steps[$0.step].outputs.lowerBound + slot] } }
    let hints = ["outputs", "hidden", "memory"]
    let outputs = used.indices.map { used[$0] ? writer.name("\(kind.name.lowercased())_\(hints[$0])") : "" }
    writer.node(kind.name, inputs, outputs: outputs, attributes(runs))
    if used[0] { nameOutputs(outputs[0], runs) }
    for part in 0..<parts where used[1 + part] { nameStates(outputs[1 + part], part, runs) }
    for run in runs { written.insert(run.step) }
  }

  private func attributes(_ runs: [OperatorRun]) -> [(name: String, value: GraphAttribute)] {
    let kind = runs[0].kind
    let direction = runs.count == 2 ? "bidirectional" : runs[0].form.isReversed ? "reverse" : "forward"
    var attributes: [(name: String, value: GraphAttribute)] = [
      ("hidden_size", .int(kind.hiddenSize)), ("direction", .string(direction)),
    ]
    let activations = runs.flatMap(\.kind.activations)
    attributes.append(("activations", .strings(activations.map(\.name))))
    let (alphas, betas) = (activations.compactMap(\.alpha), activations.compactMap(\.beta))
    if !alphas.isEmpty { attributes.append(("activation_alpha", .floats(alphas))) }
    if !betas.isEmpty { attributes.append(("activation_beta", .floats(betas))) }
    if let clip = kind.clip { attributes.append(("clip", .float(clip))) }
    if kind.name == "GRU" { attributes.append(("linear_before_reset", .int(kind.resetsAfter ? 1 : 0))) }
    if kind.couplesGates { attributes.append(("input_forget", .int(1))) }
    return attributes
  }

  /// A weight of all directions, with zeros for a direction that has none; empty if none has one.
  private func weights(_ name: String, _ runs: [OperatorRun]) -> String {
    let found = runs.map { run in run.kind.weights.first { $0.name == name }?.tensor }
    guard let like = found.lazy.compactMap({ $0 }).first else { return "" }
    let all = Tensor.stack(found.map { $0 ?? Tensor.zeros(like.shape, like.type) })
    return writer.constant(all.numbersOfConstant, named: [runs[0].prefix, name].filter { !$0.isEmpty }.joined(separator: "."))
  }

  /// A part of the state before the first step, `[directions, batch, hidden]`; empty where it is zero.
  private func initialState(_ part: Int, _ runs: [OperatorRun]) throws -> String {
    let isZero = runs.allSatisfy { run in
      !varies(steps[run.step].inputs[1 + part])
        && arrays(run.step, 1 + part).allSatisfy { $0.hasNumbers(of: NDArray.zeros([], $0.type).broadcast(to: $0.shape)) }
    }
    if isZero { return "" }
    let states = try runs.map { writer.node("Unsqueeze", [try input($0.step, 1 + part), writer.integers([0])]) }
    return states.count == 1 ? states[0] : writer.node("Concat", states, [("axis", .int(0))])
  }

  /// Names the outputs of each direction, `[time, directions, batch, hidden]` in ONNX.
  private func nameOutputs(_ outputs: String, _ runs: [OperatorRun]) {
    let values = runs.map { steps[$0.step].outputs.lowerBound }
    if runs.count == 1 { return setName(writer.node("Squeeze", [outputs, writer.integers([1])]), values[0]) }
    let readers = steps.indices.filter { i in
      steps[i].outputs.contains { isUsed[$0] } && steps[i].inputs.contains { $0.value.map { values.contains($0) } ?? false }
    }
    if readers.count == 1, !recordings[0].results.contains(where: { $0.value.map { values.contains($0) } ?? false }),
      steps[readers[0]].inputs.map(\.value) == values, case .concatenated(axis: 2)? = forms(readers[0]).first
    {
      // Side by side, as nearly every network takes them.
      let ordered = writer.node("Transpose", [outputs], [("perm", .ints([0, 2, 1, 3]))])
      setName(writer.node("Reshape", [ordered, writer.integers([0, 0, -1])]), steps[readers[0]].outputs.lowerBound)
      written.insert(readers[0])
      return
    }
    for (direction, value) in values.enumerated() where isUsed[value] {
      setName(writer.node("Gather", [outputs, writer.integer(direction)], [("axis", .int(1))]), value)
    }
  }

  private func nameStates(_ states: String, _ part: Int, _ runs: [OperatorRun]) {
    for (direction, run) in runs.enumerated() {
      let value = steps[run.step].outputs.lowerBound + 1 + part
      if !isUsed[value] { continue }
      let name =
        runs.count == 1
        ? writer.node("Squeeze", [states, writer.integers([0])])
        : writer.node("Gather", [states, writer.integer(direction)], [("axis", .int(0))])
      setName(name, value)
    }
  }

  // MARK: Loops

  /// Writes a loop over the steps of a cell.
  private func emitScan(_ i: Int, _ forms: [SequenceForm]) throws {
    let (form, step) = (forms[0], steps[i])
    let (parts, prepared) = (form.partCount, (1 + form.partCount)..<(1 + form.partCount + form.preparedCount))
    let bodies = try zip(recordings, forms).map { recording, form in
      let arrays = recording.steps[i].inputs.map { recording.array($0) }
      func zeros(_ shape: Shape) -> Tensor { Tensor(NDArray.zeros([], arrays[0].type).broadcast(to: shape)) }
      let row = zeros(Shape(arrays[0].shape.dropFirst()))
      let given = prepared.map { Tensor(arrays[$0]) } + [row] + (1...parts).map { zeros(arrays[$0].shape) }
      return try Recording(given) { form.step(Array($0[..<prepared.count]), Array($0[prepared.count...])) }
    }
    let body = GraphWriter(name: writer.name("step"), outer: writer)
    var (names, given) = ([Int: String](), [Int]())
    for (k, position) in prepared.enumerated() { names[k] = try input(i, position) }
    for k in prepared.count..<(prepared.count + 1 + parts) {
      names[k] = body.name(k == prepared.count ? "x" : "state")
      given.append(k)
    }
    let loop = try Emission(bodies, shared, body, varying: names)
    let states = given.dropFirst().map { names[$0] ?? "" }
    for k in given.dropFirst() + given.prefix(1) {
      body.addInput(loop.graphValue(names[k] ?? "", bodies.map { $0.array(k) }))
    }
    let masks = forms.compactMap(\.mask)
    var active: String?
    if !masks.isEmpty {
      let name = body.name("active")
      let rows = try extents(masks.map { NDArray.zeros([], .float32).broadcast(to: Shape($0.shape.dropFirst())) })
      body.addInput(GraphValue(name: name, type: .bool, extents: rows.map { loop.graphExtent($0) }))
      active = name
    }
    try loop.run()
    var next = try bodies[0].results.map { try loop.name($0) }
    let type = bodies[0].tensors[0].type
    var visible = form.keepsStates ? next : [next[0]]
    if let active {
      visible = visible.map { body.node("Where", [active, $0, body.number(0, type)]) }
      next = zip(next, states).map { body.node("Where", [active, $0, $1]) }
    }
    for (name, result) in zip(
      next + visible, bodies[0].results + (form.keepsStates ? bodies[0].results : [bodies[0].results[0]]))
    {
      // An output has a name of its own, even if it is an input or another output too.
      let output = body.node("Identity", [name])
      body.addOutput(loop.graphValue(output, bodies.map { body in body.array(result) }))
    }
    var inputs = try (1...parts).map { try input(i, $0) } + [try input(i, 0)]
    if !masks.isEmpty { inputs.append(try mask(masks)) }
    let scanned = inputs.count - parts
    let finals = (0..<parts).map { _ in writer.name("state") }
    let outputs = visible.map { _ in writer.name("outputs") }
    let direction = form.isReversed ? 1 : 0
    writer.node(
      "Scan", inputs, outputs: finals + outputs,
      [
        ("body", .graph(body.graph)), ("num_scan_inputs", .int(scanned)),
        ("scan_input_directions", .ints(Array(repeating: direction, count: scanned))),
        ("scan_output_directions", .ints(outputs.map { _ in direction })),
      ])
    let first = step.outputs.lowerBound
    setName(outputs[0], first)
    for part in 0..<parts { setName(finals[part], first + 1 + part) }
    for (k, output) in outputs.dropFirst().enumerated() { setName(output, first + 1 + parts + k) }
  }

  /// h_t = a_t h_{t−1} + b_t as a loop.
  func emitRecurrence(_ i: Int, _ isReversed: Bool, _ isComplex: Bool) throws -> String {
    let steps = try extents(arrays(i, 1))
    let row = Array(steps.dropFirst())
    let type = arrays(i, 1)[0].type
    let (a, b) = (writer.node("Expand", [try input(i, 0), shape(steps)]), try input(i, 1))
    let hasInitial = self.steps[i].inputs.count > 2
    let start = writer.node("Expand", [hasInitial ? try input(i, 2) : writer.number(0, type), shape(row)])
    let body = GraphWriter(name: writer.name("recurrence"), outer: writer)
    let names = ["state", "a", "b"].map { body.name($0) }
    for name in names { body.addInput(GraphValue(name: name, type: GraphType(type), extents: row.map(graphExtent))) }
    let product: String
    if isComplex {
      func halves(_ name: String) -> [String] {
        body.node("Split", [name], outputs: [body.name("real"), body.name("imaginary")], [("axis", .int(-1))])
      }
      func times(_ x: String, _ y: String) -> String { body.node("Mul", [x, y]) }
      let (a, h) = (halves(names[1]), halves(names[0]))
      let real = body.node("Sub", [times(a[0], h[0]), times(a[1], h[1])])
      let imaginary = body.node("Add", [times(a[0], h[1]), times(a[1], h[0])])
      product = body.node("Concat", [real, imaginary], [("axis", .int(-1))])
    } else {
      product = body.node("Mul", [names[1], names[0]])
    }
    let next = body.node("Add", [product, names[2]])
    for name in [next, body.node("Identity", [next])] {
      body.addOutput(GraphValue(name: name, type: GraphType(type), extents: row.map(graphExtent)))
    }
    let outputs = [writer.name("state"), writer.name("outputs")]
    let direction = isReversed ? 1 : 0
    writer.node(
      "Scan", [start, a, b], outputs: outputs,
      [
        ("body", .graph(body.graph)), ("num_scan_inputs", .int(2)), ("scan_input_directions", .ints([direction, direction])),
        ("scan_output_directions", .ints([direction])),
      ])
    return outputs[1]
  }
}

extension Emission {
  /// A graph's input or output with these numbers.
  func graphValue(_ name: String, _ arrays: [NDArray]) -> GraphValue {
    let shapes = arrays.map(\.shape)
    let extents = shapes[0].indices.map { axis in
      shared.solver.size(shapes.map { axis < $0.count ? $0[axis] : 0 }).map(graphExtent) ?? .unknown
    }
    return GraphValue(name: name, type: GraphType(arrays[0].type), extents: extents)
  }

  /// A size as a number or as a name.
  func graphExtent(_ size: Size) -> GraphValue.Extent {
    if let constant = size.constant { return .fixed(constant) }
    let product = size.symbols.map { shared.solver.symbols[$0].name }.joined(separator: "*")
    let scaled = size.factor == 1 ? product : "\(size.factor)*\(product)"
    return .named(size.offset == 0 ? scaled : size.offset > 0 ? "\(scaled)+\(size.offset)" : "\(scaled)\(size.offset)")
  }

  /// The lengths that a mask `[time, batch, 1]` is made of, as ONNX's operators take them; nil where it has holes, or depends on
  /// something else.
  func sequenceLengths(_ masks: [Mask]) throws -> String? {
    for input in shared.inputs {
      guard case .lengths(let all) = input.kind, zip(masks, all).allSatisfy({ $0.lengths == $1 }) else { continue }
      return writer.node("Cast", [input.name], [("to", .int(GraphType.int32.rawValue))])
    }
    guard let lengths = masks[0].lengths, masks.allSatisfy({ $0.lengths == lengths }) else { return nil }
    return writer.constant(
      .int32, [lengths.count], lengths.flatMap { n in (0..<4).map { UInt8(truncatingIfNeeded: n >> (8 * $0)) } })
  }
}

extension Mask {
  /// The length of each row of a mask `[time, batch, 1]`; nil if it has holes.
  fileprivate var lengths: [Int]? {
    let (steps, rows, values) = (shape[0], shape[1], self.values)
    var lengths: [Int] = []
    for row in 0..<rows {
      let length = (0..<steps).count { values[$0 * rows + row] }
      if !(0..<length).allSatisfy({ values[$0 * rows + row] }) { return nil }
      lengths.append(length)
    }
    return lengths
  }
}
