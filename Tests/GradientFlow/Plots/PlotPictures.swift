import UnrollGradientFlow

/// One plot of each kind, for tests of what all must fulfil.
enum PlotPictures {
  static let decades = Plot(
    title: "Gradient norms through time", xLabel: "steps back from the loss", yLabel: "‖∂L/∂h‖", yScale: .logarithmic
  ) {
    for (index, rate) in [0.8, 0.85, 0.9, 0.95, 1, 1.02].enumerated() {
      Series(
        ["RNN tanh", "RNN ReLU", "GRU", "LSTM, forget bias 1", "orthogonal", "exploding"][index],
        (0..<100).map { step in (0..<step).reduce(1) { value, _ in value * rate } })
    }
  }

  static let map = Plot(title: "Gate saturation", xLabel: "time step", yLabel: "unit") {
    HeatMap(saturation, label: "share of saturated gates")
  }

  static let saturation: [[Double]] = (0..<50).map { row in
    (0..<50).map { (column: Int) -> Double in
      if row == 7 && column < 9 { return .nan }
      return Double((row * column) % 97) / 97 + Double(row) / 30
    }
  }

  static let histogram = Plot(title: "Weights after training", xLabel: "weight", yLabel: "count") {
    Histogram("recurrent", bell(seed: 3, count: 2000, scale: 0.1))
    Histogram("input", bell(seed: 5, count: 2000, scale: 0.05) + [.nan])
  }

  static let grid = PlotGrid(
    title: "Four rates",
    [0.5, 0.9, 1, 1.1].map { rate in
      Plot(title: "ρ = \(rate)", xLabel: "step", yLabel: "norm", yScale: .logarithmic) {
        Series("measured", (0..<30).map { step in (0..<step).reduce(1) { value, _ in value * rate } })
        Series("with zeros", (0..<30).map { $0 % 10 == 5 ? 0 : 1 / Double($0 + 1) })
      }
    })

  static let surface: Plot = {
    var (x, y) = (-1.2, 2.0)
    var path = [(x, y)]
    for _ in 0..<200 {
      let (dx, dy) = (-2 * (1 - x) - 40 * x * (y - x * x), 20 * (y - x * x))
      (x, y) = (x - 0.012 * dx, y - 0.012 * dy)
      path.append((x, y))
    }
    return Plot(title: "Descent into a curved valley", xLabel: "w₁", yLabel: "w₂") {
      HeatMap(x: -2...2, y: -1...3, label: "loss", scale: .logarithmic) { x, y in
        (1 - x) * (1 - x) + 10 * (y - x * x) * (y - x * x)
      }
      Series("gradient descent, rate 0.012", x: path.map(\.0), y: path.map(\.1), style: .path)
    }
  }()

  /// Sums of twelve numbers of a linear congruence are close to normal.
  static func bell(seed: UInt32, count: Int, scale: Double) -> [Double] {
    var state = seed
    return (0..<count).map { _ in
      var sum = -6.0
      for _ in 0..<12 {
        state = state &* 1_664_525 &+ 1_013_904_223
        sum += Double(state >> 8) / 16_777_216
      }
      return sum * scale
    }
  }

  static let all: [(name: String, svg: String)] = [
    ("decades", decades.svg()), ("map", map.svg(width: 640, height: 480)), ("histogram", histogram.svg()),
    ("grid", grid.svg()), ("surface", surface.svg(width: 640, height: 480)),
  ]
}
