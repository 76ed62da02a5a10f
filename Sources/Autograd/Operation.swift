package import UnrollArrays

/// A differentiable operation: its value, and its two derivatives.
///
/// The value is computed from arrays, so it cannot record anything. The derivatives are written in tensor arithmetic, so that
/// each can be differentiated again. Rules may ignore broadcasting: the walks that call them sum cotangents to the shape of the
/// input, and broadcast tangents to the shape of the output.
package protocol Operation: Sendable {
  /// The name in messages and drawings.
  var name: String { get }

  /// Whether its inputs may be of different element types.
  static var mixesTypes: Bool { get }

  /// The results, and the residuals that the derivatives need.
  func forward(_ inputs: [NDArray]) -> Values

  /// The arrays that the derivatives need, given which inputs are recorded.
  func keeps(recorded: (Int) -> Bool) -> Keeps

  /// The cotangents of the inputs from those of the outputs; nil is zero.
  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?>

  /// The tangents of the outputs from those of the inputs; nil is zero.
  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?>

  /// For an operation that takes a part of its only input: adds the cotangent of the part to that of the whole, in place. Walks
  /// that are not differentiated use this instead of the pullback, which would create a whole array of zeros for each part.
  var addsPart: (@Sendable (_ part: NDArray, _ whole: inout NDArray) -> Void)? { get }

  /// For an operation that can add the cotangent of one input to a sum while computing it: which input, and how. A walk uses it
  /// where other cotangents have arrived at that input before, as at weights that every step uses.
  func accumulation(_ g: Few<Tensor?>, _ context: Context) -> Accumulation?
}

/// A way to add the cotangent of an input to a sum in place.
package struct Accumulation {
  let input: Int
  let add: (inout NDArray) -> Void
}

/// The result of an operation.
package struct Values: Sendable {
  package var outputs: [NDArray]
  /// Arrays besides the results that are kept for the derivatives.
  package var residuals: [NDArray]

  package init(_ outputs: [NDArray], residuals: [NDArray] = []) {
    self.outputs = outputs
    self.residuals = residuals
  }
}

extension Operation {
  package var name: String {
    let type = String(describing: Self.self)
    return type.prefix(1).lowercased() + type.dropFirst()
  }

  package static var mixesTypes: Bool { false }

  package func keeps(recorded: (Int) -> Bool) -> Keeps { .nothing }

  package var addsPart: (@Sendable (_ part: NDArray, _ whole: inout NDArray) -> Void)? { nil }

  package func accumulation(_ g: Few<Tensor?>, _ context: Context) -> Accumulation? { nil }

  /// Applies the operation to several tensors, with several results.
  package func results(_ inputs: [Tensor]) -> [Tensor] {
    let values = forward(inputs.map(\.numbers.array))
    guard inputs.contains(where: { $0.source != nil }) else { return values.outputs.map { Tensor($0) } }
    return recorded(inputs, values)
  }

  /// Applies the operation, which has one result.
  package func callAsFunction(_ inputs: Tensor...) -> Tensor { results(inputs)[0] }

  /// Results that are recorded with this operation.
  func recorded(_ inputs: [Tensor], _ values: Values) -> [Tensor] {
    let keeps = keeps { inputs[$0].source != nil }
    let outputs = values.outputs.map(Numbers.init)
    var kept = Few<Numbers>()
    for (i, input) in inputs.enumerated() where keeps.keepsInput(i) { kept.append(input.numbers) }
    for (i, output) in outputs.enumerated() where keeps.keepsOutput(i) { kept.append(output) }
    for residual in values.residuals { kept.append(Numbers(residual)) }
    let shape = values.outputs[0].shape
    let type = inputs[0].type
    let node = Node(
      self, inputs: Few(inputs.map(\.source)),
      inputShapes: inputs.allSatisfy { $0.shape == shape } ? nil : inputs.map(\.shape), type: type,
      inputTypes: Self.mixesTypes && inputs.contains { $0.type != type } ? inputs.map(\.type) : nil, outputShape: shape,
      furtherShapes: values.outputs.count > 1 ? values.outputs.dropFirst().map(\.shape) : nil, keeps: keeps,
      kept: kept)
    let results = outputs.enumerated().map { Tensor($1, Edge(node: node, slot: $0)) }
    if !node.watch.isEmpty { watched(inputs, results, node) }
    return results
  }

  /// The only result of an operation with one input or two, recorded: what most operations are, without an array on the way.
  func recorded(_ x: Tensor, _ y: Tensor?, _ result: NDArray) -> Tensor {
    let keeps = keeps { ($0 == 0 ? x.source : y?.source) != nil }
    let output = Numbers(result)
    var kept = Few<Numbers>()
    if keeps.keepsInput(0) { kept.append(x.numbers) }
    if let y, keeps.keepsInput(1) { kept.append(y.numbers) }
    if keeps.keepsOutput(0) { kept.append(output) }
    let haveItsShape = x.numbers.array.hasShape(of: result) && y?.numbers.array.hasShape(of: result) ?? true
    let node = Node(
      self, inputs: y.map { Few(x.source, $0.source) } ?? Few(x.source),
      inputShapes: haveItsShape ? nil : [x.shape] + (y.map { [$0.shape] } ?? []), type: x.type, outputShape: result.shape,
      keeps: keeps, kept: kept)
    let tensor = Tensor(output, Edge(node: node, slot: 0))
    if !node.watch.isEmpty { watched([x] + (y.map { [$0] } ?? []), [tensor], node) }
    return tensor
  }
}
