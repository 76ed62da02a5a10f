internal import UnrollArrays

/// Collects the nodes of a graph and gives names. The graphs in bodies of loops share the names and the constants of the outer one.
final class GraphWriter {
  private(set) var graph: Graph
  /// The graph around this one, of a body.
  private let outer: GraphWriter?
  /// How often a name was asked for; only in the outermost graph.
  private var uses: [String: Int] = [:]
  /// The names of constants by what they hold; only in the outermost graph.
  private var constants: [ConstantKey: String] = [:]
  /// The names of sizes as tensors of one number; only in the outermost graph.
  private var sizes: [String: String] = [:]

  private struct ConstantKey: Hashable {
    let type: GraphType
    let extents: [Int]
    let bytes: [UInt8]
  }

  init(name: String, outer: GraphWriter? = nil) {
    graph = Graph(name: name)
    self.outer = outer
  }

  private var root: GraphWriter { outer?.root ?? self }

  /// A name that nothing else has.
  func name(_ hint: String) -> String {
    if let outer { return outer.name(hint) }
    let count = uses[hint, default: 0]
    uses[hint] = count + 1
    // A number behind a hint might be somebody's own name.
    return count == 0 ? hint : name("\(hint)_\(count)")
  }

  /// Adds a node, and returns the names of its outputs.
  @discardableResult
  func node(
    _ type: String, _ inputs: [String], outputs: [String], _ attributes: [(name: String, value: GraphAttribute)] = []
  ) -> [String] {
    var inputs = inputs
    while inputs.last?.isEmpty == true { inputs.removeLast() }
    graph.nodes.append(
      GraphNode(type: type, name: name("\(type)"), inputs: inputs, outputs: outputs, attributes: attributes))
    return outputs
  }

  /// Adds a node with one output, and returns its name.
  func node(_ type: String, _ inputs: [String], _ attributes: [(name: String, value: GraphAttribute)] = []) -> String {
    node(type, inputs, outputs: [name(type.lowercased())], attributes)[0]
  }

  func addInput(_ value: GraphValue) { graph.inputs.append(value) }
  func addOutput(_ value: GraphValue) { graph.outputs.append(value) }
}

// MARK: Constants

extension GraphWriter {
  /// Adds a tensor of known numbers under a name like the one given. Equal ones without a name of their own are added once.
  func constant(_ type: GraphType, _ extents: [Int], _ bytes: [UInt8], named hint: String? = nil) -> String {
    let root = root
    let key = ConstantKey(type: type, extents: extents, bytes: bytes)
    if hint == nil, let known = root.constants[key] { return known }
    let name = root.name(hint ?? "constant")
    root.graph.initializers.append(GraphTensor(name: name, type: type, extents: extents, bytes: bytes))
    if hint == nil { root.constants[key] = name }
    return name
  }

  func constant(_ array: NDArray, named hint: String? = nil) -> String {
    constant(GraphType(array.type), Array(array.shape), array.elementBytes, named: hint)
  }

  /// A number of shape `[]`.
  func number(_ value: Double, _ type: ElementType) -> String { constant(NDArray(value, type)) }

  func integers(_ values: [Int]) -> String { constant(.int64, [values.count], GraphWriter.bytes(values)) }

  func integer(_ value: Int) -> String { constant(.int64, [], GraphWriter.bytes([value])) }

  static func bytes(_ values: [Int]) -> [UInt8] {
    values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  }
}

extension NDArray {
  /// The elements in row-major order, little-endian.
  var elementBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * type.size)
    func append(_ pattern: UInt64) {
      for shift in stride(from: 0, to: UInt64(8 * type.size), by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: pattern >> shift))
      }
    }
    switch type {
    case .float32: for number in scalars(as: Float.self) { append(UInt64(number.bitPattern)) }
    case .float64: for number in scalars(as: Double.self) { append(number.bitPattern) }
    }
    return bytes
  }
}

// MARK: Sizes

extension GraphWriter {
  /// A size as a tensor of one number, `[1]`, computed in the outermost graph where it depends on the inputs.
  func extent(_ size: Size, _ symbols: [SizeSymbol], _ inputs: [String]) -> String {
    if let constant = size.constant { return integers([constant]) }
    let key = "\(size)"
    let root = root
    if let known = root.sizes[key] { return known }
    var result = ""
    for position in size.symbols {
      let symbol = symbols[position]
      let own = "symbol \(position)"
      let factor =
        root.sizes[own]
        ?? root.node(
          "Shape", [inputs[symbol.input]], outputs: [root.name(symbol.name)],
          [("start", .int(symbol.axis)), ("end", .int(symbol.axis + 1))])[0]
      root.sizes[own] = factor
      result = result.isEmpty ? factor : root.node("Mul", [result, factor])
    }
    if size.factor != 1 { result = root.node("Mul", [result, integers([size.factor])]) }
    if size.offset != 0 { result = root.node("Add", [result, integers([size.offset])]) }
    root.sizes[key] = result
    return result
  }
}
