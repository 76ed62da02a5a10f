internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// The Jacobian of every step of a recurrence along one sequence: ∂s_{t+1}/∂s_t, where s is the concatenation of all parts of
/// the state.
///
/// Element `[i, j]` is the derivative of element i of the next state by element j of the previous state, with the other
/// elements of the previous state held constant. For an LSTM s = (h, c), so that the block of h alone does not contain the
/// whole effect of h over several steps: multiply whole Jacobians and take blocks afterwards. (The derivative by cₜ here holds
/// hₜ constant; in `GradientFlow`, hₜ follows.)
///
/// All columns of one Jacobian come from one tangent, on a batch with one row per element of the state; the rows of a cell must
/// therefore not depend on each other. The numbers are float64, computed in the type of the cell.
///
///     let jacobians = StepJacobians(of: LSTMCell(3, 4, using: &generator), on: Tensor.ones([20, 3]))
///     print(jacobians.spectralRadii, jacobians.singularValues(lag: 10)[0][0])
public struct StepJacobians: Sendable {
  /// The parts of the state and their ranges in s.
  public let parts: [(name: String, range: Range<Int>)]
  /// The Jacobians in the order of the steps, `[n, n]`, where n is the number of elements of the state.
  public let matrices: [Tensor]

  /// The Jacobians along a sequence `[time, inputs]` through a cell, from a state with one row, by default the cell's initial
  /// state.
  public init<Cell: RecurrentCell>(of cell: Cell, on x: Tensor, from state: Cell.State? = nil) {
    let recurrence = Recurrence(cell, x, from: state, "StepJacobians")
    self.init(recurrence)
  }

  /// The Jacobians along a sequence `[time, inputs]` through all layers of a network, whose states together form s, from a
  /// state with one row.
  public init<Cell: RecurrentCell>(of network: Recurrent<Cell>, on x: Tensor, from state: Recurrent<Cell>.State? = nil) {
    self.init(Recurrence(network, x, from: state, "StepJacobians"))
  }

  init<State: TensorGroup>(_ recurrence: Recurrence<State>) {
    let n = recurrence.size
    var (state, matrices) = (recurrence.start, [Tensor]())
    let unit = Tensor.identity(n, recurrence.type)
    for t in 0..<recurrence.count {
      let (next, columns) = recurrence.pushed(t, state, along: unit)
      matrices.append(columns.detached().cast(to: .float64).transposed())
      state = next
    }
    parts = recurrence.parts
    self.matrices = matrices
  }

  /// The number of steps.
  public var count: Int { matrices.count }

  /// The number of elements of the state.
  public var size: Int { parts.last?.range.upperBound ?? 0 }

  /// ∂s_u/∂s_t, the product of the Jacobians of the steps between: `[n, n]`; the identity if u = t.
  public func product(from t: Int, to u: Int) -> Tensor {
    require(t >= 0 && t <= u && u <= count, "StepJacobians: state \(t) to state \(u) is not a range in 0...\(count)")
    return matrices[t..<u].reduce(Tensor.identity(size, .float64)) { $1.matmul($0) }
  }

  /// The singular values of ∂s_{t+lag}/∂s_t for each t, in descending order: `[count − lag + 1][n]`.
  public func singularValues(lag: Int = 1) -> [[Double]] {
    require(lag > 0, "StepJacobians: a lag of \(lag) steps is not positive")
    require(lag <= count, "StepJacobians: a lag of \(lag) is longer than the sequence of \(count) steps")
    return (0...(count - lag)).map { product(from: $0, to: $0 + lag).singularValues().scalars() }
  }

  /// The spectral radius of each step's Jacobian, which is the largest modulus of its eigenvalues: `[count]`.
  public var spectralRadii: [Double] { matrices.map { $0.spectralRadius().item } }

  /// ‖∂b_u/∂a_t‖, the largest singular value of the block of one part by another, for all pairs of states: `[u][t]`, with u and
  /// t from 0 to the number of steps; NaN for t > u. Without names, the norms of the whole state's Jacobians.
  ///
  /// For T steps and n elements in the state, a Jacobian costs one tangent of n rows, and each of the T²/2 pairs costs a
  /// product of n × n matrices and, for its norm, up to 52 products of the block; fewer if the largest singular value stands
  /// out.
  public func norms(of b: String? = nil, by a: String? = nil) -> [[Double]] {
    let (rows, columns) = (range(b), range(a))
    var norms = Array(repeating: Array(repeating: Double.nan, count: count + 1), count: count + 1)
    for t in 0...count {
      var product = NDArray.identity(size, .float64)[.all, columns]
      norms[t][t] = product[rows].largestSingularValue()
      for u in t..<count {
        product = matrices[u].array.matmul(product)
        norms[u + 1][t] = product[rows].largestSingularValue()
      }
    }
    return norms
  }

  private func range(_ name: String?) -> Range<Int> {
    guard let name else { return 0..<size }
    for part in parts where part.name == name { return part.range }
    let names = parts.map(\.name).joined(separator: ", ")
    stop("StepJacobians: the state has no part \(name); it has \(names)")
  }
}

extension StepJacobians {
  /// ‖∂s_u/∂s_t‖ as a heat map over t (x) and u (y), on a logarithmic scale; see `norms`.
  ///
  ///     let jacobians = StepJacobians(of: GRUCell(3, 4, using: &generator), on: Tensor.ones([20, 3]))
  ///     print(jacobians.plot().terminal())
  public func plot(of b: String? = nil, by a: String? = nil, title: String = "From each state to each later one") -> Plot {
    Plot(title: title, xLabel: "state t", yLabel: "state u") {
      HeatMap(norms(of: b, by: a), label: "norm of ds(u)/ds(t)", scale: .logarithmic)
    }
  }

  /// The largest singular values over a lag against time, at most `count` of them, on a logarithmic scale.
  public func singularValuePlot(lag: Int = 1, largest count: Int = 6, title: String = "Singular values") -> Plot {
    let values = singularValues(lag: lag)
    return Plot(title: title, xLabel: "state t", yLabel: "singular value over \(lag) steps", yScale: .logarithmic) {
      for i in 0..<min(count, size) { Series("number \(i + 1)", values.map { $0[i] }) }
    }
  }
}

extension NDArray {
  /// The largest singular value of a float64 matrix, without computing the others; NaN if the matrix is not finite.
  ///
  /// With G = AᵀA or A Aᵀ, of size n and with largest eigenvalue λ, λ ≤ (tr Gᵖ)^(1/p) ≤ n^(1/p) λ. Every product doubles p, so
  /// that about fifty products leave no error beyond rounding, however close the next singular value is; a few are enough if it
  /// is far away.
  func largestSingularValue() -> Double {
    let scale = norm(order: .infinity).item
    if !scale.isFinite { return .nan }
    if scale == 0 { return 0 }
    let a = self / scale
    var powers = shape[0] < shape[1] ? a.matmul(a.transposed()) : a.transposed().matmul(a)
    // log λ is the sum of log tᵢ / 2ⁱ, where tᵢ is the trace by which the i-th power is normalised. Once the traces stop
    // changing, the rest of the sum equals its last term.
    var (logarithm, weight, last) = (0.0, 1.0, 0.0)
    for _ in 0..<50 {
      let trace = powers.diagonal().sum().item
      last = weight * logarithms([trace])[0]
      logarithm += last
      if weight < 1 && trace >= 1 - 0x1p-50 { break }
      powers = powers / trace
      powers = powers.matmul(powers)
      weight /= 2
    }
    return scale * exponential((logarithm + last) / 2)
  }
}
