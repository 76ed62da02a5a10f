import UnrollArrays
import UnrollAutograd
import UnrollProgramSupport
import UnrollTestSupport

@testable import UnrollNetworks

/// A random use of a recurrent network: sizes, layers, directions, options, masks and lengths, a state of its own, the sequence whole or
/// in windows with the state carried, with draws or without.
struct RecurrentProgram: Sendable, CustomStringConvertible {
  enum Way: CaseIterable { case call, training, trajectory, windows, steps }
  enum Rows: CaseIterable { case all, lengths, mask }
  enum Merge: CaseIterable { case concatenate, sum, average, multiply }

  private let seed: Int
  private let way: Way
  private let rows: Rows
  private let merge: Merge
  private let (inputs, batch, steps): (Int, Int, Int)
  private let sizes: [Int]
  private let (isBidirectional, isReversed, isTimeFirst, isUnbatched): (Bool, Bool, Bool, Bool)
  private let (hasState, learnsState): (Bool, Bool)
  private let (dropout, recurrentDropout): (Double, Double)
  private let interval: Int?
  /// Of each row's steps which take part; those behind a row's length do not.
  private let lengths: [Int]
  private let taken: [Bool]

  init(seed: Int, _ random: inout TestRandom) {
    func chance(_ rarity: Int) -> Bool { Int.random(in: 0..<rarity, using: &random) == 0 }
    self.seed = seed
    way = Way.allCases.randomElement(using: &random) ?? .call
    rows = way == .steps ? .all : Rows.allCases.randomElement(using: &random) ?? .all
    inputs = Int.random(in: 1...3, using: &random)
    let steps = Int.random(in: 1...5, using: &random)
    self.steps = steps
    isUnbatched = way != .steps && chance(6)
    batch = isUnbatched ? 1 : Int.random(in: 1...3, using: &random)
    isBidirectional = way != .steps && way != .windows && chance(3)
    isReversed = !isBidirectional && way != .steps && way != .windows && chance(3)
    merge = isBidirectional ? Merge.allCases.randomElement(using: &random) ?? .sum : .concatenate
    let layers = Int.random(in: 1...2, using: &random)
    sizes = (0..<layers).map { _ in Int.random(in: 1...4, using: &random) }
    isTimeFirst = chance(2)
    hasState = chance(2)
    learnsState = chance(4)
    dropout = chance(2) ? 0.3 : 0
    recurrentDropout = chance(2) ? 0.4 : 0
    interval = chance(2) ? Int.random(in: 1...4, using: &random) : nil
    lengths = (0..<batch).map { _ in Int.random(in: 1...steps, using: &random) }
    taken = (0..<batch * steps).map { _ in Int.random(in: 0..<4, using: &random) > 0 }
  }

  var description: String {
    """
    \(way), \(inputs) inputs, sizes \(sizes), \(batch) rows\(isUnbatched ? " without a batch" : ""), \(steps) steps, \
    rows \(rows) \(rows == .lengths ? "\(lengths)" : rows == .mask ? "\(taken)" : ""), \
    \(isBidirectional ? "both directions, \(merge)" : isReversed ? "reversed" : "forward"), time first \(isTimeFirst), \
    state \(hasState), learned state \(learnsState), dropout \(dropout), recurrent dropout \(recurrentDropout), \
    interval \(interval ?? 0)
    """
  }

  /// First the cell's own way against the cell step by step, values and gradients in float64 and float32; then derivatives of first and
  /// second order against differences.
  func run<Cell: RecurrentCell>(_ make: (Int, Int, inout Generator) -> Cell) -> DerivativeCheck.Outcome {
    let layer = layer(make)
    let x = draw(shape(inputs), 1)
    let state = hasState ? layer.initialState(batch: batch, .float64).tensors.enumerated().map { draw($1.shape, 50 + $0) } : []
    let point = layer.tensors + [x] + state
    let fast = valueAndGradient(at: point, allowingNoPath: true) { score(layer, $0) }
    let slow = Recurrent(slow: layer)
    let stepped = valueAndGradient(at: point, allowingNoPath: true) { score(slow, $0) }
    if let reason = difference([fast.value] + fast.gradient, [stepped.value] + stepped.gradient, relative: 1e-10) {
      return .disagree("the cell's own way against step by step: " + reason)
    }
    let single = layer.cast(to: .float32)
    let coarse = valueAndGradient(at: point.map { Tensor($0.array.cast(to: .float32)) }, allowingNoPath: true) {
      score(single, $0)
    }
    if let reason = difference([coarse.value] + coarse.gradient, [fast.value] + fast.gradient, relative: 2e-3) {
      return .disagree("float32 against float64: " + reason)
    }
    return DerivativeCheck(at: point, seed: seed) { score(layer, $0) }.run()
  }

  private func layer<Cell: RecurrentCell>(_ make: (Int, Int, inout Generator) -> Cell) -> Recurrent<Cell> {
    var generator = Generator(seed: seed)
    let merge: Recurrent<Cell>.Merge =
      switch merge {
      case .concatenate: .concatenate
      case .sum: .sum
      case .average: .average
      case .multiply: .multiply
      }
    var layer = Recurrent(inputs, sizes, bidirectional: isBidirectional, merge: merge, isTimeFirst: isTimeFirst) {
      make($0, $1, &generator)
    }
    layer.isReversed = isReversed
    (layer.dropout, layer.recurrentDropout) = (dropout, recurrentDropout)
    layer.checkpointInterval = interval
    if learnsState {
      layer = layer.learningInitialState()
      layer.initial = layer.initial.map { Tensor.uniform($0.shape, in: -1..<1, .float64, using: &generator) }
    }
    return layer
  }

  private func draw(_ shape: Shape, _ stream: Int) -> Tensor {
    var generator = Generator(seed: seed &* 97 &+ stream)
    return Tensor.uniform(shape, in: -1.5..<1.5, .float64, using: &generator)
  }

  private func shape(_ features: Int) -> Shape {
    isUnbatched ? [steps, features] : isTimeFirst ? [steps, batch, features] : [batch, steps, features]
  }

  private func mask(_ range: Range<Int>) -> Mask? {
    if rows != .mask { return nil }
    let cut = (0..<batch).map { row in range.map { taken[row * steps + $0] } }
    if isUnbatched { return Mask(cut[0]) }
    let mask = Mask(cut.flatMap { $0 }, shape: [batch, range.count])
    return isTimeFirst ? mask.permuted([1, 0]) : mask
  }

  /// One number of everything that comes out, from parameters, input and state one after the other.
  private func score<Cell: RecurrentCell>(_ layer: Recurrent<Cell>, _ point: [Tensor]) -> Tensor {
    let parameters = layer.tensors.count
    let layer = layer.replacingTensors(Array(point[..<parameters]))
    let x = point[parameters]
    let type = x.type
    let zero = layer.initialState(batch: batch, type)
    var state: Recurrent<Cell>.State?
    if hasState {
      let given = Array(point[(parameters + 1)...])
      state = zero.replacingTensors(isUnbatched ? given.map { $0.squeezingAxis(0) } : given)
    }
    let lengths = rows == .lengths ? lengths : nil
    switch way {
    case .call:
      let (outputs, last) = layer(x, from: state, lengths: lengths, mask: mask(0..<steps))
      return weighted([outputs] + last.tensors)
    case .training:
      var generator = Generator(seed: seed)
      let (outputs, last) = layer(x, from: state, lengths: lengths, mask: mask(0..<steps), using: &generator)
      return weighted([outputs] + last.tensors)
    case .trajectory:
      let (outputs, states) = layer.trajectory(x, from: state, lengths: lengths, mask: mask(0..<steps))
      return weighted([outputs] + states.tensors)
    case .windows:
      let middle = steps / 2
      var parts: [Tensor] = []
      for range in [0..<middle, middle..<steps] where !range.isEmpty {
        let window = isTimeFirst || isUnbatched ? x[range] : x[.all, range]
        // A row may have ended before a window begins, which no length says.
        let ended = rows == .lengths ? ends(range) : mask(range)
        let (outputs, next) = layer(window, from: state, mask: ended)
        parts.append(outputs)
        state = next
      }
      return weighted(parts + (state?.tensors ?? []))
    case .steps:
      var state = state ?? zero
      let outputs = (0..<steps).map { layer.next(isTimeFirst ? x[$0] : x[.all, $0], state: &state) }
      return weighted(outputs + state.tensors)
    }
  }

  /// The lengths of rows as a mask of some steps.
  private func ends(_ range: Range<Int>) -> Mask {
    let cut = lengths.map { length in range.map { $0 < length } }
    if isUnbatched { return Mask(cut[0]) }
    let mask = Mask(cut.flatMap { $0 }, shape: [batch, range.count])
    return isTimeFirst ? mask.permuted([1, 0]) : mask
  }

  private func weighted(_ tensors: [Tensor]) -> Tensor {
    tensors.reduce(Tensor(0, tensors[0].type)) { sum, tensor in
      let weights = Tensor(NDArray.range(tensor.count, .float64).cast(to: tensor.type)).cos().reshaped(tensor.shape)
      return sum + (tensor * weights).sum() + (tensor * tensor).sum() * 0.5
    }
  }

  private func difference(_ a: [Tensor], _ b: [Tensor], relative: Double) -> String? {
    let size = b.flatMap { $0.array.cast(to: .float64).scalars(as: Double.self) }.reduce(1) { max($0, abs($1)) }
    for (i, (a, b)) in zip(a, b).enumerated() {
      guard a.shape == b.shape else { return "result \(i) has the shape \(a.shape) instead of \(b.shape)" }
      let (x, y) = (a.array.cast(to: .float64), b.array.cast(to: .float64))
      if !x.isClose(to: y, relative: 0, absolute: relative * size) { return "result \(i) is \(a) instead of \(b)" }
    }
    return nil
  }
}
