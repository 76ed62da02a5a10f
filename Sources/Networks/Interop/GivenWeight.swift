internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollFiles

/// A tensor to load: stored numbers from a file, or a tensor, possibly recorded.
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

  /// The element type after reading; nil if the format is not a floating-point one.
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

/// The tensors to load into one part of a model, by name; `path` is the part's prefix, followed by a dot in full names.
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

  /// The full name of a part's tensor.
  static func name(_ path: String, _ local: String) -> String { path.isEmpty ? local : "\(path).\(local)" }

  /// The full name of a tensor, for messages and files.
  func name(_ local: String) -> String { GivenWeights.name(path, local) }

  /// The tensor with the given local name.
  subscript(local: String) -> GivenWeight? { all[name(local)] }
}
