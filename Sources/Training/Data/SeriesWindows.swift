internal import UnrollArrays
public import UnrollAutograd

/// A time series cut into what is known and what is to be predicted: `inputs` steps, and the `horizon` of steps behind them.
///
/// Window i begins at step i · stride; all lie within the series.
///
///     let series = Tensor.ones([1000, 3])
///     let windows = SeriesWindows(series, inputs: 48, horizon: 12)
///     let (known, wanted) = windows.batch([0, 10, 20])  // [3, 48, 3] and [3, 12, 3]
public struct SeriesWindows: RandomAccessCollection, Sendable {
  private let series: Tensor
  private let inputs, horizon, stride: Int
  /// How many windows there are.
  public let count: Int

  /// Windows of a series, `[time, ...]`.
  public init(_ series: Tensor, inputs: Int, horizon: Int, stride: Int = 1) {
    require(series.rank > 0, "SeriesWindows: a series of shape \(series.shape) has no time")
    require(
      inputs > 0 && horizon >= 0 && stride > 0,
      "SeriesWindows: \(inputs) inputs, a horizon of \(horizon) and a stride of \(stride) steps make no windows")
    let steps = series.shape[0]
    require(
      inputs <= steps && horizon <= steps - inputs,
      "SeriesWindows: \(inputs) inputs and a horizon of \(horizon) steps are longer than the series of \(steps)")
    self.series = series
    (self.inputs, self.horizon, self.stride) = (inputs, horizon, stride)
    count = (steps - inputs - horizon) / stride + 1
  }

  /// The first position, 0.
  public var startIndex: Int { 0 }

  /// The position behind the last.
  public var endIndex: Int { count }

  /// The inputs, `[inputs, ...]`, and the targets, `[horizon, ...]`: views of the series.
  public subscript(position: Int) -> (inputs: Tensor, targets: Tensor) {
    require(position >= 0 && position < count, "SeriesWindows: there is no window \(position) of \(count)")
    let (start, middle) = (position * stride, position * stride + inputs)
    return (series[start..<middle], series[middle..<(middle + horizon)])
  }

  /// Some windows side by side: `[positions, inputs, ...]` and `[positions, horizon, ...]`.
  public func batch(_ positions: [Int]) -> (inputs: Tensor, targets: Tensor) {
    require(!positions.isEmpty, "SeriesWindows: a batch of no windows cannot be had")
    let windows = positions.map { self[$0] }
    return (Tensor.stack(windows.map(\.inputs)), Tensor.stack(windows.map(\.targets)))
  }
}
