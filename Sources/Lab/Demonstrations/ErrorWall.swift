internal import UnrollArrays
internal import UnrollAutograd

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
