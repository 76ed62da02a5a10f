internal import UnrollArrays
internal import UnrollAutograd

/// Weights for the inputs and for the hidden state, each gate initialised on its own.
func gateWeights(
  _ gates: Int, _ name: String, _ inputs: Int, _ hidden: Int, _ input: Initializer, _ recurrent: Initializer,
  _ type: ElementType, _ generator: inout Generator
) -> (input: Tensor, recurrent: Tensor) {
  require(
    inputs > 0 && hidden > 0 && hidden <= Int.max / gates,
    "\(name): \(inputs) inputs and \(hidden) hidden features make no cell")
  return (
    Initializer.perGate(gates, input)([inputs, gates * hidden], type, using: &generator),
    Initializer.perGate(gates, recurrent)([hidden, gates * hidden], type, using: &generator)
  )
}

/// Stops where the weights of a cell do not fit one another.
func requireGates(_ gates: Int, _ name: String, _ input: Tensor, _ recurrent: Tensor, _ bias: Tensor?) {
  require(
    input.rank == 2 && recurrent.rank == 2 && recurrent.shape[1] == gates * recurrent.shape[0]
      && input.shape[1] == recurrent.shape[1],
    "\(name): weights of shapes \(input.shape) and \(recurrent.shape) are not [inputs, \(gates)·hidden] and "
      + "[hidden, \(gates)·hidden]")
  if let bias {
    require(
      bias.shape == [recurrent.shape[1]], "\(name): a bias of shape \(bias.shape) does not fit \(recurrent.shape[1]) columns")
  }
}

/// Stops where a part of a cell does not have the shape that the others ask for.
func requireShape(_ name: String, _ part: String, _ found: Shape?, _ wanted: Shape) {
  guard let found else { return }
  require(found == wanted, "\(name): \(part) of shape \(found) do not fit: \(wanted) would")
}

/// Stops where a normalisation of a cell has not as many features as what it normalises.
func requireFeatures(_ name: String, _ part: String, _ norm: LayerNorm, _ wanted: Int) {
  require(norm.features == wanted, "\(name): a normalisation of \(norm.features) features does not fit \(wanted) \(part)")
}
