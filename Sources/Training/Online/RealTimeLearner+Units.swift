internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// Influences within units.
extension RealTimeLearner {
  /// A step whose influences are `[batch, slots, p]`.
  ///
  /// A cotangent of 1 at one number of every unit gives, in one walk, that row of the Jacobian within every unit and the immediate
  /// influence of every parameter, because no other unit's number has a part in them. A parameter's own derivative is a sum over
  /// rows of the batch, so that each row needs its own walks.
  mutating func within<Head: TensorGroup>(
    _ structure: UnitStructure, _ parts: StepParts<Model, State>, _ model: Model, _ x: Tensor, _ head: Head,
    _ loss: (_ head: Head, _ output: Tensor) throws -> Tensor
  ) rethrows -> Found<Head> {
    let (next, pull) = parts.walked(model, x, state)
    let found = try step.loss(next.constant(), head, loss)
    var direct: Tensor?
    if structure.isReadOut {
      // The loss goes through the step itself to what was carried.
      let rest = state.rowWidths.dropFirst().reduce(0, +)
      let pulled = pull(found.output.padded([(0, 0), (0, rest)]))
      direct = pulled.parameters.flat + gradient(structure.byUnit(pulled.state), structure, slots: structure.slots)
    }
    let (jacobian, immediate) = linearized(structure, parts, model, x)
    influences = advanced(structure, jacobian, immediate)
    state = next.constant()
    if let direct { return (found, direct) }
    let (slots, hidden) = (structure.outputSlots, found.output.shape[1])
    let rest = state.rowWidths.reduce(0, +) - hidden
    let cotangents = structure.byUnit(found.output.padded([(0, 0), (0, rest)]))
    return (found, gradient(cotangents, structure, slots: slots))
  }

  /// Cotangents of the state, `[batch, slots, units]`, through the first slots of P: `[p]`.
  private func gradient(_ cotangents: Tensor, _ structure: UnitStructure, slots: Int) -> Tensor {
    (0..<slots).map { slot in
      (structure.byParameter(cotangents[.all, slot]) * influences[.all, slot]).sum(axes: 0)
    }.reduce(Tensor.zeros([influences.shape[2]], influences.type), +)
  }

  /// J Pₜ₋₁ + I within units, by the kind of influence.
  private func advanced(_ structure: UnitStructure, _ jacobian: Tensor, _ immediate: Tensor) -> Tensor {
    let rows = (0..<structure.slots).map { slot in
      var row = immediate[.all, slot]
      for other in 0..<structure.slots where influence != .diagonal || other == slot {
        row = row + structure.byParameter(jacobian[.all, slot, other]) * influences[.all, other]
      }
      return influence == .snap1 ? row * structure.reaches[slot] : row
    }
    return Tensor.stack(rows, axis: 1)
  }

  /// J, `[batch, n, n]`: one walk of as many rows as J has in all.
  func jacobian(_ model: Model, _ x: Tensor) -> Tensor {
    let (batch, n) = (x.shape[0], state.rowWidths.reduce(0, +))
    func repeated(_ rows: Tensor) -> Tensor {
      rows.expandingAxis(1).broadcast(to: [batch, n, rows.shape[1]]).reshaped([batch * n, rows.shape[1]])
    }
    let x = repeated(x)
    let (next, pull) = pullback(at: state.mappingTensors(repeated)) { step.next(model, x, $0, nil) }
    let units = Tensor.identity(n, x.type).broadcast(to: [batch, n, n]).reshaped([batch * n, n])
    return pull(next.withRows(units)).rows.reshaped([batch, n, n])
  }

  /// J within units, `[batch, slots, slots, units]`, and I, `[batch, slots, p]`: a walk for each slot of each row.
  func linearized(
    _ structure: UnitStructure, _ parts: StepParts<Model, State>, _ model: Model, _ x: Tensor
  ) -> (jacobian: Tensor, immediate: Tensor) {
    let (batch, slots, widths) = (x.shape[0], structure.slots, state.rowWidths)
    let seeds = (0..<slots).map { slot in
      Tensor.zeros([1, widths.reduce(0, +)], x.type).scatteredAdding(
        Tensor.ones([1, structure.units], x.type),
        positions: structure.places[(slot * structure.units)..<((slot + 1) * structure.units)], axis: 1)
    }
    var (held, recurred, immediates): ([Tensor], [Tensor], [Tensor]) = ([], [], [])
    for b in 0..<batch {
      let pull = parts.walked(model, x[b..<(b + 1)], state.mappingTensors { $0[b..<(b + 1)] }).pull
      for seed in seeds {
        let pulled = pull(seed)
        held.append(pulled.state)
        recurred.append(pulled.recurred)
        immediates.append(pulled.parameters.flat)
      }
    }
    var rows = Tensor.concatenate(held, axis: 0)
    if influence != .eprop && !structure.isReadOut && way == .units {
      let through = parts.pulled(
        Tensor.concatenate(recurred, axis: 0), through: model.restricted(to: structure), hidden: widths[0])
      rows = rows + through.padded([(0, 0), (0, rows.shape[1] - widths[0])])
    }
    return (
      structure.byUnit(rows).reshaped([batch, slots, slots, structure.units]),
      Tensor.stack(immediates).reshaped([batch, slots, influences.shape[2]])
    )
  }
}
