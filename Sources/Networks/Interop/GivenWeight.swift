internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollFiles

/// A tensor that somebody hands over, as numbers of a file or with the operations it came from.
enum GivenWeight {
  case stored(StoredArray)
  case tensor(Tensor)

  var shape: Shape {
    switch self {
    case .stored(let array): array.shape
    case .tensor(let tensor): tensor.shape
    }
  }

  var format: ElementFormat {
    switch self {
    case .stored(let array): array.format
    case .tensor(let tensor): tensor.type == .float32 ? .float32 : .float64
    }
  }

  /// The element type it has once it is read; nil where the numbers are no floating-point numbers.
  var type: ElementType? {
    switch format {
    case .float16, .bfloat16, .float32: .float32
    case .float64: .float64
    default: nil
    }
  }

  func read() throws(WeightsError) -> Tensor {
    switch self {
    case .tensor(let tensor): return tensor
    case .stored(let array):
      do throws(ArrayFileError) { return Tensor(try array.array()) } catch { throw .unreadable(error) }
    }
  }
}

/// Tensors by their names, those of a part of a model only: `path` is what their names begin with, before a dot.
struct GivenWeights {
  let path: String
  let all: [String: GivenWeight]

  init(_ tensors: [String: any StoredArrayConvertible], prefix: String = "") {
    self.init(tensors.mapValues { .stored($0.storedArray) }, prefix)
  }

  init(_ tensors: [String: Tensor], prefix: String = "") { self.init(tensors.mapValues { .tensor($0) }, prefix) }

  private init(_ all: [String: GivenWeight], _ prefix: String) {
    let path = prefix.hasSuffix(".") ? String(prefix.dropLast()) : prefix
    self.path = path
    self.all = path.isEmpty ? all : all.filter { $0.key.hasPrefix(path + ".") }
  }

  /// The full name of a tensor of a part.
  static func name(_ path: String, _ local: String) -> String { path.isEmpty ? local : "\(path).\(local)" }

  /// The name that a tensor of the whole has in messages and files.
  func name(_ local: String) -> String { GivenWeights.name(path, local) }

  /// By the name within the part.
  subscript(local: String) -> GivenWeight? { all[name(local)] }
}
