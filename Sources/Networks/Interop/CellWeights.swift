internal import UnrollArrays
internal import UnrollAutograd

/// The weights of one cell, laid out as ours are.
struct CellWeights {
  let kind: CellKind
  /// `[inputs, gates·hidden]`.
  var input: Tensor
  /// `[hidden, gates·hidden]`.
  var recurrent: Tensor
  /// `[gates·hidden]`.
  var bias: Tensor?
  /// `[hidden]`, of a GRU that resets after the product.
  var candidateBias: Tensor?
  /// `[3, hidden]`.
  var peepholes: Tensor?

  var hidden: Int { recurrent.shape[0] }
  var tensorCount: Int { 2 + [bias, candidateBias, peepholes].count { $0 != nil } }
  var hasBias: Bool { bias != nil || candidateBias != nil }

  init(
    _ kind: CellKind, input: Tensor, recurrent: Tensor, bias: Tensor?, candidateBias: Tensor? = nil, peepholes: Tensor? = nil
  ) {
    self.kind = kind
    self.input = input
    self.recurrent = recurrent
    self.bias = bias
    self.candidateBias = candidateBias
    self.peepholes = peepholes
  }

  /// Weights to be replaced by others of their shapes.
  init(_ kind: CellKind, blank sizes: CellSizes) {
    let (columns, type) = (kind.gates * sizes.hidden, sizes.type)
    self.init(
      kind, input: .zeros([sizes.inputs, columns], type), recurrent: .zeros([sizes.hidden, columns], type),
      bias: sizes.hasBias ? .zeros([columns], type) : nil,
      candidateBias: sizes.hasBias && kind == .gruResetAfter ? .zeros([sizes.hidden], type) : nil,
      peepholes: kind == .peepholeLSTM ? .zeros([3, sizes.hidden], type) : nil)
  }
}

/// What decides the shapes of a cell's weights.
struct CellSizes {
  let inputs: Int
  let hidden: Int
  let hasBias: Bool
  let type: ElementType
}

/// The two biases of a cell, each `[gates·hidden]` in our order: frameworks that have them add them where they can.
struct BiasPair {
  let input: Tensor
  let recurrent: Tensor
}

extension CellWeights {
  /// What a cell without biases of its own hands to a framework that wants some. −0 + x is x to the last bit, 0 + x is not: of −0 it
  /// loses the sign.
  private func blank(_ count: Int) -> Tensor { Tensor(NDArray.full([count], -0.0, recurrent.type)) }

  /// The biases as two: those that were merged into ours, if they are given and still make them; else ours and nothing.
  func biases(like original: BiasPair?) -> BiasPair {
    if let original {
      var merged = self
      merged.merge(original)
      if merged.bias?.array == bias?.array && merged.candidateBias?.array == candidateBias?.array { return original }
    }
    let ours = bias ?? blank(kind.gates * hidden)
    guard kind == .gruResetAfter else { return BiasPair(input: ours, recurrent: blank(ours.count)) }
    return BiasPair(
      input: ours, recurrent: .concatenate([blank(2 * hidden), candidateBias ?? blank(hidden)], axis: 0))
  }

  /// The sum of both; but where the reset gate applies to the product, the candidate's recurrent bias stays by itself.
  mutating func merge(_ pair: BiasPair) {
    guard kind == .gruResetAfter else {
      bias = pair.input + pair.recurrent
      return
    }
    let gates = 2 * hidden
    bias = .concatenate([pair.input[..<gates] + pair.recurrent[..<gates], pair.input[gates...]], axis: 0)
    candidateBias = pair.recurrent[gates...]
  }

  /// The gates of the last axis in a framework's order.
  func ordered(_ tensor: Tensor, in framework: Framework) -> Tensor {
    let order = kind.order(in: framework) ?? []
    return Self.picking(tensor, order)
  }

  /// The gates of the last axis in our order.
  func restored(_ tensor: Tensor, from framework: Framework) -> Tensor {
    let order = kind.order(in: framework) ?? []
    return Self.picking(tensor, order.indices.compactMap { order.firstIndex(of: $0) })
  }

  private static func picking(_ tensor: Tensor, _ order: [Int]) -> Tensor {
    if order == Array(order.indices) { return tensor }
    let blocks = tensor.chunks(order.count, axis: -1)
    return .concatenate(order.map { blocks[$0] }, axis: -1)
  }
}
