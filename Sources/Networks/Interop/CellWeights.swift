internal import UnrollArrays
internal import UnrollAutograd

/// The weights of one cell, laid out as ours are.
struct CellWeights {
  let kind: CellKind
  /// `[inputs, gates·memory]`; memory and hidden are the same unless there is a projection.
  var input: Tensor
  /// `[hidden, gates·memory]`.
  var recurrent: Tensor
  /// `[gates·memory]`.
  var bias: Tensor?
  /// `[hidden]`, of a cell with a candidate within a gate's reach.
  var candidateBias: Tensor?
  /// `[3, hidden]`, or `[2, hidden]` of a coupled LSTM.
  var peepholes: Tensor?
  /// `[memory, hidden]`.
  var projection: Tensor?

  var hidden: Int { recurrent.shape[0] }
  var columns: Int { recurrent.shape[1] }
  var tensorCount: Int { 2 + [bias, candidateBias, peepholes, projection].count { $0 != nil } }
  var hasBias: Bool { bias != nil || candidateBias != nil }

  init(
    _ kind: CellKind, input: Tensor, recurrent: Tensor, bias: Tensor?, candidateBias: Tensor? = nil, peepholes: Tensor? = nil,
    projection: Tensor? = nil
  ) {
    self.kind = kind
    self.input = input
    self.recurrent = recurrent
    self.bias = bias
    self.candidateBias = candidateBias
    self.peepholes = peepholes
    self.projection = projection
  }

  /// Weights to be replaced by others of their shapes.
  init(_ kind: CellKind, blank sizes: CellSizes) {
    let (columns, type) = (kind.gates * (sizes.memory ?? sizes.hidden), sizes.type)
    self.init(
      kind, input: .zeros([sizes.inputs, columns], type), recurrent: .zeros([sizes.hidden, columns], type),
      bias: sizes.hasBias ? .zeros([columns], type) : nil,
      candidateBias: sizes.hasBias && kind.hasCandidateBias ? .zeros([sizes.hidden], type) : nil,
      peepholes: sizes.hasPeepholes ? .zeros([kind == .coupledLSTM ? 2 : 3, sizes.hidden], type) : nil,
      projection: sizes.memory.map { .zeros([$0, sizes.hidden], type) })
  }
}

/// What decides the shapes of a cell's weights.
struct CellSizes {
  let inputs: Int
  let hidden: Int
  /// Of a cell whose output is a projection of its memory.
  let memory: Int?
  let hasBias: Bool
  let hasPeepholes: Bool
  let type: ElementType
}

/// The two biases of a cell, each `[gates·hidden]` in our order: frameworks that have them add them where they can.
struct BiasPair {
  let input: Tensor
  let recurrent: Tensor
}

extension CellWeights {
  private func zeros(_ count: Int) -> Tensor { .zeros([count], recurrent.type) }

  /// What is added to ours and changes no bit: 0, but −0 where ours is −0, which would lose its sign by 0.
  private func neutral(_ ours: Tensor) -> Tensor { .select(ours.array .== 0, ours, Tensor(0, ours.type)) }

  /// The biases as two: those that were merged into ours, if they are given and still make them; else ours and nothing.
  func biases(like original: BiasPair?) -> BiasPair {
    if let original {
      var merged = self
      merged.merge(original)
      if merged.bias?.array == bias?.array && merged.candidateBias?.array == candidateBias?.array { return original }
    }
    let ours = bias ?? zeros(columns)
    guard kind.hasCandidateBias else { return BiasPair(input: ours, recurrent: neutral(ours)) }
    let rest = neutral(ours[..<(columns - hidden)])
    return BiasPair(input: ours, recurrent: .concatenate([rest, candidateBias ?? zeros(hidden)], axis: 0))
  }

  /// The sum of both; but where a gate applies to the product, the candidate's recurrent bias stays by itself.
  mutating func merge(_ pair: BiasPair) {
    guard kind.hasCandidateBias else {
      bias = pair.input + pair.recurrent
      return
    }
    let gates = columns - hidden
    bias = .concatenate([pair.input[..<gates] + pair.recurrent[..<gates], pair.input[gates...]], axis: 0)
    candidateBias = pair.recurrent[gates...]
  }

  /// The gates of the last axis in a framework's order. At places that none of ours fills stands what `original` has there, or 0.
  func ordered(_ tensor: Tensor, in framework: Framework, like original: Tensor? = nil) -> Tensor {
    let order = kind.order(in: framework) ?? []
    if order == Array(order.indices) { return tensor }
    let ours = tensor.chunks(kind.gates, axis: -1)
    let theirs = original?.chunks(order.count, axis: -1)
    return .concatenate(
      order.enumerated().map { place, gate in gate.map { ours[$0] } ?? theirs?[place] ?? ours[0].zerosLike }, axis: -1)
  }

  /// The gates of the last axis in our order.
  func restored(_ tensor: Tensor, from framework: Framework) -> Tensor {
    let order = kind.order(in: framework) ?? []
    if order == Array(order.indices) { return tensor }
    let theirs = tensor.chunks(order.count, axis: -1)
    return .concatenate((0..<kind.gates).compactMap { order.firstIndex(of: $0) }.map { theirs[$0] }, axis: -1)
  }
}

extension Tensor {
  /// As many zeros, unrecorded.
  fileprivate var zerosLike: Tensor { .zeros(shape, type) }
}
