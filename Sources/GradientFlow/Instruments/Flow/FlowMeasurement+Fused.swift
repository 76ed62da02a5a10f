internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

extension FlowMeasurement {
  /// Measures with fused cells, as in training: backward over whole sequences reports the norms. Returns nil if a number is not
  /// finite.
  func fusedFlow(of loss: (Tensor) throws -> Tensor) rethrows -> GradientFlow? {
    guard network.saysNorms(for: x) else { return nil }
    let given = Two(first: Two(first: network, second: startingState), second: network.normProbes(for: x))
    let (value, gradient) = try valueAndGradient(at: given.mappingTensors { $0.detached() }, allowingNoPath: true) { all in
      try loss(all.first.first.outputs(x, from: all.first.second, lengths: lengths, norms: all.second))
    }
    let parameters = parameterNorms(gradient.first.first)
    guard x.isFinite, value.isFinite, parameters.allSatisfy(\.norm.isFinite), gradient.second.allSatisfy(\.isFinite) else {
      return nil
    }
    let traces = gradient.second.enumerated().flatMap { position, norms in
      let names = network.cell(at: position).initialState(batch: 1, x.type).partNames
      return zip(names, norms.unstacked()).map { name, part in
        let steps = part.unstacked().enumerated().map { step, rows in
          taking(part: rows.array.scalars(as: Double.self), after: step, position)
        }
        return trace(steps, part: name, position)
      }
    }
    return GradientFlow(loss: value.item, traces: traces, parameters: parameters, firstNonFinite: nil)
  }
}
