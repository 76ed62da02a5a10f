/// A framework that keeps the same weights in its own layout, order of gates, and names.
///
/// ```text
///          LSTM        GRU      a matrix           biases                              names of an LSTM's weights
/// here     i f g o     r z n    [in, gates·h]      one; of a GRU a candidate's too     forward.0.inputWeight
/// pytorch  i f g o     r z n    [gates·h, in]      two                                 weight_ih_l0, weight_hh_l0_reverse
/// keras    i f c o     z r h    [in, gates·h]      one; of a GRU reset after [2, 3·h]  kernel, forward.kernel, cell1.kernel
/// flax     one by one  likewise [in, h] each       one                                 ii.kernel, hi.bias
/// onnx     i o f c     z r h    [dirs, gates·h, in] [dirs, 2·gates·h]                  W, R, B, P
/// ```
///
/// PyTorch's `LSTM` with a `proj_size` is a `ProjectedLSTM`, with `weight_hr_l0` beside the others; ONNX's `LSTM` with `input_forget` is a
/// `CoupledLSTM`, whose forget gate's weights are not read; Flax's `MGUCell` is an `MGU`. A layer that a framework has not keeps our names
/// and layouts, and a report of what is missing says so.
///
/// Where two biases become one they are added. On the way out the one goes to the input's bias, and the recurrent one is 0 (−0 where the
/// bias is −0, which would lose its sign by 0). How the one is trained otherwise than the two, `gradients(for:)` says.
public enum Framework: String, Sendable, CaseIterable, CustomStringConvertible {
  /// PyTorch's `state_dict`. Its `LSTM`, `GRU` and `RNN` count layers and directions in the names; cells of their own have names
  /// without such an ending.
  case pytorch
  /// Keras's weights, paths joined by dots: `forward.` and `backward.` for two directions, `cell0.`, `cell1.` where several layers are stacked.
  case keras
  /// Flax's parameters, nested names joined by dots; directions and layers as for Keras.
  case flax
  /// The inputs of ONNX's operators `LSTM`, `GRU`, `RNN`, `Gemm` (with `transB`), `Gather` and `LayerNormalization`.
  case onnx

  /// The name in messages.
  public var description: String {
    switch self {
    case .pytorch: "PyTorch"
    case .keras: "Keras"
    case .flax: "Flax"
    case .onnx: "ONNX"
    }
  }
}
