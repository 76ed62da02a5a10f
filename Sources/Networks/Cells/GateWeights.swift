internal import UnrollArrays
internal import UnrollAutograd

/// Input weights and recurrent weights, initialised gate by gate.
func gateWeights(
  _ gates: Int, _ name: String, _ inputs: Int, _ hidden: Int, _ input: Initializer, _ recurrent: Initializer,
  _ type: ElementType, _ generator: inout Generator
) -> (input: Tensor, recurrent: Tensor) {
  require(
    inputs > 0 && hidden > 0 && hidden <= Int.max / gates,
    "\(name): \(inputs) inputs and \(hidden) hidden features do not make a cell")
  return (
    Initializer.perGate(gates, input)([inputs, gates * hidden], type, using: &generator),
    Initializer.perGate(gates, recurrent)([hidden, gates * hidden], type, using: &generator)
  )
}
