internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

extension FlowMeasurement {
  /// As the network runs in training: norms come out of the walk back through whole sequences. nil where it did not come by, or where
  /// something is not finite.
  func fusedFlow(of loss: (Tensor) throws -> Tensor) rethrows -> GradientFlow? {
    let logs = (0..<(network.layerCount * network.directionCount)).map { _ in Guarded<StateNorms?>(nil) }
    let start = Two(first: network, second: startingState).mappingTensors { $0.detached() }
    let (value, gradient) = try valueAndGradient(at: start, allowingNoPath: true) { both in
      try loss(both.first.outputs(x, from: both.second, lengths: lengths, norms: logs))
    }
    let found = logs.compactMap { log in log.withLock { $0 } }
    guard found.count == logs.count, x.isFinite, value.isFinite, found.allSatisfy(\.areStatesFinite) else { return nil }
    let norms = found.enumerated().map { position, norms in
      [norms.hidden, norms.cell].filter { !$0.isEmpty }.map { part in
        part.enumerated().map { step, rows in taking(part: rows, after: step, position) }
      }
    }
    let parameters = parameterNorms(gradient.first)
    let isFinite = parameters.allSatisfy(\.norm.isFinite) && norms.joined().joined().joined().allSatisfy(\.isFinite)
    return isFinite
      ? GradientFlow(loss: value.item, traces: traces(norms), parameters: parameters, firstNonFinite: nil) : nil
  }

  private func traces(_ norms: [[[[Double]]]]) -> [FlowTrace] {
    norms.enumerated().flatMap { position, parts in
      let names = network.cell(at: position).initialState(batch: 1, x.type).partNames
      return zip(names, parts).map { trace($1, part: $0, position) }
    }
  }
}
