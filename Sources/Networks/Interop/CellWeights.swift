internal import UnrollArrays
internal import UnrollAutograd

/// The weights of one cell, in our layout.
struct CellWeights {
  let kind: CellKind
  /// `[inputs, gates·memory]`; without a projection, memory and hidden are equal.
  var input: Tensor
  /// `[hidden, gates·memory]`.
  var recurrent: Tensor
  /// `[gates·memory]`.
  var bias: Tensor?
  /// `[hidden]`, for a cell whose candidate's recurrent bias is multiplied by a gate.
  var candidateBias: Tensor?
  /// `[3, hidden]`, or `[2, hidden]` for a coupled LSTM.
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

  /// Placeholder weights with the given sizes.
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

/// The sizes that determine the shapes of a cell's weights.
struct CellSizes {
  let inputs: Int
  let hidden: Int
  /// The width of the memory, for a cell with a projection.
  let memory: Int?
  let hasBias: Bool
  let hasPeepholes: Bool
  let type: ElementType
}

/// The two biases of a cell, each `[gates·hidden]` in our gate order, for frameworks that have two and add them.
struct BiasPair {
  let input: Tensor
  let recurrent: Tensor
}

extension CellWeights {
  private func zeros(_ count: Int) -> Tensor { .zeros([count], recurrent.type) }

  /// A tensor that can be added to `ours` without changing a bit: 0, but −0 where `ours` is −0, because −0 + 0 is 0.
  private func neutral(_ ours: Tensor) -> Tensor { .select(ours.array .== 0, ours, Tensor(0, ours.type)) }

  /// Splits the bias in two: returns `original` if it is given and still merges to our bias; otherwise our bias and zeros.
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

  /// Adds both biases. If a gate multiplies the candidate's recurrent term, that part of the recurrent bias is kept separately.
  mutating func merge(_ pair: BiasPair) {
    guard kind.hasCandidateBias else {
      bias = pair.input + pair.recurrent
      return
    }
    let gates = columns - hidden
    bias = .concatenate([pair.input[..<gates] + pair.recurrent[..<gates], pair.input[gates...]], axis: 0)
    candidateBias = pair.recurrent[gates...]
  }

  /// Reorders the gates of the last axis to the framework's order. Places without a gate of ours are copied from `original`, or
  /// 0.
  func ordered(_ tensor: Tensor, in framework: Framework, like original: Tensor? = nil) -> Tensor {
    let order = kind.order(in: framework) ?? []
    if order == Array(order.indices) { return tensor }
    let ours = tensor.chunks(kind.gates, axis: -1)
    let theirs = original?.chunks(order.count, axis: -1)
    return .concatenate(
      order.enumerated().map { place, gate in gate.map { ours[$0] } ?? theirs?[place] ?? ours[0].zerosLike }, axis: -1)
  }

  /// Reorders the gates of the last axis to our order.
  func restored(_ tensor: Tensor, from framework: Framework) -> Tensor {
    let order = kind.order(in: framework) ?? []
    if order == Array(order.indices) { return tensor }
    let theirs = tensor.chunks(order.count, axis: -1)
    return .concatenate((0..<kind.gates).compactMap { order.firstIndex(of: $0) }.map { theirs[$0] }, axis: -1)
  }
}

extension Tensor {
  /// Zeros of the same shape and type, unrecorded.
  fileprivate var zerosLike: Tensor { .zeros(shape, type) }
}
