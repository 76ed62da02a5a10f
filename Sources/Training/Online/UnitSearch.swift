internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// Finds the units of a cell by experiment: a NaN in a cotangent spreads to everything that depends on it, whatever the values, since
/// 0 · NaN is NaN. That takes a few walks once, and nothing of a cell but its step.
struct UnitSearch<Model: Module, State: TensorGroup> {
  private let parts: StepParts<Model, State>
  private let model: Model
  private let x: Tensor
  private let state: State
  private let widths: [Int]
  private var hidden: Int { widths[0] }
  private var count: Int { widths.reduce(0, +) }

  init(_ parts: StepParts<Model, State>, _ model: Model, _ x: Tensor, _ state: State) {
    (self.parts, self.model, widths) = (parts, model, state.rowWidths)
    // Any numbers would do; positive ones suit states that are divided by.
    var generator = Generator(seed: 1)
    self.x = Tensor.uniform([1, x.shape[1]], in: 0.25..<0.75, x.type, using: &generator)
    self.state = state.mappingTensors {
      Tensor.uniform(Shape([1] + $0.shape.dropFirst()), in: 0.25..<0.75, $0.type, using: &generator)
    }
  }

  /// The units, or the reason why there are none.
  func found() throws(NoUnits) -> UnitStructure {
    guard state.tensors.allSatisfy({ $0.rank == 2 }) else { throw NoUnits("a part of the state is not a row") }
    let coupling = coupling()
    let live = coupling.live(from: reachedByParameters())
    if !live.contains(true) { throw NoUnits("no parameter reaches the state") }
    do {
      return try structure(coupling, live, isReadOut: false)
    } catch {
      // What no step reads needs no influence: the loss can be pulled back to what lies before it.
      let isUsed = zip(live, coupling.isRead).map { $0 && $1 }
      guard !isUsed[..<hidden].contains(true), isUsed.contains(true) else { throw error }
      return try structure(coupling, isUsed, isReadOut: true)
    }
  }

  private func structure(_ coupling: Coupling, _ isCarried: [Bool], isReadOut: Bool) throws(NoUnits) -> UnitStructure {
    let groups = coupling.groups(isCarried)
    let slots = groups[0].count
    guard groups.allSatisfy({ $0.count == slots }), groups.count > 1 || slots == 1 else {
      throw NoUnits("numbers of the state meet within a step")
    }
    let places = (0..<slots).map { slot in groups.map { $0[slot] } }
    var unitOfPlace = [Int](repeating: -1, count: count)
    for (unit, group) in groups.enumerated() { for place in group { unitOfPlace[place] = unit } }
    let (unit, reaches) = try targets(places)
    let sources = try sources()
    let own = zip(sources, unit).map { source, unit in source < 0 || unitOfPlace[source] == unit }
    var (segments, start): ([UnitStructure.Segment], Int) = ([], 0)
    for tensor in model.tensors {
      segments.append(UnitStructure.Segment(Array(unit[start..<(start + tensor.count)]), last: tensor.shape.last ?? 1))
      start += tensor.count
    }
    let structure = UnitStructure(
      slots: slots, units: groups.count, places: Indices(places.flatMap { $0 }), segments: segments,
      rows: Indices(places.flatMap { slot in unit.map { slot[$0] } }, shape: [slots, unit.count]),
      reaches: Tensor(reaches.map { $0 ? 1.0 : 0 }, shape: [slots, unit.count]).cast(to: x.type),
      own: zip(
        Tensor(own.map { $0 ? 1.0 : 0 }, shape: [own.count]).cast(to: x.type).split(model.tensors.map(\.count), axis: 0),
        model.tensors
      ).map { $0.reshaped($1.shape) },
      isClosed: coupling.isClosed(unitOfPlace), isReadOut: isReadOut,
      outputSlots: places.count { $0.contains { $0 < hidden } })
    // A recurrent contribution that is not linear in its parameters could not be restricted to units by clearing some of them.
    if !isReadOut && !ownIsRight(structure, groups) {
      throw NoUnits("the recurrent contribution is not linear in its parameters")
    }
    return structure
  }
}

/// Why there is no compact form. Not nested in the search: Swift 6.3.1 crashes in optimised builds that throw an error which depends on
/// the parameters of a generic type.
struct NoUnits: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// Which numbers of the next state depend on which of the state: `[n · n]`.
private struct Coupling {
  let count: Int
  /// With the recurrent contribution held.
  var held: [Bool]
  /// In all.
  var full: [Bool]

  /// Whether the next state depends on each number.
  var isRead: [Bool] { (0..<count).map { place in (0..<count).contains { full[$0 * count + place] } } }

  /// What parameters reach in any number of steps.
  func live(from first: [Bool]) -> [Bool] {
    var (live, waiting) = (first, first.indices.filter { first[$0] })
    while let place = waiting.popLast() {
      for next in 0..<count where full[next * count + place] && !live[next] {
        live[next] = true
        waiting.append(next)
      }
    }
    return live
  }

  /// The carried numbers in groups that meet nowhere within a step, each in ascending order.
  func groups(_ isCarried: [Bool]) -> [[Int]] {
    var group = [Int](repeating: -1, count: count)
    var groups: [[Int]] = []
    for start in 0..<count where isCarried[start] && group[start] < 0 {
      group[start] = groups.count
      var (members, waiting) = ([start], [start])
      while let place = waiting.popLast() {
        for other in 0..<count
        where isCarried[other] && group[other] < 0 && (held[place * count + other] || held[other * count + place]) {
          group[other] = groups.count
          members.append(other)
          waiting.append(other)
        }
      }
      groups.append(members.sorted())
    }
    return groups
  }

  /// Whether no number of a unit depends on another unit.
  func isClosed(_ unit: [Int]) -> Bool {
    (0..<count).allSatisfy { next in
      unit[next] < 0 || (0..<count).allSatisfy { unit[$0] < 0 || unit[$0] == unit[next] || !full[next * count + $0] }
    }
  }
}

extension UnitSearch {
  /// The rows of a step's Jacobian, a few at a time.
  private func coupling() -> Coupling {
    var coupling = Coupling(count: count, held: [], full: [])
    for start in stride(from: 0, to: count, by: 64) {
      let rows = min(64, count - start)
      let pulled = repeated(rows)(marked(rows, count) { $1 == start + $0 ? .nan : 0 })
      let held = pulled.state.isNaN
      let recurrent = parts.pulled(pulled.recurred, through: model, hidden: hidden).isNaN
      coupling.held += held
      coupling.full += held.indices.map { i in
        let (row, place) = i.quotientAndRemainder(dividingBy: count)
        return held[i] || (place < hidden && recurrent[row * hidden + place])
      }
    }
    return coupling
  }

  /// The pullback of a step of equal rows.
  private func repeated(_ rows: Int) -> (Tensor) -> StepParts<Model, State>.Pulled {
    parts.walked(
      model, x.broadcast(to: [rows, x.shape[1]]), state.mappingTensors { $0.broadcast(to: [rows, $0.shape[1]]) }
    ).pull
  }

  private func reachedByParameters() -> [Bool] {
    let nan = model.mappingTensors { Tensor.full($0.shape, .nan, $0.type) }
    return tangent(at: model, along: nan) { parts.next($0, x, parts.recur($0, state.tensors[0]), state) }.tangent.rows.isNaN
  }

  /// The unit of each parameter, and whether it reaches each slot: units are numbered, and for each binary digit one walk marks
  /// those where it is 0, another those where it is 1.
  private func targets(_ places: [[Int]]) throws(NoUnits) -> (unit: [Int], reaches: [Bool]) {
    let pull = repeated(1)
    var unit = [Int](repeating: -1, count: model.tensors.reduce(0) { $0 + $1.count })
    var reaches: [Bool] = []
    for slot in places {
      let reached = try decoded(slot.count, "a parameter reaches several units within a step") { marks in
        var row = [Double](repeating: 0, count: count)
        for (place, mark) in zip(slot, marks) { row[place] = mark }
        return pull(marked(1, count) { row[$1] }).parameters
      }
      for (parameter, found) in reached.enumerated() where found >= 0 {
        if unit[parameter] >= 0 && unit[parameter] != found { throw NoUnits("a parameter reaches several units within a step") }
        unit[parameter] = found
      }
      reaches += reached.map { $0 >= 0 }
    }
    return (unit.map { max($0, 0) }, reaches)
  }

  /// The number of the hidden state that each parameter multiplies; −1 if none.
  private func sources() throws(NoUnits) -> [Int] {
    try decoded(hidden, "a recurrent parameter reads several units") { marks in
      let hidden = marked(1, hidden) { marks[$1] + 1 }
      let (value, pull) = pullback(at: model) { parts.recur($0, hidden) }
      return pull(Tensor.ones(value.shape, value.type)).tensors.map { $0.detached() }
    }
  }

  /// The number of the one mark that each parameter depends on; −1 for none.
  private func decoded(
    _ count: Int, _ reason: String, _ walk: (_ marks: [Double]) -> [Tensor]
  ) throws(NoUnits) -> [Int] {
    var (code, isReached): ([Int], [Bool]) = ([], [])
    var digit = 0
    repeat {
      let sides = [0, 1].map { side in
        walk((0..<count).map { $0 >> digit & 1 == side ? .nan : 0 }).flatMap(\.isNaN)
      }
      if digit == 0 {
        code = sides[0].map { _ in 0 }
        isReached = zip(sides[0], sides[1]).map { $0 || $1 }
      }
      for i in code.indices {
        if sides[0][i] && sides[1][i] || (sides[0][i] || sides[1][i]) != isReached[i] { throw NoUnits(reason) }
        if sides[1][i] { code[i] |= 1 << digit }
      }
      digit += 1
    } while count > 1 << digit
    return zip(code, isReached).map { $1 ? $0 : -1 }
  }

  /// Whether the Jacobian within units is what the parameters that read their own unit give, for a few of its rows.
  private func ownIsRight(_ structure: UnitStructure, _ groups: [[Int]]) -> Bool {
    let chosen = stride(from: 0, to: groups.count, by: max(1, groups.count / 8)).map { groups[$0] }
    let rows = chosen.flatMap { group in group.map { (place: $0, group: group) } }
    let recurred = repeated(rows.count)(marked(rows.count, count) { $1 == rows[$0].place ? 1 : 0 }).recurred
    func pulled(_ model: Model) -> [Double] {
      parts.pulled(recurred, through: model, hidden: hidden).scalars(as: Double.self)
    }
    let (all, own) = (pulled(model), pulled(model.restricted(to: structure)))
    return rows.indices.allSatisfy { row in
      rows[row].group.filter { $0 < hidden }.allSatisfy { place in
        let (a, b) = (all[row * hidden + place], own[row * hidden + place])
        return abs(a - b) <= 1e-4 * (abs(a) + 1)
      }
    }
  }

  private func marked(_ rows: Int, _ columns: Int, _ value: (_ row: Int, _ column: Int) -> Double) -> Tensor {
    Tensor((0..<rows).flatMap { row in (0..<columns).map { value(row, $0) } }, shape: [rows, columns]).cast(to: x.type)
  }
}

extension Module {
  /// The same model with the recurrent parameters alone that read their own unit.
  func restricted(to structure: UnitStructure) -> Self {
    replacingTensors(zip(tensors, structure.own).map { $0.detached() * $1 })
  }
}

extension Tensor {
  fileprivate var isNaN: [Bool] { scalars(as: Double.self).map(\.isNaN) }
}
