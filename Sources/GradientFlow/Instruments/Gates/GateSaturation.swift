internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// How much of the values of gates and squashing functions is saturated, where they are flat and pass no gradient: by layer,
/// direction and gate.
///
/// A gate (a sigmoid) is closed below 0.1 and open above 0.9; a hyperbolic tangent is saturated beyond ±0.9. A custom function
/// is treated as one or the other if its values are within 0...1, or within ±1. A custom cell whose gates are not visible (see
/// `GatedCell`) has none here. The network runs once, step by step, and nothing is differentiated.
///
///     let saturation = GateSaturation(of: LSTM(3, 4, using: &generator), on: Tensor.ones([2, 50, 3]))
///     for gate in saturation.gates { print(gate.name, gate.below, gate.above) }
public struct GateSaturation: Sendable {
  /// The statistics of one gate's values over all steps, rows and features.
  public struct Gate: Hashable, Sendable {
    /// The layer, counted from the input.
    public let layer: Int
    /// Whether this is the second direction of a bidirectional network.
    public let isBackward: Bool
    /// The gate's name.
    public let gate: String
    /// The range of its values.
    public let range: GateActivation.Range
    /// The fraction below 0.1, or below -0.9 for a hyperbolic tangent; 0 if values are unbounded.
    public let below: Double
    /// The fraction above 0.9; 0 if values are unbounded.
    public let above: Double
    /// The mean of the values.
    public let mean: Double
    /// The histogram of the values in 20 bins, over the range, or from the smallest to the largest value if it is unbounded.
    public let histogram: Histogram

    /// The name in a legend.
    public var name: String { "layer \(layer)\(isBackward ? " backward" : "") \(gate)" }

    /// The fraction that is saturated at either end.
    public var saturated: Double { below + above }
  }

  /// All gates, by layer and direction, in the order of the cell.
  public let gates: [Gate]

  /// Measures a network on `[batch, time, inputs]`, or another layout that it accepts; steps beyond a row's length do not
  /// count.
  public init<Cell: RecurrentCell>(
    of network: Recurrent<Cell>, on x: Tensor, from state: Recurrent<Cell>.State? = nil, lengths: [Int]? = nil
  ) {
    let (steps, _) = network.extent(of: x, "GateSaturation")
    let network = network.mappingTensors { $0.detached() }
    let log = StepLog<Cell.State>(cellCount: network.layerCount * network.directionCount)
    _ = network.watched(log)(x.detached(), from: state?.mappingTensors { $0.detached() }, lengths: lengths)
    gates = log.take().enumerated().flatMap { position, cell in
      let isBackward = position % network.directionCount == 1
      var found: [(activation: GateActivation, values: [Double])] = []
      for (t, step) in cell.enumerated() {
        let time = isBackward || network.isReversed ? steps - 1 - t : t
        for (i, activation) in network.cell(at: position).shownActivations(step).enumerated() {
          if t == 0 { found.append((activation, [])) }
          found[i].values += activation.values.rows(lengths, at: time)
        }
      }
      return found.map { Gate(position / network.directionCount, isBackward, $0.activation, $0.values) }
    }
  }

  /// The histograms, one plot for each gate. If no cell shows its gates, a single empty plot says so.
  public func plot(title: String = "Gates and activations") -> PlotGrid {
    if gates.isEmpty {
      return PlotGrid(title: title, [Plot(title: "No cell shows its gates: none is a GatedCell", layers: [])])
    }
    return PlotGrid(
      title: title, sharesX: false, sharesY: false,
      gates.map { gate in
        Plot(title: gate.name, xLabel: "value", yLabel: "count") { gate.histogram }
      })
  }
}

extension GateSaturation.Gate {
  fileprivate init(_ layer: Int, _ isBackward: Bool, _ activation: GateActivation, _ values: [Double]) {
    // NaN is at neither end, and must not count as a value in the middle.
    let count = values.contains(where: \.isNaN) ? Double.nan : Double(values.count)
    let (low, high): (Double, Double) =
      switch activation.range {
      case .unit: (0.1, 0.9)
      case .symmetric: (-0.9, 0.9)
      case .unbounded: (-.infinity, .infinity)
      }
    self.init(
      layer: layer, isBackward: isBackward, gate: activation.name, range: activation.range,
      below: Double(values.count { $0 < low }) / count, above: Double(values.count { $0 > high }) / count,
      mean: values.reduce(0) { $0 + $1 / count }, histogram: Histogram(activation.name, values, bins: 20))
  }
}

extension Tensor {
  /// The numbers of the rows whose sequence has not ended at the given time.
  fileprivate func rows(_ lengths: [Int]?, at time: Int) -> [Double] {
    let numbers = array.scalars(as: Double.self)
    guard let lengths else { return numbers }
    let width = numbers.count / lengths.count
    return lengths.enumerated().flatMap { row, length in
      time < length ? Array(numbers[(row * width)..<((row + 1) * width)]) : []
    }
  }
}
