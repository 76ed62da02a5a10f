public import UnrollArrays
public import UnrollAutograd

/// A stream of ids cut into `batch` rows, and the rows into windows of `steps` steps, for truncated backpropagation: each row
/// of a window continues that of the previous window.
///
/// Row r begins at position r · length of the stream, with length = (ids − 1) / batch, rounded down; targets are the ids one
/// position later. Ids that do not fill a row are dropped from the end of the stream. Windows may differ in length: weight the
/// loss of a window by its `targetCount`, as `WeightedMean` does, to get the mean over all targets.
///
///     let windows = Windows(Indices(Array(0..<21)), batch: 2, steps: 4)
///     for window in windows { print(window.inputs.shape) }  // [2, 4], [2, 4], [2, 2]
public struct Windows: RandomAccessCollection, Sendable {
  /// One window: consecutive steps of all rows.
  public struct Window: Sendable, Equatable {
    /// The ids, `[batch, steps]`.
    public let inputs: UnrollArrays.Indices
    /// The targets, which are the ids one position later, `[batch, steps]`.
    public let targets: UnrollArrays.Indices
    /// The number of targets, which is the weight of this window's mean loss.
    public var targetCount: Int { targets.count }
  }

  // Collections have an associated type named Indices; the module name selects the tensor of ids.

  /// The number of rows.
  public let batch: Int
  /// The number of steps of a window, or its typical number if lengths are random; the last window may be shorter.
  public let steps: Int
  /// The first steps of the windows, and the end of the last one.
  private let bounds: [Int]
  /// `[batch, length]`, views of the stream.
  private let inputs, targets: UnrollArrays.Indices

  /// Windows of a stream, which is a vector of ids. The last window may be shorter than the others; without
  /// `keepingShortWindow` it is dropped, unless it is the only one, which stops.
  public init(_ ids: UnrollArrays.Indices, batch: Int, steps: Int, keepingShortWindow: Bool = true) {
    require(batch > 0 && steps > 0, "Windows: \(batch) rows and windows of \(steps) steps must both be positive")
    self.init(ids, batch: batch, steps: steps) { length in
      let whole = length / steps * steps
      require(
        keepingShortWindow || whole > 0,
        "Windows: rows of \(length) steps have no whole window of \(steps), and short windows are dropped")
      let bounds = Array(stride(from: 0, through: whole, by: steps))
      return keepingShortWindow && whole < length ? bounds + [length] : bounds
    }
  }

  /// Windows of random lengths, drawn anew for each pass so that window boundaries move, as in AWD-LSTM.
  ///
  /// A window's length is drawn from a normal distribution around `steps`, or with probability 1/20 around half of that,
  /// rounded down and at least 5 (or `steps`, if that is less). Scale the learning rate of a window by its length / `steps`.
  ///
  ///     let windows = Windows(Indices(Array(0..<1000)), batch: 4, aroundSteps: 70, using: &generator)
  public init(
    _ ids: UnrollArrays.Indices, batch: Int, aroundSteps steps: Int, deviation: Double = 5, using generator: inout Generator
  ) {
    require(batch > 0 && steps > 0, "Windows: \(batch) rows and windows of \(steps) steps must both be positive")
    require(deviation >= 0 && deviation.isFinite, "Windows: a deviation of \(deviation) steps is negative or not finite")
    var source = generator.split()
    self.init(ids, batch: batch, steps: steps) { length in
      var bounds = [0]
      while let start = bounds.last, start < length {
        let draws = NDArray.uniform([1], using: &source).item
        let middle = draws < 0.95 ? Double(steps) : Double(steps) / 2
        let drawn = NDArray.normal([1], mean: middle, deviation: deviation, .float64, using: &source).item
        let count = Swift.max(drawn, Double(Swift.min(5, steps)))
        bounds.append(count < Double(length - start) ? start + Int(count) : length)
      }
      return bounds
    }
  }

  private init(_ ids: UnrollArrays.Indices, batch: Int, steps: Int, bounds: (_ length: Int) -> [Int]) {
    require(ids.rank == 1, "Windows: ids of shape \(ids.shape) are not a vector")
    require(ids.count > batch, "Windows: \(ids.count) ids do not fill \(batch) rows and their targets")
    let length = (ids.count - 1) / batch
    self.batch = batch
    self.steps = steps
    self.bounds = bounds(length)
    inputs = ids[0..<length * batch].reshaped([batch, length])
    targets = ids[1..<length * batch + 1].reshaped([batch, length])
  }

  private init(_ whole: Windows, rows: Range<Int>) {
    (batch, steps, bounds) = (rows.count, whole.steps, whole.bounds)
    (inputs, targets) = (whole.inputs[rows], whole.targets[rows])
  }

  /// Some of the rows of all windows.
  package func rows(_ rows: Range<Int>) -> Windows { Windows(self, rows: rows) }

  /// What must be equal where the rows are divided.
  package var layout: [Int] { [batch, steps] + bounds }

  /// The number of windows.
  public var count: Int { bounds.count - 1 }

  /// The position of the first window, 0.
  public var startIndex: Int { 0 }

  /// The position after the last window.
  public var endIndex: Int { count }

  /// A window, whose inputs and targets are views of the stream.
  public subscript(position: Int) -> Window {
    require(position >= 0 && position < count, "Windows: there is no window \(position) of \(count)")
    let range = bounds[position]..<bounds[position + 1]
    return Window(inputs: inputs[.all, range], targets: targets[.all, range])
  }
}

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
