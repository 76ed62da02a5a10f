internal import UnrollArrays
internal import UnrollAutograd

/// Checks the parameters of a cell against the shapes and the element type that its step assumes.
///
/// Parameters are public variables, so that they can hold any tensor. Kernels would read past the end of a tensor that is too
/// small, and plain operations would broadcast it to plausible but wrong results.
struct ParameterCheck {
  private let cell: any RecurrentCell.Type
  /// The parameter whose element type the others must match.
  private let first: String
  private let type: ElementType

  /// A check of a cell against the element type of `parameter`.
  init(_ cell: any RecurrentCell.Type, _ first: String, _ parameter: Tensor) {
    self.cell = cell
    self.first = first
    type = parameter.type
  }

  /// A check of a cell with recurrent weights `[hidden, gates·hidden]`, whose shape is checked immediately.
  init(_ cell: any RecurrentCell.Type, recurrentWeight: Tensor, gates: Int) {
    self.init(cell, "recurrentWeight", recurrentWeight)
    let isSquare = recurrentWeight.rank == 2 && recurrentWeight.shape[1] == gates * recurrentWeight.shape[0]
    require(
      isSquare,
      "\(cell): recurrentWeight has the shape \(recurrentWeight.shape), not [hidden, \(gates == 1 ? "" : "\(gates)·")hidden]")
  }

  /// A check of a cell without recurrent weights by its input weights `[inputs, gates·hidden]`, whose shape is checked
  /// immediately.
  init(_ cell: any RecurrentCell.Type, inputWeight: Tensor, gates: Int) {
    self.init(cell, "inputWeight", inputWeight)
    let isDivided = inputWeight.rank == 2 && inputWeight.shape[1] > 0 && inputWeight.shape[1] % gates == 0
    require(isDivided, "\(cell): inputWeight has the shape \(inputWeight.shape), not [inputs, \(gates)·hidden]")
  }

  /// Checks a parameter of a known shape; nil is accepted.
  func callAsFunction(_ name: String, _ parameter: Tensor?, _ wanted: Shape) {
    guard let parameter else { return }
    require(parameter.shape == wanted, "\(cell): \(name) has the shape \(parameter.shape), not \(wanted)")
    requireType(name, parameter)
  }

  /// Checks a matrix with any number of rows.
  func callAsFunction(_ name: String, _ parameter: Tensor, rows: String, columns: Int) {
    require(
      parameter.rank == 2 && parameter.shape[1] == columns,
      "\(cell): \(name) has the shape \(parameter.shape), not [\(rows), \(columns)]")
    requireType(name, parameter)
  }

  /// Checks the rank of a parameter that determines the shapes of the others.
  func callAsFunction(_ name: String, _ parameter: Tensor, axes: String, _ rank: Int) {
    require(parameter.rank == rank, "\(cell): \(name) has the shape \(parameter.shape), not \(axes)")
  }

  /// Checks the number of features of a normalisation.
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
