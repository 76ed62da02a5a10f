internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// The Lyapunov exponents of a recurrence: the mean logarithmic growth per step of small differences of the state, in each
/// direction.
///
/// The QR method: orthonormal directions are pushed through a step's Jacobian and orthonormalised again, QR = J Q; exponent i
/// is the mean of log Rᵢᵢ. A positive first exponent means chaos and exploding gradients; negative exponents tell how fast
/// gradients vanish. For a linear recurrence the exponents are log |eigenvalue|, not the logarithms of singular values. The sum
/// of all exponents is exactly the mean of log |det J|; each exponent has an error of order 1/T unless `skipping` lets the
/// directions settle first.
///
/// Each step costs one tangent for a batch with one row per exponent, and one QR factorisation.
///
///     let spectrum = LyapunovSpectrum(of: RNNCell(3, 8, using: &generator), on: Tensor.ones([200, 3]), count: 3, skipping: 50)
///     print(spectrum.exponents, spectrum.largest)
public struct LyapunovSpectrum: Hashable, Sendable {
  /// The exponents in descending order, `[count]`.
  public let exponents: [Double]
  /// The running mean of the largest exponent, one value for each step that counts.
  public let convergence: [Double]

  /// The largest exponent.
  public var largest: Double { exponents[0] }

  /// The sum of the exponents; if all were computed, it is the mean of log |det J|.
  public var sum: Double { exponents.reduce(0, +) }

  /// The spectrum along a sequence `[time, inputs]` through a cell. `count` is the number of exponents, nil for all; the first
  /// `skipping` steps do not count.
  public init<Cell: RecurrentCell>(
    of cell: Cell, on x: Tensor, from state: Cell.State? = nil, count: Int? = nil, skipping: Int = 0
  ) {
    self.init(Recurrence(cell, x, from: state, "LyapunovSpectrum"), count, skipping)
  }

  /// The spectrum along a sequence `[time, inputs]` through all layers of a network that runs in one direction.
  public init<Cell: RecurrentCell>(
    of network: Recurrent<Cell>, on x: Tensor, from state: Recurrent<Cell>.State? = nil, count: Int? = nil, skipping: Int = 0
  ) {
    self.init(Recurrence(network, x, from: state, "LyapunovSpectrum"), count, skipping)
  }

  /// The spectrum of any map of a vector, iterated.
  ///
  ///     let logistic = LyapunovSpectrum(from: Tensor([0.3]), steps: 1000, skipping: 100) { x in x * (1 - x) * 3.2 }
  ///     print(logistic.largest)  // ½ log 0.16
  public init(
    from start: Tensor, steps: Int, count: Int? = nil, skipping: Int = 0, map: @escaping (_ x: Tensor) -> Tensor
  ) {
    require(start.rank == 1, "LyapunovSpectrum: a state of shape \(start.shape) is not a vector")
    require(steps > 0, "LyapunovSpectrum: the sequence has no steps")
    let recurrence = Recurrence(start: start.expandingAxis(0), count: steps, names: ["x"]) { _, _, rows in
      Tensor.stack(rows.unstacked().map(map))
    }
    self.init(recurrence, count, skipping)
  }

  private init<State: TensorGroup>(_ recurrence: Recurrence<State>, _ count: Int?, _ skipping: Int) {
    let (n, steps) = (recurrence.size, recurrence.count)
    let k = count ?? n
    require(k > 0 && k <= n, "LyapunovSpectrum: \(k) exponents of a state of \(n) numbers are not in 1...\(n)")
    require(
      skipping >= 0 && skipping < steps, "LyapunovSpectrum: skipping \(skipping) of \(steps) steps leaves none to average")
    // Random directions, so that none is special to the recurrence.
    var generator = Generator(seed: 1)
    var directions = NDArray.normal([n, k], .float64, using: &generator).qr().q
    var (state, sums, convergence) = (recurrence.start, Array(repeating: 0.0, count: k), [Double]())
    for t in 0..<steps {
      let rows = Tensor(directions.transposed().cast(to: recurrence.type))
      let (next, pushed) = recurrence.pushed(t, state, along: rows)
      let (q, r) = pushed.array.cast(to: .float64).transposed().qr()
      (state, directions) = (next, q)
      if t < skipping { continue }
      let logs = logarithms((0..<k).map { r[$0, $0].item })
      for i in 0..<k { sums[i] += logs[i] }
      // A NaN direction spoils the sums of all directions.
      if sums.contains(where: \.isNaN) { sums = Array(repeating: .nan, count: k) }
      convergence.append((sums.max() ?? .nan) / Double(t - skipping + 1))
    }
    exponents = sums.map { $0 / Double(steps - skipping) }.sorted(by: >)
    self.convergence = convergence
  }

  /// The running mean of the largest exponent.
  public func plot(title: String = "Largest Lyapunov exponent") -> Plot {
    Plot(title: title, xLabel: "step", yLabel: "running mean of log growth") { Series("", convergence) }
  }
}
