internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollGradientFlow
internal import UnrollTraining

/// The error surface of a recurrence with one unit, after Pascanu, Mikolov and Bengio (2013): xₜ = w σ(xₜ₋₁) + b, with the
/// error (σ(x_T) − y)².
///
/// Where the start lies on the border between two attractors, the surface is a wall: gradients there are as large as the
/// product of the slopes of all steps. Gradient descent that hits the wall is thrown far away, unless the gradient is clipped.
struct ErrorWall: Sendable {
  struct Place: Equatable, Sendable {
    var w: Double
    var b: Double
    func distance(to other: Place) -> Double { NDArray([w - other.w, b - other.b]).norm().item }
  }

  /// One run of gradient descent.
  struct Descent: Sendable {
    /// The places before the first update, after it, and so on.
    let places: [Place]
    let errors: [Double]
    /// The norms before clipping; one fewer than places.
    let gradientNorms: [Double]
    let longestStep: Double
  }

  let steps: Int
  let rate: Double
  let bound: Double
  let start: Place
  let thrown: Descent
  let clipped: Descent

  static let target = 0.7
  static let origin = 0.5

  init(
    steps: Int = 50, updates: Int = 200, rate: Double = 0.3, bound: Double = 0.3, start: Place = Place(w: 5.2, b: -2.2)
  ) {
    self.steps = steps
    self.rate = rate
    self.bound = bound
    self.start = start
    thrown = Self.descent(from: start, steps: steps, updates: updates, rate: rate, bound: nil)
    clipped = Self.descent(from: start, steps: steps, updates: updates, rate: rate, bound: bound)
  }

  /// The error at each place, elementwise.
  static func error(_ w: Tensor, _ b: Tensor, steps: Int) -> Tensor {
    var x = Tensor.full(w.shape, origin, w.type)
    for _ in 0..<steps { x = w * x.sigmoid() + b }
    return (x.sigmoid() - target).square()
  }

  private static func descent(from start: Place, steps: Int, updates: Int, rate: Double, bound: Double?) -> Descent {
    var place = Tensor([start.w, start.b])
    var (places, errors, norms, longest) = ([start], [Double](), [Double](), 0.0)
    for update in 0...updates {
      let (loss, slope) = valueAndGradient(at: place) { error($0[0], $0[1], steps: steps) }
      errors.append(loss.item)
      if update == updates { break }
      let norm = slope.norm().item
      norms.append(norm)
      let scale = bound.map { norm > $0 ? $0 / norm : 1 } ?? 1
      place = place - slope * (rate * scale)
      let next = Place(w: place[0].item, b: place[1].item)
      if let last = places.last { longest = max(longest, next.distance(to: last)) }
      places.append(next)
    }
    return Descent(places: places, errors: errors, gradientNorms: norms, longestStep: longest)
  }

  /// The surface over an area, `[rows][columns]`, with all places computed at once.
  func surface(
    w: ClosedRange<Double>, b: ClosedRange<Double>, columns: Int, rows: Int
  ) -> [[Double]] {
    func centres(_ range: ClosedRange<Double>, _ count: Int) -> Tensor {
      let width = (range.upperBound - range.lowerBound) / Double(count)
      return Tensor((0..<count).map { range.lowerBound + (Double($0) + 0.5) * width })
    }
    let shape: Shape = [rows, columns]
    let errors = Self.error(
      centres(w, columns).expandingAxis(0).broadcast(to: shape), centres(b, rows).expandingAxis(1).broadcast(to: shape),
      steps: steps)
    return (0..<rows).map { errors.array[$0].scalars() }
  }
}

extension ErrorWall {
  func story(columns: Int = 120, rows: Int = 100) -> Story {
    let largest = thrown.gradientNorms.max() ?? 0
    let (end, kept) = (thrown.places[thrown.places.count - 1], clipped.places[clipped.places.count - 1])
    return Story(
      title: "The wall: why exploding gradients ruin a run, and what clipping does",
      introduction: [
        "The smallest recurrent network: one unit, x \u{2190} w \u{3C3}(x) + b, \u{3C3} being the logistic sigmoid. It runs \(steps) steps from",
        "x = \(Self.origin); the error is then the squared distance of \u{3C3}(x) from \(Self.target). Both w and b are learned, so",
        "the error is a landscape. Gradient descent starts at w = \(plain(start.w)), b = \(plain(start.b)) with a learning rate of \(plain(rate)),",
        "once without clipping, and once with gradients clipped to norm \(plain(bound)).",
      ],
      findings: [
        Story.Finding(
          "not clipped",
          "gets a gradient of norm \(numberText(largest, digits: 3)), \(isThrown ? "is thrown a distance of" : "moves at most") \(numberText(thrown.longestStep, digits: 3)) in one update, "
            + "and ends at w = \(numberText(end.w, digits: 3)), b = \(numberText(end.b, digits: 3)) "
            + "with an error of \(numberText(thrown.errors[thrown.errors.count - 1], digits: 2))",
          numbers(thrown)),
        Story.Finding(
          "clipped to \(plain(bound))",
          "never moves more than \(numberText(clipped.longestStep, digits: 2)) at once, and ends at w = \(numberText(kept.w, digits: 3)), "
            + "b = \(numberText(kept.b, digits: 3)) with an error of \(numberText(clipped.errors[clipped.errors.count - 1], digits: 2))",
          numbers(clipped)),
      ],
      pictures: [map(columns, rows), course],
      conclusion: [
        "On one side of the wall the unit ends near 0, on the other near 1: a small step decides which, so the gradient is huge there.",
        "Its direction is right, its length is not. Clipping the norm keeps the one and bounds the other.",
      ])
  }

  /// Whether one update was far longer than clipping would allow.
  private var isThrown: Bool { thrown.longestStep > 10 * rate * bound }

  private func numbers(_ descent: Descent) -> [(name: String, value: Double)] {
    let end = descent.places[descent.places.count - 1]
    return [
      ("w", end.w), ("b", end.b), ("error", descent.errors[descent.errors.count - 1]), ("longest_step", descent.longestStep),
      ("largest_gradient", descent.gradientNorms.max() ?? 0),
    ]
  }

  private func map(_ columns: Int, _ rows: Int) -> Story.Picture {
    // A custom rate may lead anywhere; the picture stays near the start.
    let close = clipped.places.filter { $0.distance(to: start) < 20 } + [start]
    let w = range(close.map(\.w), least: 4), b = range(close.map(\.b), least: 4)
    let values = surface(w: w, b: b, columns: columns, rows: rows)
    // The path is drawn up to the border of the area.
    let inside = thrown.places.prefix { w.contains($0.w) && b.contains($0.b) }
    var way = Array(inside)
    if let last = way.last, way.count < thrown.places.count {
      way.append(border(from: last, to: thrown.places[way.count], w, b))
    }
    let whole = Plot(title: "not clipped", xLabel: "w", yLabel: "b") {
      HeatMap(values, x: w, y: b, label: "error")
      Series("gradient descent", x: way.map(\.w), y: way.map(\.b), style: .path)
    }
    let kept = Plot(title: "clipped to norm \(plain(bound))", xLabel: "w", yLabel: "b") {
      HeatMap(values, x: w, y: b, label: "error")
      Series("gradient descent", x: clipped.places.map(\.w), y: clipped.places.map(\.b), style: .path)
    }
    return Story.Picture(
      "wall-surface", PlotGrid(title: "The error surface of one unit over \(steps) steps", columns: 2, [whole, kept]),
      look: "the edge between dark and bright is the wall; the left path leaves the picture where it hits the wall")
  }

  private var course: Story.Picture {
    // Far away the surface is so flat that the gradient is 0.
    let moving = Array(thrown.gradientNorms.prefix { $0 > 0 })
    return Story.Picture(
      "wall-course",
      PlotGrid(
        title: "Two runs from the same place", columns: 1, sharesY: false,
        [
          Plot(xLabel: "update", yLabel: "error", yScale: .logarithmic) {
            Series("not clipped", thrown.errors)
            Series("clipped", clipped.errors)
          },
          Plot(xLabel: "update", yLabel: "gradient norm", yScale: .logarithmic) {
            Series("not clipped", moving)
            Series("clipped", clipped.gradientNorms)
          },
        ]), look: "one spike of the gradient norm throws the run without clipping to a place where the gradient is 0",
      height: 480,
      isForTerminal: false)
  }

  /// The range of values with a margin, and at least `least` wide.
  private func range(_ values: [Double], least: Double) -> ClosedRange<Double> {
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    let room = max((least - (high - low)) / 2, 0.2)
    return (low - room)...(high + room)
  }

  /// The point where the line from a place inside to one outside leaves the area.
  private func border(
    from a: Place, to z: Place, _ w: ClosedRange<Double>, _ b: ClosedRange<Double>
  ) -> Place {
    func share(_ a: Double, _ z: Double, _ range: ClosedRange<Double>) -> Double {
      if z > range.upperBound { return (range.upperBound - a) / (z - a) }
      return z < range.lowerBound ? (range.lowerBound - a) / (z - a) : 1
    }
    // Slightly within the border, so that the ring at the end is not cut.
    let part = 0.98 * min(share(a.w, z.w, w), share(a.b, z.b, b))
    return Place(w: a.w + part * (z.w - a.w), b: a.b + part * (z.b - a.b))
  }
}
