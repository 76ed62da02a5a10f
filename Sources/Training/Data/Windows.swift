public import UnrollArrays

/// A stream of ids cut into `batch` rows that lie side by side, and the rows into windows of so many steps: what truncated
/// backpropagation reads one after another, each row going on where it was in the window before.
///
/// Row r begins at position r · length of the stream, where length = (ids − 1) / batch, rounded down; targets are the ids one
/// position on. What does not fill a row is left out at the end of the stream. Windows may differ in length: the mean over all
/// targets weights a window's loss by its `targetCount`, as `WeightedMean` does.
///
///     let windows = Windows(Indices(Array(0..<21)), batch: 2, steps: 4)
///     for window in windows { print(window.inputs.shape) }  // [2, 4], [2, 4], [2, 2]
public struct Windows: RandomAccessCollection, Sendable {
  /// Some steps of all rows.
  public struct Window: Sendable, Equatable {
    /// The ids, `[batch, steps]`.
    public let inputs: UnrollArrays.Indices
    /// The ids that follow them, `[batch, steps]`.
    public let targets: UnrollArrays.Indices
    /// How many targets there are: what a mean over them is to be weighted by.
    public var targetCount: Int { targets.count }
  }

  // A collection has a type of its own called Indices, its positions; the name of the module says that ids are meant.

  /// How many rows lie side by side.
  public let batch: Int
  /// How many steps a window has, or where lengths are drawn has usually; the last may have fewer.
  public let steps: Int
  /// Where the windows begin, and the last one's end.
  private let bounds: [Int]
  /// `[batch, length]`, views of the stream.
  private let inputs, targets: UnrollArrays.Indices

  /// Windows of a stream, a vector of ids. The last window, which may be shorter than the others, is kept or dropped; dropped it cannot
  /// be where it is the only one.
  public init(_ ids: UnrollArrays.Indices, batch: Int, steps: Int, keepingShortWindow: Bool = true) {
    require(batch > 0 && steps > 0, "Windows: \(batch) rows and windows of \(steps) steps cannot be had")
    self.init(ids, batch: batch, steps: steps) { length in
      let whole = length / steps * steps
      require(
        keepingShortWindow || whole > 0,
        "Windows: rows of \(length) steps have no whole window of \(steps), and shorter ones are not to be kept")
      let bounds = Array(stride(from: 0, through: whole, by: steps))
      return keepingShortWindow && whole < length ? bounds + [length] : bounds
    }
  }

  /// Windows of random lengths, new ones for every pass, so that no step is always the first of its window; as AWD-LSTM does.
  ///
  /// A window's length is drawn from a normal distribution around `steps`, or in one case of twenty around half of that, rounded down
  /// and at least 5 (or `steps`, if that is less). The learning rate of a window should be scaled by its length / `steps`.
  ///
  ///     let windows = Windows(Indices(Array(0..<1000)), batch: 4, aroundSteps: 70, using: &generator)
  public init(
    _ ids: UnrollArrays.Indices, batch: Int, aroundSteps steps: Int, deviation: Double = 5, using generator: inout Generator
  ) {
    require(batch > 0 && steps > 0, "Windows: \(batch) rows and windows of \(steps) steps cannot be had")
    require(deviation >= 0 && deviation.isFinite, "Windows: a deviation of \(deviation) steps is not a number of at least 0")
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
    require(ids.rank == 1, "Windows: ids of shape \(ids.shape) are no vector")
    require(ids.count > batch, "Windows: \(ids.count) ids do not fill \(batch) rows and the targets behind them")
    let length = (ids.count - 1) / batch
    self.batch = batch
    self.steps = steps
    self.bounds = bounds(length)
    inputs = ids[0..<length * batch].reshaped([batch, length])
    targets = ids[1..<length * batch + 1].reshaped([batch, length])
  }

  /// How many windows there are.
  public var count: Int { bounds.count - 1 }

  /// The first position, 0.
  public var startIndex: Int { 0 }

  /// The position behind the last.
  public var endIndex: Int { count }

  /// A window; both its parts are views of the stream.
  public subscript(position: Int) -> Window {
    require(position >= 0 && position < count, "Windows: there is no window \(position) of \(count)")
    let range = bounds[position]..<bounds[position + 1]
    return Window(inputs: inputs[.all, range], targets: targets[.all, range])
  }
}
