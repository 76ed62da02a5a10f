internal import UnrollArrays
public import UnrollAutograd

/// A time series cut into forecasting windows: `inputs` known steps, followed by `horizon` steps to be predicted.
///
/// Window i begins at step i · stride; every window lies within the series.
///
///     let series = Tensor.ones([1000, 3])
///     let windows = SeriesWindows(series, inputs: 48, horizon: 12)
///     let (known, wanted) = windows.batch([0, 10, 20])  // [3, 48, 3] and [3, 12, 3]
public struct SeriesWindows: RandomAccessCollection, Sendable {
  private let series: Tensor
  private let inputs, horizon, stride: Int
  /// The number of windows.
  public let count: Int

  /// Windows of a series, `[time, ...]`.
  public init(_ series: Tensor, inputs: Int, horizon: Int, stride: Int = 1) {
    require(series.rank > 0, "SeriesWindows: a series of shape \(series.shape) has no time")
    require(
      inputs > 0 && horizon >= 0 && stride > 0,
      "SeriesWindows: \(inputs) inputs, a horizon of \(horizon) and a stride of \(stride) steps do not make windows")
    let steps = series.shape[0]
    require(
      inputs <= steps && horizon <= steps - inputs,
      "SeriesWindows: \(inputs) inputs and a horizon of \(horizon) steps are longer than the series of \(steps)")
    self.series = series
    (self.inputs, self.horizon, self.stride) = (inputs, horizon, stride)
    count = (steps - inputs - horizon) / stride + 1
  }

  /// The position of the first window, 0.
  public var startIndex: Int { 0 }

  /// The position after the last window.
  public var endIndex: Int { count }

  /// The inputs, `[inputs, ...]`, and the targets, `[horizon, ...]`, as views of the series.
  public subscript(position: Int) -> (inputs: Tensor, targets: Tensor) {
    require(position >= 0 && position < count, "SeriesWindows: there is no window \(position) of \(count)")
    let (start, middle) = (position * stride, position * stride + inputs)
    return (series[start..<middle], series[middle..<(middle + horizon)])
  }

  /// A batch of windows: `[positions, inputs, ...]` and `[positions, horizon, ...]`.
  public func batch(_ positions: [Int]) -> (inputs: Tensor, targets: Tensor) {
    require(!positions.isEmpty, "SeriesWindows: the batch has no windows")
    let windows = positions.map { self[$0] }
    return (Tensor.stack(windows.map(\.inputs)), Tensor.stack(windows.map(\.targets)))
  }
}
