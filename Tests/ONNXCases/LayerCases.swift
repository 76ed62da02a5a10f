import Unroll

extension CaseFolder {
  mutating func random(_ shape: Shape) -> Tensor { Tensor.normal(shape, using: &generator) }

  mutating func addLayers() throws {
    let (x, y) = (random([2, 5, 3]), random([4, 9, 3]))
    let mlp = Sequential(Linear(3, 8, using: &generator), Activation.tanh, Linear(8, 2, using: &generator))
    try add("mlp", mlp, random([2, 3]), other: random([7, 3])) { $0($1) }
    try add("mlp-sequence", mlp, x, other: y) { $0($1) }
    try add("linear-without-bias", Linear(3, 4, bias: false, using: &generator), x, other: y) { $0($1) }
    try add("layer-norm", LayerNorm(3), x, other: y) { $0($1) }
    try add("layer-norm-planes", LayerNorm([4, 3], shift: false), random([2, 5, 4, 3]), other: random([3, 7, 4, 3])) { $0($1) }
    try add("layer-norm-plain", LayerNorm(3, scale: false, shift: false), x, other: y) { $0($1) }
    let embedding = Embedding(11, 4, padding: 0, using: &generator)
    let (ids, more) = (Indices([3, 1, 0, 10, 5, 7], shape: [2, 3]), Indices((0..<20).map { $0 % 11 }, shape: [4, 5]))
    try add("embedding", embedding, ids, other: more) { $0($1) }
    try add("tied", embedding, ids, other: more) { model, ids in model(ids).matmul(model.table.transposed()).logSoftmax() }
    try add("embedding-time-first", embedding, ids, other: more) { model, ids in model(ids.transposed()) }
    try add("embedding-last", embedding, ids, other: more) { model, ids in model(ids[.all, -1]) }
  }
}
