public import UnrollArrays

/// A stream of ids cut into `batch` rows that lie side by side, and the rows into windows of so many steps: what truncated
/// backpropagation reads one after another, each row going on where it was in the window before.
///
/// Row r begins at position r · length of the stream, where length = (ids − 1) / batch, rounded down; targets are the ids one
/// position on. What does not fill a row is left out at the end of the stream.
///
///     let windows = Windows(Indices(Array(0..<21)), batch: 2, steps: 4)
///     for window in windows { print(window.inputs.shape) }  // [2, 4], [2, 4], [2, 2]
public struct Windows: RandomAccessCollection, Sendable {
  /// Some steps of all rows.
  public struct Window: Sendable, Equatable {
    /// The ids, `[batch, steps]`.
    public let inputs: Indices
    /// The ids that follow them, `[batch, steps]`.
    public let targets: Indices
  }

  /// How many rows lie side by side.
  public let batch: Int
  /// How many steps a window has; the last may have fewer.
  public let steps: Int
  /// How many windows there are.
  public let count: Int
  /// `[batch, length]`, views of the stream.
  private let inputs, targets: Indices

  /// Windows of a stream, a vector of ids. The last window, which may be shorter than the others, is kept or dropped.
  public init(_ ids: Indices, batch: Int, steps: Int, keepingShortWindow: Bool = true) {
    require(ids.rank == 1, "Windows: ids of shape \(ids.shape) are no vector")
    require(batch > 0 && steps > 0, "Windows: \(batch) rows and windows of \(steps) steps cannot be had")
    let length = Swift.max(0, ids.count - 1) / batch
    self.batch = batch
    self.steps = steps
    count = length / steps + (keepingShortWindow && length % steps > 0 ? 1 : 0)
    inputs = ids[0..<length * batch].reshaped([batch, length])
    targets = ids[1..<length * batch + 1].reshaped([batch, length])
  }

  /// The first position, 0.
  public var startIndex: Int { 0 }

  /// The position behind the last.
  public var endIndex: Int { count }

  /// A window; both its parts are views of the stream.
  public subscript(position: Int) -> Window {
    require(position >= 0 && position < count, "Windows: there is no window \(position) of \(count)")
    let range = position * steps..<Swift.min((position + 1) * steps, inputs.shape[1])
    return Window(inputs: inputs[.all, range], targets: targets[.all, range])
  }
}
