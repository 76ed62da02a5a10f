internal import UnrollArrays
public import UnrollAutograd

/// A cell whose recurrent weights are orthogonal, so that products with them change no norm: U = exp(A − Aᵀ), where A is what the
/// inner cell's parameter holds.
///
/// A matrix `[hidden, gates·hidden]` is orthogonal gate by gate. Training moves A, so that every update leaves U orthogonal.
///
///     let rnn = RNN(3, 4, using: &generator).modifyingCells { Orthogonal($0) }
///     let (outputs, state) = rnn(Tensor.ones([2, 5, 3]))
public struct Orthogonal<Cell: RecurrentCell>: ModifiedCell {
  /// The map from antisymmetric matrices S to orthogonal ones.
  public enum Map: Sendable {
    /// exp S: every rotation.
    case exponential
    /// (I + S)⁻¹ (I − S), Cayley's map: every rotation without the eigenvalue −1.
    case cayley
  }

  public var cell: Cell
  /// The map from antisymmetric matrices to orthogonal ones.
  public let map: Map
  /// The name of the weights among the inner cell's parameters.
  public let parameter: String

  /// A cell with one parameter made orthogonal.
  public init(_ cell: Cell, map: Map = .exponential, parameter: String = "recurrentWeight") {
    let weight = cell.parameters.first { $0.name == parameter }?.tensor
    require(
      weight != nil,
      "Orthogonal: a cell with the parameters \(cell.parameters.map(\.name).joined(separator: ", ")) has no \(parameter)")
    let shape = weight?.shape ?? []
    require(
      shape.count >= 2 && shape[shape.count - 2] > 0 && shape[shape.count - 1] % shape[shape.count - 2] == 0,
      "Orthogonal: \(parameter) of shape \(shape) does not consist of square matrices")
    self.cell = cell
    self.map = map
    self.parameter = parameter
  }

  public func recur(_ hidden: Tensor) -> Tensor { mapped.recur(hidden) }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: Cell.State) -> Cell.State {
    mapped.step(projected, recurred, state)
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: Cell.State, noise: [Tensor]) -> Cell.State {
    mapped.step(projected, recurred, state, noise: noise)
  }

  /// The inner cell with orthogonal weights.
  var mapped: Cell {
    var copy = cell
    copy.visitParameters { name, tensor in if name == parameter { tensor = orthogonal(tensor) } }
    return copy
  }

  func orthogonal(_ a: Tensor) -> Tensor {
    let n = a.shape[a.rank - 2]
    let squares = a.chunks(a.shape[a.rank - 1] / n, axis: -1).map { square in
      let s = square - square.transposed(-2, -1)
      switch map {
      case .exponential: return s.matrixExponential()
      case .cayley:
        let one = Tensor.identity(n, a.type)
        let (q, r) = (s + one).qr()
        return r.solvedTriangular(q.transposed(-2, -1).matmul(one - s), upper: true)
      }
    }
    return squares.count == 1 ? squares[0] : Tensor.concatenate(squares, axis: -1)
  }
}
