import UnrollArrays
import UnrollAutograd

/// Other arrangements of the same elements.
let arrangementEntrances: [Entrance] = [
  Entrance("reshaped") { m in
    let x = m.tensor("x", m.freeShape(0...4, from: 0))
    let flat = m.chance(2) ? x.count : -1
    let shape = m.anyShape("target", m.chance(2) ? [flat] : [1, flat, 1])
    m.differentiate([x]) { [$0[0].reshaped(shape)] }
  },
  Entrance("permuted") { m in
    let x = m.tensor("x", m.freeShape(1...4, from: 0))
    var order = Array(0..<x.rank)
    for i in order.indices { order.swapAt(i, m.extent(0...max(0, order.count - 1))) }
    if !order.isEmpty { order[0] = m.integer("first axis", order[0]) }
    let drawn = order
    m.differentiate([x]) { [$0[0].permuted(drawn)] }
  },
  Entrance("transposed") { m in
    let x = m.tensor("x", m.freeShape(0...4, from: 0))
    m.differentiate([x]) { [$0[0].transposed()] }
  },
  Entrance("transposed of two axes") { m in
    let x = m.tensor("x", m.freeShape(1...4, from: 0))
    let (a, b) = (m.axis("first", x.rank), m.axis("second", x.rank))
    m.differentiate([x]) { [$0[0].transposed(a, b)] }
  },
  Entrance("broadcast") { m in
    let shape = m.freeShape(0...3)
    let x = m.tensor("x", Shape(shape.map { m.chance(2) ? 1 : $0 }))
    let target = m.shape("target", Shape([m.count("rows", in: 1...3)] + shape))
    m.differentiate([x]) { [$0[0].broadcast(to: target)] }
  },
  Entrance("subscript") { m in
    let x = m.tensor("x", m.freeShape(1...4, from: 0))
    let selectors = m.list("selectors", in: 0...3) { m, i -> AxisSelection in
      let extent = i < x.rank ? x.shape[i] : 3
      switch m.extent(0...6) {
      case 0: return .all
      case 1: return .new
      case 2: return .rest
      case 3: return .index(m.integer("position", in: -extent...max(0, extent - 1)))
      case 4: return .range(start: m.integer("start", in: 0...extent), end: nil, step: m.integer("step", 1))
      case 5: return .range(start: nil, end: m.integer("end", in: 0...extent), step: m.integer("step", 2))
      default: return .every(m.integer("step", -1))
      }
    }
    // Positions at random may be wrong in shapes at random: the library says so, or gives elements.
    m.mayStop()
    m.differentiate([x]) { x in [x[0].selecting(selectors)] }
  },
  Entrance("flipped") { m in
    let x = m.tensor("x", m.freeShape(1...4, from: 0))
    let axes = m.axes("axes", x.rank)
    m.differentiate([x], shape: x.shape) { [$0[0].flipped(axes)] }
  },
  Entrance("expandingAxis") { m in
    let x = m.tensor("x", m.freeShape(0...4, from: 0))
    let axis = m.axis("axis", x.rank + 1)
    m.differentiate([x]) { [$0[0].expandingAxis(axis)] }
  },
  Entrance("squeezingAxis") { m in
    let x = m.tensor("x", Shape([1] + m.freeShape(0...3, from: 0)))
    let axis = m.integer("axis", 0)
    m.differentiate([x]) { [$0[0].squeezingAxis(axis)] }
  },
  Entrance("squeezed") { m in
    let x = m.tensor("x", m.freeShape(0...4, from: 0))
    m.differentiate([x]) { [$0[0].squeezed()] }
  },
  Entrance("rolled") { m in
    let x = m.tensor("x", m.freeShape(1...3, from: 0))
    let (shift, axis) = (m.integer("shift", in: -3...3), m.axis("axis", x.rank))
    m.differentiate([x], shape: x.shape) { [$0[0].rolled(shift, axis: axis)] }
  },
  Entrance("tiled") { m in
    let x = m.tensor("x", m.freeShape(0...3, from: 0))
    let counts = m.lengths("counts", x.rank + m.extent(0...1), in: 0...3)
    m.differentiate([x]) { [$0[0].tiled(counts)] }
  },
  Entrance("repeated") { m in
    let x = m.tensor("x", m.freeShape(1...3, from: 0))
    let (count, axis) = (m.integer("count", in: 0...3), m.axis("axis", x.rank))
    m.differentiate([x]) { [$0[0].repeated(count, axis: axis)] }
  },
  Entrance("padded") { m in
    let x = m.tensor("x", m.freeShape(0...3, from: 0))
    let margins = m.lengths("margins", 2 * x.rank, in: 0...2)
    let number = m.number("number", in: -1...1)
    let pairs = stride(from: 0, to: margins.count - 1, by: 2).map { (before: margins[$0], after: margins[$0 + 1]) }
    m.differentiate([x]) { [$0[0].padded(pairs, with: number)] }
  },
  Entrance("lowerTriangle") { m in
    let (x, diagonal) = (m.tensor("x", m.freeShape(2...4, from: 0)), m.integer("diagonal", in: -3...3))
    m.differentiate([x], shape: x.shape) { [$0[0].lowerTriangle(diagonal: diagonal)] }
  },
  Entrance("upperTriangle") { m in
    let (x, diagonal) = (m.tensor("x", m.freeShape(2...4, from: 0)), m.integer("diagonal", in: -3...3))
    m.differentiate([x], shape: x.shape) { [$0[0].upperTriangle(diagonal: diagonal)] }
  },
  Entrance("diagonal") { m in
    let x = m.tensor("x", m.freeShape(2...4, from: 0))
    m.differentiate([x]) { [$0[0].diagonal()] }
  },
  Entrance("diagonalMatrix") { m in
    let x = m.tensor("x", m.freeShape(1...3, from: 0))
    m.differentiate([x]) { [$0[0].diagonalMatrix()] }
  },
  Entrance("trace") { m in
    let x = m.tensor("x", m.freeShape(2...3, from: 0))
    m.differentiate([x]) { [$0[0].trace()] }
  },
]

/// Joining and taking apart.
let joiningEntrances: [Entrance] = [
  Entrance("concatenate") { m in
    let shape = m.freeShape(1...3, from: 0)
    let axis = m.axis("axis", shape.count)
    let tensors = m.list("tensors", in: 1...3) { $0.tensor("tensor \($1)", shape) }
    m.differentiate(tensors) { [Tensor.concatenate($0, axis: axis)] }
  },
  Entrance("stack") { m in
    let shape = m.freeShape(0...3, from: 0)
    let axis = m.axis("axis", shape.count + 1)
    let tensors = m.list("tensors", in: 1...3) { $0.tensor("tensor \($1)", shape) }
    m.differentiate(tensors) { [Tensor.stack($0, axis: axis)] }
  },
  Entrance("split") { m in
    let extents = m.lengths("extents", m.extent(1...3), in: 0...3)
    let sum = extents.allSatisfy { (0...4).contains($0) } ? extents.reduce(0, +) : 4
    let (x, axis) = (m.tensor("x", [sum, 2]), m.integer("axis", 0))
    m.differentiate([x]) { $0[0].split(extents, axis: axis) }
  },
  Entrance("chunks") { m in
    let (x, count) = (m.tensor("x", [6, 2]), m.integer("count", in: 1...6))
    let axis = m.axis("axis", x.rank)
    m.differentiate([x]) { $0[0].chunks(count, axis: axis) }
  },
  Entrance("unstacked") { m in
    let x = m.tensor("x", m.freeShape(1...3))
    let axis = m.axis("axis", x.rank)
    m.differentiate([x]) { $0[0].unstacked(axis: axis) }
  },
]

extension Tensor {
  /// The subscript with a list of selectors.
  fileprivate func selecting(_ s: [AxisSelection]) -> Tensor {
    switch s.count {
    case 0: self[.rest]
    case 1: self[s[0]]
    case 2: self[s[0], s[1]]
    case 3: self[s[0], s[1], s[2]]
    default: self[s[0], s[1], s[2], s[3], s[0]]
    }
  }
}
