/// The fields of a message, read without knowing what they mean.
struct Fields {
  enum Value: Equatable {
    case number(Int)
    case float(Float)
    case bytes([UInt8])
  }

  struct Damage: Error {}

  private(set) var all: [(field: Int, value: Value)] = []

  init(_ bytes: some Collection<UInt8>) throws {
    var rest = Array(bytes)[...]
    func varint() throws -> UInt64 {
      var (value, shift): (UInt64, UInt64) = (0, 0)
      while let byte = rest.popFirst() {
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      throw Damage()
    }
    while !rest.isEmpty {
      let tag = try varint()
      let field = Int(tag >> 3)
      switch tag & 7 {
      case 0: all.append((field, .number(Int(Int64(bitPattern: try varint())))))
      case 2:
        let count = Int(try varint())
        if count > rest.count { throw Damage() }
        all.append((field, .bytes(Array(rest.prefix(count)))))
        rest = rest.dropFirst(count)
      case 5:
        if rest.count < 4 { throw Damage() }
        let pattern = rest.prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        all.append((field, .float(Float(bitPattern: pattern))))
        rest = rest.dropFirst(4)
      default: throw Damage()
      }
    }
  }

  func numbers(_ field: Int) -> [Int] {
    all.compactMap { entry in if entry.field == field, case .number(let value) = entry.value { value } else { nil } }
  }

  func floats(_ field: Int) -> [Float] {
    all.compactMap { entry in if entry.field == field, case .float(let value) = entry.value { value } else { nil } }
  }

  func bytes(_ field: Int) -> [[UInt8]] {
    all.compactMap { entry in if entry.field == field, case .bytes(let value) = entry.value { value } else { nil } }
  }

  func texts(_ field: Int) -> [String] { bytes(field).map { String(decoding: $0, as: UTF8.self) } }

  func messages(_ field: Int) throws -> [Fields] { try bytes(field).map { try Fields($0) } }
}

/// What tests look at in an ONNX file.
struct ReadModel {
  struct Node {
    let type: String
    let inputs: [String]
    let outputs: [String]
    let attributes: [String: Fields]

    func text(_ name: String) -> String? { attributes[name]?.texts(4).first }
    func number(_ name: String) -> Int? { attributes[name]?.numbers(3).first }
    func texts(_ name: String) -> [String] { attributes[name]?.texts(9) ?? [] }
  }

  let format: [Int]
  let operators: [Int]
  let nodes: [Node]
  /// The names of known tensors, with their extents.
  let initializers: [String: [Int]]
  /// Inputs and outputs as `name[extents]`.
  let inputs: [String]
  let outputs: [String]

  init(_ bytes: [UInt8]) throws {
    let model = try Fields(bytes)
    format = model.numbers(1)
    operators = try model.messages(8).flatMap { $0.numbers(2) }
    guard let graph = try model.messages(7).first else { throw Fields.Damage() }
    nodes = try graph.messages(1).map(Self.node)
    var known: [String: [Int]] = [:]
    for tensor in try graph.messages(5) { known[tensor.texts(8).first ?? ""] = tensor.numbers(1) }
    initializers = known
    inputs = try graph.messages(11).map(Self.value)
    outputs = try graph.messages(12).map(Self.value)
  }

  private static func node(_ fields: Fields) throws -> Node {
    var attributes: [String: Fields] = [:]
    for attribute in try fields.messages(5) { attributes[attribute.texts(1).first ?? ""] = attribute }
    return Node(type: fields.texts(4).first ?? "", inputs: fields.texts(1), outputs: fields.texts(2), attributes: attributes)
  }

  private static func value(_ fields: Fields) throws -> String {
    let extents = try fields.messages(2).flatMap { try $0.messages(1) }.flatMap { try $0.messages(2) }.flatMap {
      try $0.messages(1)
    }
    return (fields.texts(1).first ?? "")
      + "[\(extents.map { $0.texts(2).first ?? $0.numbers(1).first.map(String.init) ?? "?" }.joined(separator: ", "))]"
  }

  var types: [String] { nodes.map(\.type) }
}
