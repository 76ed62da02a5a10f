internal import UnrollArrays
internal import UnrollAutograd

/// The axes of an exported model's inputs that may have other extents than in the example.
///
///     try model.exportONNX(to: "model.onnx", example: Tensor.ones([2, 5, 3]), varying: [.batch]) { model, x in model(x) }
public struct ONNXAxes: OptionSet, Sendable {
  /// A bit for each axis.
  public let rawValue: Int

  /// The axes of these bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// The number of rows.
  public static let batch = ONNXAxes(rawValue: 1)
  /// The number of steps.
  public static let time = ONNXAxes(rawValue: 2)
}

/// The inputs of an export as its example gives them: which axes vary, and examples of other sizes.
struct ExportInputs {
  /// The example's tensors and integers in order.
  private(set) var inputs: [Input] = []
  private(set) var symbols: [SizeSymbol] = []
  private var extents: [(name: String, extent: Int)] = []

  struct Input {
    let name: String
    let kind: Kind
    /// The symbol of each axis; nil where the extent is fixed.
    var symbols: [Int?]
  }

  enum Kind {
    case tensor(Tensor)
    case indices(Indices)
    case lengths([Int])

    var shape: Shape {
      switch self {
      case .tensor(let tensor): tensor.shape
      case .indices(let indices): indices.shape
      case .lengths(let lengths): [lengths.count]
      }
    }
  }

  /// The number of recordings: one, where all of them would be the same.
  var runs: Int {
    let hasIntegers = inputs.contains { input in if case .tensor = input.kind { false } else { true } }
    return symbols.isEmpty && !hasIntegers ? 1 : 5
  }

  private let axes: ONNXAxes
  private let isTimeFirst: Bool
  /// Extents of parameters, which sizes must differ from.
  private let taken: Set<Int>
  /// The symbol of the steps of the latest sequence, which lengths that follow count.
  private var latestTime: Int?
  /// The symbol of the steps that each lengths input counts.
  private var timeOfLengths: [Int: (symbol: Int?, extent: Int)] = [:]
  private var latestExtent = 0

  init(_ axes: ONNXAxes, isTimeFirst: Bool, taken: Set<Int>) {
    (self.axes, self.isTimeFirst, self.taken) = (axes, isTimeFirst, taken)
  }

  /// Adds one argument of the closure.
  mutating func add<X: TensorGroup>(_ x: X, named name: String) throws {
    switch x {
    case is Mask:
      throw ONNXExportError(
        .mask, "the input \(name) is a mask, which ONNX's recurrent operators do not take; give lengths as [Int]")
    case let indices as Indices: add(.indices(indices), name)
    case let lengths as [Int]: add(.lengths(lengths), name)
    default:
      let tensors = x.tensors
      // A matrix beside sequences, such as the marks of an attention's memory, may have their steps.
      let extents = Set(tensors.filter { $0.rank > 2 }.map { $0.shape[isTimeFirst ? 0 : 1] }).subtracting(taken)
      for (i, tensor) in tensors.enumerated() {
        let isSequence = tensor.rank == 2 && extents.contains(tensor.shape[isTimeFirst ? 0 : 1])
        add(.tensor(tensor), tensors.count == 1 ? name : "\(name).\(i)", isSequence: isSequence)
      }
    }
  }

  private mutating func add(_ kind: Kind, _ name: String, isSequence: Bool = false) {
    let (shape, position) = (kind.shape, inputs.count)
    var symbols = [Int?](repeating: nil, count: shape.count)
    var isSequence = isSequence
    switch kind {
    case .tensor: isSequence = isSequence || shape.count > 2
    case .indices: isSequence = shape.count > 1
    case .lengths: isSequence = false
    }
    let time = isTimeFirst ? 0 : 1
    if isSequence {
      if axes.contains(.time) { symbols[time] = symbol("time", shape[time], position, time) }
      (latestTime, latestExtent) = (symbols[time], shape[time])
    }
    let batch = isSequence && isTimeFirst ? 1 : 0
    var isVector = false
    if case .tensor = kind { isVector = shape.count < 2 }
    if axes.contains(.batch) && shape.count > 0 && !isVector { symbols[batch] = symbol("batch", shape[batch], position, batch) }
    if case .lengths = kind { timeOfLengths[position] = (latestTime, latestExtent) }
    inputs.append(Input(name: name, kind: kind, symbols: symbols))
  }

  /// The symbol of an extent; axes of the same kind and extent share one.
  private mutating func symbol(_ kind: String, _ extent: Int, _ input: Int, _ axis: Int) -> Int {
    let same = extents.filter { $0.name.hasPrefix(kind) }
    if let known = extents.firstIndex(where: { $0.name.hasPrefix(kind) && $0.extent == extent }) { return known }
    let name = same.isEmpty ? kind : "\(kind)\(same.count + 1)"
    extents.append((name, extent))
    symbols.append(SizeSymbol(name: name, input: input, axis: axis, values: values(extent)))
    return symbols.count - 1
  }

  /// Extents for the recordings: three numbers near the example's that no parameter and no other symbol has, in an order of their own
  /// for each symbol.
  private func values(_ extent: Int) -> [Int] {
    var found: [Int] = []
    let used = taken.union(symbols.flatMap(\.values))
    // Smaller numbers come first: a model may have a longest sequence.
    for value in Array((2...max(2, extent)).reversed()) + Array((max(2, extent) + 1)...(max(2, extent) + used.count + 4)) {
      if found.count < 3 && !used.contains(value) { found.append(value) }
    }
    let orders = [[0, 1, 0, 2, 1], [0, 0, 1, 1, 2], [0, 1, 2, 0, 2], [0, 2, 1, 1, 0]]
    return orders[symbols.count % orders.count].map { found[$0] }
  }

  private func extents(_ i: Int, _ run: Int) -> Shape {
    var shape = inputs[i].kind.shape
    for (axis, symbol) in inputs[i].symbols.enumerated() { if let symbol { shape[axis] = symbols[symbol].values[run] } }
    return shape
  }

  /// An input in the sizes of a recording: the example repeated or cut.
  func resized(_ i: Int, run: Int) -> Kind {
    let (target, from) = (extents(i, run), inputs[i].kind.shape)
    func positions(_ axis: Int) -> Indices { Indices((0..<target[axis]).map { $0 % max(1, from[axis]) }) }
    switch inputs[i].kind {
    case .tensor(let tensor):
      var result = tensor
      for axis in target.indices where target[axis] != from[axis] {
        result = result.gathered(positions: positions(axis), axis: axis)
      }
      return .tensor(result)
    case .indices(let indices):
      var numbers = Tensor(indices.values.map(Double.init), shape: from)
      for axis in target.indices where target[axis] != from[axis] {
        numbers = numbers.gathered(positions: positions(axis), axis: axis)
      }
      // Turned round, so that what was made of their values differs between recordings of one size.
      let values = numbers.scalars(as: Double.self).map { Int($0) }
      let start = values.isEmpty ? 0 : run % values.count
      return .indices(Indices(Array(values[start...] + values[..<start]), shape: target))
    case .lengths:
      // Every second row is full; the others differ, from recording to recording too.
      let time = timeOfLengths[i].map { time in time.symbol.map { symbols[$0].values[run] } ?? time.extent } ?? 1
      return .lengths(
        (0..<target[0]).map { row in row % 2 == 1 ? time : max(1, time - 1 - (row / 2 + run) % max(1, time - 1)) })
    }
  }

  /// One argument of the closure with its tensors and integers replaced by the next of a list.
  static func replaced<X: TensorGroup>(_ x: X, _ next: inout ArraySlice<Kind>, probes: inout ArraySlice<Tensor>) -> X {
    if x is Indices, case .indices(let indices)? = next.popFirst() { return indices as? X ?? x }
    if x is [Int], case .lengths(let lengths)? = next.popFirst() { return lengths as? X ?? x }
    let count = x.tensors.count
    next = next.dropFirst(count)
    let given = Array(probes.prefix(count))
    probes = probes.dropFirst(count)
    return x.replacingTensors(given)
  }
}
