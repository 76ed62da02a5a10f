internal import UnrollArrays
public import UnrollAutograd

/// A cell whose input and hidden state reach its step by one matrix each: x·W + b and h·U.
///
///     struct LeakyCell: AffineCell {
///       var inputWeight: Tensor, recurrentWeight: Tensor
///
///       mutating func visit(_ visitor: Visitor) {
///         visitor("inputWeight", &inputWeight)
///         visitor("recurrentWeight", &recurrentWeight)
///       }
///       func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
///         HiddenState(hidden: state.hidden * 0.9 + (projected + recurred).tanh() * 0.1)
///       }
///     }
public protocol AffineCell: RecurrentCell {
  /// W, `[inputs, anything]`.
  var inputWeight: Tensor { get }
  /// U, `[hidden, anything]`.
  var recurrentWeight: Tensor { get }
  /// b, as wide as W, or nil, the default.
  var bias: Tensor? { get }
}

extension AffineCell {
  public var bias: Tensor? { nil }
  public var hiddenSize: Int { recurrentWeight.shape[0] }
  public var inputSize: Int? { inputWeight.shape[0] }
  public func project(_ x: Tensor) -> Tensor { bias.map { x.affine(inputWeight, bias: $0) } ?? x.matmul(inputWeight) }
  public func recur(_ hidden: Tensor) -> Tensor { hidden.matmul(recurrentWeight) }
}

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
