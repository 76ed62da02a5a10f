internal import UnrollArrays

// The parts of an ONNX file that an exported model has, with the field numbers of onnx.proto.

/// The type of a tensor's elements, by ONNX's number.
enum GraphType: Int {
  case float32 = 1
  case int32 = 6
  case int64 = 7
  case bool = 9
  case float64 = 11

  init(_ type: ElementType) { self = type == .float32 ? .float32 : .float64 }
}

/// A tensor of known elements.
struct GraphTensor {
  var name: String
  let type: GraphType
  let extents: [Int]
  /// The elements in row-major order, little-endian.
  let bytes: [UInt8]

  var message: Protobuf {
    var message = Protobuf()
    for extent in extents { message.write(1, extent) }
    message.write(2, type.rawValue)
    message.write(8, name)
    message.write(9, bytes)
    return message
  }
}

/// An option of a node.
enum GraphAttribute {
  case int(Int)
  case float(Double)
  case string(String)
  case ints([Int])
  case floats([Double])
  case strings([String])
  case graph(Graph)

  func message(_ name: String) -> Protobuf {
    var message = Protobuf()
    message.write(1, name)
    switch self {
    case .float(let value):
      message.write(2, Float(value))
      message.write(20, 1)
    case .int(let value):
      message.write(3, value)
      message.write(20, 2)
    case .string(let value):
      message.write(4, value)
      message.write(20, 3)
    case .graph(let graph):
      message.write(6, graph.message)
      message.write(20, 5)
    case .floats(let values):
      for value in values { message.write(7, Float(value)) }
      message.write(20, 6)
    case .ints(let values):
      for value in values { message.write(8, value) }
      message.write(20, 7)
    case .strings(let values):
      for value in values { message.write(9, value) }
      message.write(20, 8)
    }
    return message
  }
}

/// One operator with the names of its inputs and outputs; an input or output that is left out is empty.
struct GraphNode {
  let type: String
  let name: String
  let inputs: [String]
  let outputs: [String]
  let attributes: [(name: String, value: GraphAttribute)]

  var message: Protobuf {
    var message = Protobuf()
    for input in inputs { message.write(1, input) }
    for output in outputs { message.write(2, output) }
    message.write(3, name)
    message.write(4, type)
    for attribute in attributes { message.write(5, attribute.value.message(attribute.name)) }
    return message
  }
}

/// An input or output of a graph. Its extents are numbers, or names that stand for any number.
struct GraphValue: Equatable {
  enum Extent: Equatable {
    case fixed(Int)
    case named(String)
    case unknown
  }

  let name: String
  let type: GraphType
  let extents: [Extent]

  var message: Protobuf {
    var shape = Protobuf()
    for extent in extents {
      var dimension = Protobuf()
      switch extent {
      case .fixed(let value): dimension.write(1, value)
      case .named(let name): dimension.write(2, name)
      case .unknown: break
      }
      shape.write(1, dimension)
    }
    var tensor = Protobuf()
    tensor.write(1, type.rawValue)
    tensor.write(2, shape)
    var kind = Protobuf()
    kind.write(1, tensor)
    var message = Protobuf()
    message.write(1, name)
    message.write(2, kind)
    return message
  }
}

/// Nodes in an order in which each follows those that it reads.
struct Graph {
  var name: String
  var nodes: [GraphNode] = []
  var initializers: [GraphTensor] = []
  var inputs: [GraphValue] = []
  var outputs: [GraphValue] = []

  init(name: String) { self.name = name }

  var message: Protobuf {
    var message = Protobuf()
    for node in nodes { message.write(1, node.message) }
    message.write(2, name)
    for tensor in initializers { message.write(5, tensor.message) }
    for input in inputs { message.write(11, input.message) }
    for output in outputs { message.write(12, output.message) }
    return message
  }
}

extension Graph {
  /// The version of ONNX's operators that the graph is written in, and that of the file format.
  static let (operators, format) = (17, 8)

  /// The bytes of the model's file.
  var file: [UInt8] {
    var set = Protobuf()
    set.write(1, "")
    set.write(2, Graph.operators)
    var model = Protobuf()
    model.write(1, Graph.format)
    model.write(2, "Unroll")
    model.write(7, message)
    model.write(8, set)
    return model.bytes
  }
}
