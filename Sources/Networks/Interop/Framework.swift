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
