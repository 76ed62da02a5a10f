internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollFiles

/// A framework that stores the same weights with its own layout, gate order and names.
///
/// ```text
///          LSTM        GRU      a matrix           biases                              names of an LSTM's weights
/// here     i f g o     r z n    [in, gates·h]      one; a GRU also a candidate's       forward.0.inputWeight
/// pytorch  i f g o     r z n    [gates·h, in]      two                                 weight_ih_l0, weight_hh_l0_reverse
/// keras    i f c o     z r h    [in, gates·h]      one; GRU, reset after: [2, 3·h]     kernel, forward.kernel, cell1.kernel
/// flax     separate    likewise [in, h] each       one                                 ii.kernel, hi.bias
/// onnx     i o f c     z r h    [dirs, gates·h, in] [dirs, 2·gates·h]                  W, R, B, P
/// ```
///
/// PyTorch's `LSTM` with a `proj_size` is a `ProjectedLSTM`, with additional weights `weight_hr_l0`; ONNX's `LSTM` with
/// `input_forget` is a `CoupledLSTM`, whose forget gate's weights are ignored; Flax's `MGUCell` is an `MGU`. A layer that a
/// framework does not have keeps our names and layouts, and reports of missing tensors say so.
///
/// Where a framework has two biases and we have one, loading adds them. Export writes our bias as the input bias, and 0 as the
/// recurrent bias (−0 where the bias is −0, because −0 + 0 is 0). `gradients(for:)` explains how training one bias differs from
/// training two.
public enum Framework: String, Sendable, CaseIterable, CustomStringConvertible {
  /// PyTorch's `state_dict`. The names of its `LSTM`, `GRU` and `RNN` end with a layer and a direction; those of single cells
  /// do not.
  case pytorch
  /// Keras's weights with paths joined by dots: `forward.` and `backward.` for two directions, `cell0.`, `cell1.` for stacked
  /// layers.
  case keras
  /// Flax's parameters with nested names joined by dots; directions and layers as for Keras.
  case flax
  /// The inputs of ONNX's operators `LSTM`, `GRU`, `RNN`, `Gemm` (with `transB`), `Gather` and `LayerNormalization`.
  case onnx

  /// The name of the framework, for messages.
  public var description: String {
    switch self {
    case .pytorch: "PyTorch"
    case .keras: "Keras"
    case .flax: "Flax"
    case .onnx: "ONNX"
    }
  }
}

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
