internal import UnrollArrays
internal import UnrollAutograd

/// Compares the parameters of a cell with the shapes and the type that its step reads them by.
///
/// Parameters are public variables, and hold whatever somebody put there. Kernels would read beyond a tensor that is too small, and
/// plain operations would broadcast it to numbers that look right.
struct ParameterCheck {
  private let cell: String
  /// The parameter that says the type of all others.
  private let first: String
  private let type: ElementType

  /// The check of a cell whose first compared parameter says the type.
  init(_ cell: String, _ first: String, _ parameter: Tensor) {
    self.cell = cell
    self.first = first
    type = parameter.type
  }

  /// The check of a cell with recurrent weights `[hidden, gates·hidden]`, which are compared at once.
  init(_ cell: String, recurrentWeight: Tensor, gates: Int) {
    self.init(cell, "recurrentWeight", recurrentWeight)
    let isSquare = recurrentWeight.rank == 2 && recurrentWeight.shape[1] == gates * recurrentWeight.shape[0]
    require(
      isSquare,
      "\(cell): recurrentWeight has the shape \(recurrentWeight.shape), not [hidden, \(gates == 1 ? "" : "\(gates)·")hidden]")
  }

  /// A parameter of a known shape, if there is one.
  func callAsFunction(_ name: String, _ parameter: Tensor?, _ wanted: Shape) {
    guard let parameter else { return }
    require(parameter.shape == wanted, "\(cell): \(name) has the shape \(parameter.shape), not \(wanted)")
    requireType(name, parameter)
  }

  /// A matrix of any number of rows.
  func callAsFunction(_ name: String, _ parameter: Tensor, rows: String, columns: Int) {
    require(
      parameter.rank == 2 && parameter.shape[1] == columns,
      "\(cell): \(name) has the shape \(parameter.shape), not [\(rows), \(columns)]")
    requireType(name, parameter)
  }

  /// A parameter whose extents the others follow.
  func callAsFunction(_ name: String, _ parameter: Tensor, axes: String, _ rank: Int) {
    require(parameter.rank == rank, "\(cell): \(name) has the shape \(parameter.shape), not \(axes)")
  }

  /// A normalisation of so many features.
  func callAsFunction(_ name: String, _ norm: LayerNorm, _ features: Int) {
    require(norm.features == features, "\(cell): \(name) normalises \(norm.features) features, not \(features)")
    self("\(name).scale", norm.scale, [features])
    self("\(name).shift", norm.shift, [features])
  }

  private func requireType(_ name: String, _ parameter: Tensor) {
    require(
      parameter.type == type, "\(cell): \(name) is \(parameter.type) and \(first) is \(type); cast one of them")
  }
}
