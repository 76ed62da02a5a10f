import UnrollArrays
import UnrollAutograd

/// Elements taken and put by number.
let gatheringEntrances: [Entrance] = [
  Entrance("gathered rows") { m in
    let x = m.tensor("x", Shape([3] + m.freeShape(0...2, from: 0)))
    let ids = m.indices("ids", m.freeShape(0...2, from: 0), below: 3)
    m.differentiate([x], shape: Shape(Array(ids.shape) + x.shape.dropFirst())) { [$0[0].gathered(rows: ids)] }
  },
  Entrance("gathered positions") { m in
    let (x, axis) = (m.tensor("x", [3, 3, 3]), m.axis("axis", 3))
    let positions = m.indices("positions", [m.extent(0...4)], below: 3)
    m.differentiate([x]) { [$0[0].gathered(positions: positions, axis: axis)] }
  },
  Entrance("gathered elements") { m in
    let (x, axis) = (m.tensor("x", [3, 3]), m.axis("axis", 2))
    let elements = m.indices("elements", [3, 3], below: 3)
    m.differentiate([x]) { [$0[0].gathered(elements: elements, axis: axis)] }
  },
  Entrance("scatteredAdding rows") { m in
    let count = m.extent(0...4)
    let (x, values) = (m.tensor("x", [3, 2]), m.tensor("values", [count, 2]))
    let ids = m.indices("ids", [count], below: 3)
    m.differentiate([x, values], shape: x.shape) { [$0[0].scatteredAdding($0[1], rows: ids)] }
  },
  Entrance("scatteredAdding positions") { m in
    let count = m.extent(0...4)
    let (x, values, axis) = (m.tensor("x", [2, 3]), m.tensor("values", [2, count]), m.integer("axis", 1))
    let positions = m.indices("positions", [count], below: 3)
    m.differentiate([x, values], shape: x.shape) { [$0[0].scatteredAdding($0[1], positions: positions, axis: axis)] }
  },
  Entrance("scatteredAdding elements") { m in
    let count = m.extent(0...4)
    let (x, values, axis) = (m.tensor("x", [2, 3]), m.tensor("values", [2, count]), m.integer("axis", 1))
    let elements = m.indices("elements", [2, count], below: 3)
    m.differentiate([x, values], shape: x.shape) { [$0[0].scatteredAdding($0[1], elements: elements, axis: axis)] }
  },
  Entrance("oneHot") { m in
    let shape = m.freeShape(0...2, from: 0)
    let (indices, count) = (m.indices("indices", shape, below: 3), m.integer("count", 3))
    let hot = Tensor.oneHot(indices, count: count, m.type)
    m.accepted()
    m.expect(hot.shape == Shape(Array(indices.shape) + [count]), "one-hot rows of shape \(hot.shape)")
    m.expect(Int(hot.sum().item) == indices.count, "rows that are not one hot")
  },
]

/// Sums, largest numbers, and what is made of them. What has no value over nothing may stop there.
let reductionEntrances: [Entrance] = [
  reduction("sum") { $0.sum(axes: $1, keepingAxes: $2) },
  reduction("mean", least: 1) { $0.mean(axes: $1, keepingAxes: $2) },
  reduction("max", least: 1) { $0.max(axes: $1, keepingAxes: $2) },
  reduction("min", least: 1) { $0.min(axes: $1, keepingAxes: $2) },
  reduction("norm") { $0.norm(axes: $1, keepingAxes: $2) },
  reduction("norm of order one") { $0.norm(order: .one, axes: $1, keepingAxes: $2) },
  reduction("norm of order infinity", least: 1) { $0.norm(order: .infinity, axes: $1, keepingAxes: $2) },
  reduction("logSumExp", least: 1) { $0.logSumExp(axes: $1, keepingAxes: $2) },
  reduction("variance", least: 2) { $0.variance(axes: $1, keepingAxes: $2) },
  reduction("standardDeviation", least: 2) { $0.standardDeviation(axes: $1, keepingAxes: $2) },
  Entrance("variance with a correction") { m in
    let (x, correction) = (m.tensor("x", [3, 4]), m.integer("correction", in: 0...1))
    m.differentiate([x]) { [$0[0].variance(axes: 0, correction: correction)] }
  },
  Entrance("product") { m in
    let x = m.tensor("x", m.freeShape(1...3, from: 0))
    let (axis, keeps) = (m.axis("axis", x.rank), m.flag("keeping axes"))
    m.differentiate([x]) { [$0[0].product(axis: axis, keepingAxes: keeps), $0[0].product()] }
  },
  Entrance("cumulativeSum") { m in
    let x = m.tensor("x", m.freeShape(1...3, from: 0))
    let (axis, reversed) = (m.axis("axis", x.rank), m.flag("reversed"))
    m.differentiate([x], shape: x.shape) { [$0[0].cumulativeSum(axis: axis, reversed: reversed)] }
  },
  Entrance("softmax") { m in
    let x = m.tensor("x", m.freeShape(1...3, from: 0))
    let axis = m.axis("axis", x.rank)
    m.differentiate([x], shape: x.shape) { [$0[0].softmax(axis: axis)] }
  },
  Entrance("logSoftmax") { m in
    let x = m.tensor("x", m.freeShape(1...3, from: 0))
    let axis = m.axis("axis", x.rank)
    m.differentiate([x], shape: x.shape) { [$0[0].logSoftmax(axis: axis)] }
  },
  Entrance("layerNorm") { m in
    let x = m.tensor("x", Shape(m.freeShape(0...2, from: 0) + [m.extent(1...20)]))
    let features = x.rank > 0 ? x.shape[x.rank - 1] : 3
    let scale = m.flag("scale") ? m.tensor("scale", [features]) : nil
    let shift = m.flag("shift") ? m.tensor("shift", [features]) : nil
    let epsilon = m.number("epsilon", in: 1e-6...0.1)
    m.differentiate([x] + [scale, shift].compactMap { $0 }, shape: x.shape) { x in
      [x[0].layerNorm(scale: scale.map { _ in x[1] }, shift: shift.map { _ in x[x.count - 1] }, epsilon: epsilon)]
    }
  },
  Entrance("matrixExponential") { m in
    let n = m.extent(0...4)
    let x = m.tensor("x", Shape(m.freeShape(0...1, from: 0) + [n, n]), in: -1...1)
    m.differentiate([x], shape: x.shape) { [$0[0].matrixExponential()] }
  },
  Entrance("linearRecurrence") { m in
    let isComplex = m.flag("complex")
    let step = Shape(m.freeShape(0...2, from: 0) + [2 * m.extent(1...3)])
    let shape = Shape([m.extent(0...5)] + step)
    let shared = m.chance(2) ? step : Shape([1] + Array(repeating: 1, count: step.count - 1) + [step[step.count - 1]])
    let (a, b) = (m.tensor("a", m.chance(2) ? shape : shared, in: -1...1), m.tensor("b", shape))
    let initial = m.flag("state") ? m.tensor("state", step) : nil
    let mask = m.chance(3) ? m.mask("mask", shape) : nil
    let isReversed = m.flag("reversed")
    m.differentiate([a, b] + (initial.map { [$0] } ?? []), shape: b.shape) { x in
      [
        Tensor.linearRecurrence(
          x[0], x[1], from: initial.map { _ in x[2] }, isReversed: isReversed, isComplex: isComplex, mask: mask)
      ]
    }
  },
  Entrance("argmax") { m in
    let x = m.tensor("x", m.freeShape(1...3))
    let axis = m.axis("axis", x.rank)
    let positions = x.argmax(axis: axis)
    m.accepted()
    m.expect(positions.rank == x.rank - 1, "positions of shape \(positions.shape)")
  },
  Entrance("argmin") { m in
    let x = m.tensor("x", m.freeShape(1...3))
    let axis = m.axis("axis", x.rank)
    let positions = x.argmin(axis: axis)
    m.accepted()
    m.expect(positions.rank == x.rank - 1, "positions of shape \(positions.shape)")
  },
]

private func reduction(
  _ name: String, least: Int = 0, _ f: @escaping @Sendable (Tensor, [Int], Bool) -> Tensor
) -> Entrance {
  Entrance(name) { m in
    let x = m.tensor("x", m.freeShape(0...4, from: least))
    let (axes, keeps) = (m.axes("axes", x.rank), m.flag("keeping axes"))
    if x.rank == 0 { m.mayStop() }
    m.differentiate([x]) { [f($0[0], axes, keeps)] }
  }
}

/// Products and factors of matrices.
let productEntrances: [Entrance] = [
  Entrance("matmul") { m in
    let (batch, i, j, k) = (m.freeShape(0...2, from: 0), m.extent(0...9), m.extent(0...9), m.extent(0...20))
    let x = m.tensor("x", m.chance(4) ? [k] : Shape(batch + [i, k]))
    let y = m.tensor("y", m.chance(4) ? [k] : m.chance(3) ? [k, j] : Shape(batch + [k, j]))
    m.differentiate([x, y]) { [$0[0].matmul($0[1])] }
  },
  Entrance("affine") { m in
    let (batch, j, k) = (m.freeShape(1...2, from: 0), m.extent(0...20), m.extent(0...20))
    let (x, weights, bias) = (m.tensor("x", Shape(batch + [k])), m.tensor("weights", [k, j]), m.tensor("bias", [j]))
    m.differentiate([x, weights, bias]) { [$0[0].affine($0[1], bias: $0[2])] }
  },
  Entrance("dot") { m in
    let n = m.extent(0...20)
    let (x, y) = (m.tensor("x", [n]), m.tensor("y", [n]))
    m.differentiate([x, y], shape: []) { [$0[0].dot($0[1])] }
  },
  Entrance("outer") { m in
    let (x, y) = (m.tensor("x", [m.extent(0...9)]), m.tensor("y", [m.extent(0...9)]))
    m.differentiate([x, y]) { [$0[0].outer($0[1])] }
  },
  Entrance("einsum") { m in
    let equation = m.pick(
      "equation",
      ["bi,ij->bj", "bi,oi->bo", "bi,bi->", "ii->i", "bij,bjk->bik", "", "->", "bi,ij", "bi->bii", "b1,ij->bj", "bi;ij"])
    let operands = equation.prefix { $0 != "-" }.split(separator: ",", omittingEmptySubsequences: false)
    let extents: [Character: Int] = ["b": 2, "i": 3, "j": 4, "k": 2, "o": 2]
    let tensors = operands.enumerated().map { m.tensor("operand \($0)", Shape($1.prefix(4).map { extents[$0] ?? 1 })) }
    m.mayStop()
    m.differentiate(tensors) { [Tensor.einsum(equation, $0)] }
  },
  Entrance("qr") { m in
    let n = m.extent(1...4)
    let x = m.tensor("x", Shape(m.freeShape(0...1, from: 0) + [n + m.extent(0...2), n]))
    m.differentiate([x]) {
      let (q, r) = $0[0].qr()
      return [q, r]
    }
  },
  Entrance("solvedTriangular") { m in
    let (batch, n, k) = (m.freeShape(0...1, from: 0), m.extent(0...4), m.extent(0...3))
    let a = m.tensor("a", Shape(batch + [n, n]), in: 1...2)
    let b = m.tensor("b", Shape(batch + [n, k]))
    let (upper, transposed) = (m.flag("upper"), m.flag("transposed"))
    m.differentiate([a, b]) { [$0[0].solvedTriangular($0[1], upper: upper, transposed: transposed)] }
  },
  Entrance("singularValues") { m in
    let x = m.tensor("x", Shape(m.freeShape(0...1, from: 0) + [m.extent(0...4), m.extent(0...4)]))
    let values = x.singularValues()
    m.accepted()
    m.expect(values.rank == x.rank - 1, "values of shape \(values.shape)")
  },
  Entrance("symmetricEigen") { m in
    let n = m.extent(0...4)
    let x = m.tensor("x", [n, n])
    m.mayStop()
    let (values, vectors) = x.rank == 2 && x.shape[0] == x.shape[1] ? (x + x.transposed()).symmetricEigen() : x.symmetricEigen()
    m.accepted()
    m.expect(vectors.shape == x.shape && values.rank == x.rank - 1, "values of shape \(values.shape)")
  },
  Entrance("eigenvalues") { m in
    let n = m.extent(0...4)
    let x = m.tensor("x", [n, n])
    let (real, imaginary) = x.eigenvalues()
    m.accepted()
    m.expect(real.rank == x.rank - 1 && imaginary.shape == real.shape, "values of shape \(real.shape)")
  },
  Entrance("spectralRadius") { m in
    let n = m.extent(1...4)
    let x = m.tensor("x", [n, n])
    let radius = x.spectralRadius()
    m.accepted()
    m.expect(radius.rank == x.rank - 2, "a radius of shape \(radius.shape)")
  },
]

/// Tensors from nothing.
let creationEntrances: [Entrance] = [
  Entrance("zeros") { m in
    let shape = m.anyShape("shape", m.freeShape(0...3, from: 0))
    m.expect(Tensor.zeros(shape, m.type).shape == shape, "another shape")
  },
  Entrance("ones") { m in
    let shape = m.anyShape("shape", m.freeShape(0...3, from: 0))
    m.expect(Tensor.ones(shape, m.type).shape == shape, "another shape")
  },
  Entrance("full") { m in
    let (shape, number) = (m.anyShape("shape", m.freeShape(0...3, from: 0)), m.number("number", in: -1...1))
    m.expect(Tensor.full(shape, number, m.type).shape == shape, "another shape")
  },
  Entrance("identity") { m in
    let n = m.integer("n", in: 0...4)
    m.expect(Tensor.identity(n, m.type).shape == [n, n], "another shape")
  },
  Entrance("range") { m in
    let count = m.count("count", in: 0...5)
    m.expect(Tensor.range(count, m.type).shape == [count], "another shape")
  },
  Entrance("range of steps") { m in
    let (start, step) = (m.number("start", in: -1...1), m.number("step", in: 0.5...1))
    let x = Tensor.range(from: start, to: start + 3, by: step, m.type)
    m.accepted()
    m.expect(x.rank == 1, "a range of shape \(x.shape)")
  },
  Entrance("linearSpace") { m in
    let (a, b, count) = (m.number("start", in: -1...1), m.number("end", in: -1...1), m.count("count", in: 2...5))
    m.expect(Tensor.linearSpace(a, b, count: count, m.type).shape == [count], "another shape")
  },
  drawn("uniform") { m, shape, generator in
    let (a, b) = (m.number("from", in: -2...0), m.number("to", in: 0.1...2))
    return .uniform(shape, in: a < b ? a..<b : 0..<1, m.type, using: &generator)
  },
  drawn("normal") { m, shape, generator in
    let (mean, deviation) = (m.number("mean", in: -1...1), m.number("deviation", in: 0...2))
    return .normal(shape, mean: mean, deviation: deviation, m.type, using: &generator)
  },
  drawn("truncatedNormal") { m, shape, generator in
    let (deviation, bound) = (m.number("deviation", in: 0...2), m.number("bound", in: 0.5...3))
    return .truncatedNormal(shape, deviation: deviation, within: bound, m.type, using: &generator)
  },
  drawn("bernoulli") { m, shape, generator in
    .bernoulli(shape, probability: m.number("probability", in: 0...1), m.type, using: &generator)
  },
  Entrance("scalars") { m in
    let x = m.tensor("x", m.freeShape(0...3, from: 0))
    m.expect(x.scalars(as: Double.self).count == x.count, "another count")
  },
  Entrance("withSpan") { m in
    let x = m.tensor("x", m.freeShape(0...3, from: 0))
    let count = x.type == .float32 ? x.withSpan(of: Float.self) { $0.count } : x.withSpan(of: Double.self) { $0.count }
    m.expect(count == x.count, "another count")
  },
  Entrance("isClose") { m in
    let (x, y) = (m.tensor("x", [2, 3]), m.tensor("y", [2, 3]))
    let (relative, absolute) = (m.number("relative", in: 0...1), m.number("absolute", in: 0...1))
    _ = x.isClose(to: y, relative: relative, absolute: absolute)
  },
  Entrance("==") { m in
    let (x, y) = (m.tensor("x", [2, 3]), m.tensor("y", [2, 3]))
    m.expect((x == y) == (y == x), "equality has an order")
  },
  Entrance("Tensor of elements") { m in
    let (count, shape) = (m.integer("count", 6), m.anyShape("shape", m.shape("shape", [2, 3])))
    m.expect(Tensor(Array(repeating: 1.0, count: max(0, min(count, 99))), shape: shape).shape == shape, "another shape")
  },
  Entrance("Mask of values") { m in
    let (count, shape) = (m.integer("count", 6), m.anyShape("shape", m.shape("shape", [2, 3])))
    m.expect(Mask(Array(repeating: true, count: max(0, min(count, 99))), shape: shape).shape == shape, "another shape")
  },
  Entrance("Indices of values") { m in
    let (value, shape) = (m.integer("value", 6), m.anyShape("shape", m.shape("shape", [2, 3])))
    m.expect(Indices(Array(repeating: value, count: 6), shape: shape).shape == shape, "another shape")
  },
]

/// Numbers that are drawn, in a shape.
private func drawn(
  _ name: String, _ draw: @escaping @Sendable (inout Mischief, Shape, inout Generator) -> Tensor
) -> Entrance {
  Entrance(name) { m in
    var generator = m.generator()
    let shape = m.anyShape("shape", m.freeShape(0...3, from: 0))
    let x = draw(&m, shape, &generator)
    m.accepted()
    m.expect(x.shape == shape && x.type == m.type, "\(x.type) numbers of shape \(x.shape)")
  }
}

/// Derivatives, and what users hand to them.
let graphEntrances: [Entrance] = [
  Entrance("gradient") { m in
    let (x, y) = (m.tensor("x", [2, 3]), m.shape("result", []))
    let slope = gradient(at: x) { x in (x * x).sum().broadcast(to: y) }
    m.expect(slope.shape == x.shape && slope.type == x.type, "a gradient of shape \(slope.shape)")
  },
  Entrance("pullback") { m in
    let (x, g) = (m.tensor("x", [2, 3]), m.tensor("cotangent", [2]))
    let found = pullback(at: x) { x in x.square().sum(axes: -1) }.pullback(g)
    m.accepted()
    m.expect(found.shape == x.shape, "a cotangent of shape \(found.shape)")
  },
  Entrance("tangent") { m in
    let (x, t) = (m.tensor("x", [2, 3]), m.tensor("direction", [2, 3]))
    let (value, found) = tangent(at: x, along: t) { x in x.square().sum(axes: -1) }
    m.accepted()
    m.expect(found.shape == value.shape, "a tangent of shape \(found.shape)")
  },
  Entrance("hessianVectorProduct") { m in
    let (x, t) = (m.tensor("x", [3]), m.tensor("direction", [3]))
    let product = hessianVectorProduct(at: x, along: t) { x in x.pow(3).sum() }
    m.accepted()
    m.expect(product.shape == x.shape, "a product of shape \(product.shape)")
  },
  Entrance("checkpointed") { m in
    let (x, w) = (m.tensor("x", [2, 3]), m.tensor("w", [3, 2]))
    m.differentiate([x, w]) { v in
      let w = v[1]
      return [checkpointed(v[0]) { x in x.matmul(w).tanh() }]
    }
  },
  Entrance("customOperation") { m in
    let (x, y) = (m.tensor("x", [2, 3]), m.tensor("y", [2, 3]))
    let product = customOperation("product") { x in
      [x[0] * x[1]]
    } pullback: { g, x, _ in
      [g[0] * x[1], g[0] * x[0]]
    }
    // What the closure broadcasts its pullback would have to sum.
    if x.shape == y.shape { m.differentiate([x, y], shape: x.shape) { product($0) } } else { _ = product([x, y]) }
  },
]
