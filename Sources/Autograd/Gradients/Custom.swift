internal import UnrollArrays

/// An operation defined by closures.
struct CustomOperation: Operation {
  let title: String
  let closures: Deferred<Closures>
  static let mixesTypes = true
  var name: String { title }

  struct Closures: Sendable {
    let value: @Sendable ([Tensor]) -> [Tensor]
    let rule: @Sendable (_ g: [Tensor], _ inputs: [Tensor], _ outputs: [Tensor]) -> [Tensor?]
  }

  func forward(_ x: [NDArray]) -> Values {
    let outputs = closures.value.value(x.map { Tensor($0) })
    require(!outputs.isEmpty, "\(name): its value returned no tensor; an operation has at least one result")
    for (i, output) in outputs.enumerated() where output.isRecorded {
      stop(
        "\(name): result \(i) of its value depends on a recorded tensor that the closure captures, which no derivative "
          + "would reach; make that tensor an input, or detach it")
    }
    return Values(outputs.map(\.array))
  }

  func keeps(recorded: (Int) -> Bool) -> Keeps { Keeps(inputs: .max, outputs: .max) }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let inputs = (0..<context.inputCount).map { context.input($0) }
    let outputs = (0..<context.outputCount).map { context.output($0) }
    let given = zip(g, outputs).map { $0 ?? $1.zeros }
    let cotangents = closures.value.rule(given, inputs, outputs)
    for (i, (cotangent, input)) in zip(cotangents, inputs).enumerated() where cotangent != nil {
      require(
        cotangent?.shape == input.shape,
        "\(name): its pullback returned shape \(cotangent?.shape ?? []) for input \(i) of shape \(input.shape)")
    }
    return Few(cotangents)
  }

  /// The pullback is linear in its cotangents, so the pushforward is its transpose: differentiating the pullback by the
  /// cotangents.
  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let run = Run()
    let outputs = (0..<context.outputCount).map { context.output($0).zeros }
    let (g, labels) = outputs.labelled(run)
    let cotangents = pullback(Few(g), context)
    var seeds: [(Edge, Tensor)] = []
    for (cotangent, tangent) in zip(cotangents, t) {
      if let source = cotangent?.source, let tangent { seeds.append((source, tangent)) }
    }
    let traversal = Traversal(below: cotangents.compactMap { $0 }, targets: labels)
    defer { withExtendedLifetime(run) {} }
    return Few(ReverseWalk.cotangents(traversal, seeds, targetCount: labels.count).map { $0.first ?? nil })
  }
}

/// An operation of your own: its value, and its pullback in tensor arithmetic.
///
/// `pullback` takes the cotangents of the outputs, the inputs and the outputs, and returns the cotangents of the inputs; nil is
/// zero. Higher derivatives and tangents follow from it by differentiating and transposing the pullback. The value may depend
/// on the inputs only: a result computed from a captured recorded tensor stops the program.
///
///     let cube = customOperation("cube") { x in [x[0] * x[0] * x[0]] } pullback: { g, x, y in [g[0] * x[0].square() * 3] }
///     let slope = gradient(at: Tensor([2])) { x in cube([x])[0].sum() }  // 12
public func customOperation(
  _ name: String, value: @escaping @Sendable (_ inputs: [Tensor]) -> [Tensor],
  pullback: @escaping @Sendable (_ g: [Tensor], _ inputs: [Tensor], _ outputs: [Tensor]) -> [Tensor?]
) -> @Sendable ([Tensor]) -> [Tensor] {
  let operation = CustomOperation(title: name, closures: Deferred(.init(value: value, rule: pullback)))
  return { operation.results($0) }
}
