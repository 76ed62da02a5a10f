/// The reason why a model cannot be written as ONNX.
///
///     do {
///       try model.exportONNX(to: "model.onnx", example: Tensor.ones([2, 5, 3])) { model, x in model(x) }
///     } catch let error as ONNXExportError {
///       print(error)
///     }
public struct ONNXExportError: Error, Equatable, CustomStringConvertible {
  /// What is in the way.
  public enum Obstacle: Equatable, Sendable {
    /// An operation that ONNX has no operators for, or none that are written yet.
    case operation(String)
    /// The model reads the numbers of a tensor that depends on its inputs, so that other inputs could take another path.
    case readsNumbers
    /// Other operations run at other sizes of the batch or of time.
    case unrolled
    /// A number, a shape or a constant depends on the sizes in a way that was not found.
    case sizes
    /// A mask that is not made of lengths.
    case mask
    /// The file would be larger than the format allows.
    case size
    /// The arguments of the export contradict each other.
    case arguments
  }

  /// What is in the way, for programs.
  public let obstacle: Obstacle
  /// What is in the way, as a sentence.
  public let reason: String

  init(_ obstacle: Obstacle, _ reason: String) {
    self.obstacle = obstacle
    self.reason = reason
  }

  /// The sentence.
  public var description: String { "exportONNX: \(reason)" }
}
