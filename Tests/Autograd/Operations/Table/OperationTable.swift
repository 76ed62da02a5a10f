import Testing
import UnrollArrays
import UnrollAutograd

/// Every public operation of tensors that has a derivative, at a place where it is smooth.
let operationTable: [OperationRow] = [
  elementRows, activationRows, pairRows, reductionRows, productRows, arrangementRows, joiningRows, recurrenceRows,
]
.flatMap { $0 }

/// Every row of the table against what derivatives are by definition.
@Suite struct OperationTableTests {
  @Test(arguments: operationTable) func pullbackIsThatOfDifferences(_ row: OperationRow) {
    let place = Place(row)
    let expected = Differences.gradient(at: place.inputs, place.cotangents, of: row.function)
    #expect(agree(place.pulled(), expected, relative: Differences.tolerance), "\(place.pulled()) against \(expected)")
  }

  @Test(arguments: operationTable) func tangentIsThatOfDifferences(_ row: OperationRow) {
    let place = Place(row)
    let expected = Differences.tangent(at: place.inputs, along: place.directions, of: row.function)
    #expect(agree(place.pushed(), expected, relative: Differences.tolerance), "\(place.pushed()) against \(expected)")
  }

  /// ⟨g, J t⟩ = ⟨Jᵀ g, t⟩, to the rounding of sums.
  @Test(arguments: operationTable) func bothDirectionsAgree(_ row: OperationRow) {
    expectTransposed(Place(row))
  }

  /// The pullback as a function of the inputs and of the cotangents: its tangent against differences, and its own pullback.
  @Test(arguments: operationTable) func pullbackHasDerivatives(_ row: OperationRow) {
    let count = row.draws.count
    let draws = row.draws + Place(row).cotangents.map { Draw($0.shape, -1..<1) }
    let pulling = OperationRow("pullback of \(row.name)", draws) { x in
      pullback(at: Array(x[..<count]), of: row.function).pullback(Array(x[count...]))
    }
    expectDerivatives(pulling)
  }

  /// The tangent as a function of the inputs and of the directions, in the same way.
  @Test(arguments: operationTable) func tangentHasDerivatives(_ row: OperationRow) {
    let count = row.draws.count
    let draws = row.draws + row.draws.map { Draw($0.shape, -1..<1) }
    let pushing = OperationRow("tangent of \(row.name)", draws) { x in
      tangent(at: Array(x[..<count]), along: Array(x[count...]), of: row.function).tangent
    }
    expectDerivatives(pushing)
  }

  /// Where other inputs are constants, or recorded by a derivative further out only, operations keep less; each input's derivatives
  /// are the same ones.
  @Test(arguments: operationTable.filter { $0.draws.count > 1 }) func eachInputAloneHasTheSame(_ row: OperationRow) {
    let place = Place(row)
    let pulled = place.pulled()
    for i in place.inputs.indices {
      var still = place
      for k in still.directions.indices where k != i { still.directions[k] = place.inputs[k] * 0 }
      let outside = gradient(at: place.inputs) { x in
        for constants in [place.inputs, x] {
          let alone = OperationRow(row.name, [row.draws[i]]) { moved in
            var all = constants
            all[i] = moved[0]
            return row.function(all)
          }
          var single = place
          single.row = alone
          single.inputs = [constants[i]]
          single.directions = [place.directions[i]]
          #expect(agree(single.pulled(), [pulled[i]], relative: 1e-14))
          #expect(agree(single.pushed(), still.pushed(), relative: 1e-14))
        }
        return inner(row.function(x), place.cotangents)
      }
      #expect(agree(outside, pulled, relative: 1e-14))
    }
  }

  /// To 1e-5 of the largest element: rounding of 6e-8 at each of a few dozen additions, and slopes that magnify it.
  @Test(arguments: operationTable) func float32IsNear(_ row: OperationRow) {
    let place = Place(row)
    let single = place.mapped { Tensor($0.array.cast(to: .float32)) }
    let values = row.function(single.inputs)
    #expect((values + single.pulled() + single.pushed()).allSatisfy { $0.type == .float32 })
    #expect(agree(values, row.function(place.inputs), relative: 1e-5))
    #expect(agree(single.pulled(), place.pulled(), relative: 1e-5))
    #expect(agree(single.pushed(), place.pushed(), relative: 1e-5))
  }

  /// Sums may be taken in another order; all else is equal.
  @Test(arguments: operationTable) func anyArrangementInMemoryGivesTheSame(_ row: OperationRow) {
    let place = Place(row)
    let scattered = place.mapped(\.scatteredInMemory)
    #expect(agree(row.function(scattered.inputs), row.function(place.inputs), relative: 1e-14))
    #expect(agree(scattered.pulled(), place.pulled(), relative: 1e-14))
    #expect(agree(scattered.pushed(), place.pushed(), relative: 1e-14))
  }

  @Test(arguments: operationTable.filter { $0.empty != nil }) func nothingHasDerivatives(_ row: OperationRow) {
    let place = Place(OperationRow(row.name, (row.empty ?? []).map { Draw($0) }, row.function))
    #expect(place.inputs.contains { $0.count == 0 })
    for (cotangent, input) in zip(place.pulled(), place.inputs) {
      #expect(cotangent.shape == input.shape && cotangent.array.scalars(as: Double.self).allSatisfy(\.isFinite))
    }
    for (tangent, cotangent) in zip(place.pushed(), place.cotangents) { #expect(tangent.shape == cotangent.shape) }
    expectTransposed(place)
  }

  private func expectDerivatives(_ row: OperationRow) {
    let place = Place(row)
    let expected = Differences.tangent(at: place.inputs, along: place.directions, of: row.function)
    #expect(agree(place.pushed(), expected, relative: Differences.tolerance), "\(place.pushed()) against \(expected)")
    expectTransposed(place)
  }

  private func expectTransposed(_ place: Place) {
    let above = inner(place.cotangents, place.pushed())
    let below = inner(place.pulled(), place.directions)
    #expect(agree([below], [above], relative: 1e-12), "\(below) against \(above)")
  }
}

extension Tensor {
  /// The same numbers, not next to each other in memory: the last axis comes first there, and a vector has gaps.
  fileprivate var scatteredInMemory: Tensor {
    if rank == 0 || count == 0 { return self }
    if rank > 1 { return Tensor(array.transposed().contiguous().transposed()) }
    return Tensor(NDArray.stack([array, array * 0 - 1], axis: 1)[.all, 0])
  }
}
