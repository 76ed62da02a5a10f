internal import UnrollArrays
package import UnrollAutograd
internal import UnrollKernelTemplates

/// A cell as one of ONNX's recurrent operators, with weights in its layout.
package struct RecurrentOperator {
  /// RNN, GRU or LSTM.
  package let name: String
  package let hiddenSize: Int
  /// The functions, in the order of the operator's gates.
  package let activations: [OperatorActivation]
  /// The bound of the functions' arguments, if they are clipped.
  package let clip: Double?
  /// Whether a GRU's reset gate acts on the product.
  package let resetsAfter: Bool
  /// Whether an LSTM's forget gate is one minus its input gate.
  package let couplesGates: Bool
  /// W `[gates·hidden, inputs]`, R `[gates·hidden, hidden]`, and B `[2·gates·hidden]` and P `[3·hidden]` where the cell has them.
  package let weights: [(name: String, tensor: Tensor)]
}

/// An activation by ONNX's name, with its coefficients where it has any.
package struct OperatorActivation: Equatable {
  package let name: String
  package var alpha: Double?
  package var beta: Double?
}

extension RecurrentCell {
  /// The operator that computes the cell's equations with these parameters; nil where there is none.
  package var recurrentOperator: RecurrentOperator? {
    if let modified = self as? any EvaluatedAsInner { return modified.evaluated.recurrentOperator }
    guard let cell = self as? any OperatorCell else { return nil }
    let weights = cell.cellWeights
    guard cell.tensors.count == weights.tensorCount, weights.kind.order(in: .onnx) != nil else { return nil }
    var (activations, bounds): ([OperatorActivation], [Double?]) = ([], [])
    for function in cell.operatorActivations {
      guard let (activation, bound) = function.named else { return nil }
      activations.append(activation)
      bounds.append(bound)
    }
    // The operator clips the arguments of the gates and the candidate, and not what an LSTM's output reads.
    let name = cell.operatorName
    if name == "LSTM", bounds.removeLast() != nil { return nil }
    guard let clip = bounds.first, bounds.allSatisfy({ $0 == clip }) else { return nil }
    return RecurrentOperator(
      name: name, hiddenSize: cell.hiddenSize, activations: activations, clip: clip,
      resetsAfter: weights.kind == .gruResetAfter, couplesGates: weights.kind == .coupledLSTM,
      weights: weights.exported(to: .onnx) { _ in nil })
  }
}

/// A modifier that in evaluation is its inner cell with other parameters.
private protocol EvaluatedAsInner {
  var evaluated: any RecurrentCell { get }
}

extension WeightDropped: EvaluatedAsInner {
  fileprivate var evaluated: any RecurrentCell { cell }
}

extension Orthogonal: EvaluatedAsInner {
  fileprivate var evaluated: any RecurrentCell { mapped }
}

/// A cell that one of ONNX's operators computes.
private protocol OperatorCell: ExchangeableCell {
  var operatorName: String { get }
  /// The functions in the order of the operator's gates.
  var operatorActivations: [Activation] { get }
}

extension RNNCell: OperatorCell {
  fileprivate var operatorName: String { "RNN" }
  fileprivate var operatorActivations: [Activation] { [activation] }
}

extension GRUCell: OperatorCell {
  fileprivate var operatorName: String { "GRU" }
  fileprivate var operatorActivations: [Activation] { [activations.gate, activations.candidate] }
}

extension LSTMCell: OperatorCell {
  fileprivate var operatorName: String { "LSTM" }
  fileprivate var operatorActivations: [Activation] { activations.all }
}

extension PeepholeLSTMCell: OperatorCell {
  fileprivate var operatorName: String { "LSTM" }
  fileprivate var operatorActivations: [Activation] { activations.all }
}

extension CoupledLSTMCell: OperatorCell {
  fileprivate var operatorName: String { "LSTM" }
  fileprivate var operatorActivations: [Activation] { activations.all }
}

extension GateActivations {
  fileprivate var all: [Activation] { [gate, candidate, output] }
}

extension Activation {
  /// ONNX's name of the function, found by what it does to a probe, and the bound that its argument is clipped to; nil where ONNX
  /// has no name.
  fileprivate var named: (activation: OperatorActivation, bound: Double?)? {
    let trace = Trace()
    let probe = trace.probe(Tensor.zeros([1, 1]))
    let result = self(probe)
    let entries = trace.takeEntries()
    if trace.readsNumbers { return nil }
    var (forms, last): ([OperationForm], Tensor) = ([], probe)
    for entry in entries {
      // A chain of functions of one argument.
      guard entry.inputs.count == 1, entry.inputs[0].traceName == last.traceName,
        let form = (entry.operation as? any FormedOperation)?.operationForm
      else { return nil }
      forms.append(form)
      last = entry.outputs[0]
    }
    guard result.traceName == last.traceName else { return nil }
    var bound: Double?
    if case .function(.clipped, let low, let high)? = forms.first, low == -high {
      bound = high
      forms.removeFirst()
    }
    return Self.named(forms).map { ($0, bound) }
  }

  private static func named(_ forms: [OperationForm]) -> OperatorActivation? {
    switch forms.count {
    case 0: return OperatorActivation(name: "Affine", alpha: 1, beta: 0)
    case 1:
      guard case .function(let function, let a, _) = forms[0] else { return scaled(forms) }
      switch function {
      case .tanh: return OperatorActivation(name: "Tanh")
      case .relu: return OperatorActivation(name: "Relu")
      case .sigmoid: return OperatorActivation(name: "Sigmoid")
      case .softsign: return OperatorActivation(name: "Softsign")
      case .softplus: return OperatorActivation(name: "Softplus")
      case .leakyRelu: return OperatorActivation(name: "LeakyRelu", alpha: a)
      case .elu: return OperatorActivation(name: "Elu", alpha: a)
      case .hardSigmoid: return OperatorActivation(name: "HardSigmoid", alpha: 1.0 / 6, beta: 0.5)
      default: return nil
      }
    case 2: return scaled(forms)
    case 3:
      if case .function(.tanh, _, _) = forms[1], let inner = factor(forms[0]), let outer = factor(forms[2]) {
        return OperatorActivation(name: "ScaledTanh", alpha: outer, beta: inner)
      }
      guard case .function(.clipped, 0, 1) = forms[2], let line = scaled(Array(forms[..<2])) else { return nil }
      return OperatorActivation(name: "HardSigmoid", alpha: line.alpha, beta: line.beta)
    default: return nil
    }
  }

  private static func factor(_ form: OperationForm) -> Double? {
    if case .number(.multiplication, let factor, _) = form { factor } else { nil }
  }

  /// slope · x + offset.
  private static func scaled(_ forms: [OperationForm]) -> OperatorActivation? {
    guard let slope = factor(forms[0]) else { return nil }
    if forms.count == 1 { return OperatorActivation(name: "Affine", alpha: slope, beta: 0) }
    guard case .number(.addition, let offset, _) = forms[1] else { return nil }
    return OperatorActivation(name: "Affine", alpha: slope, beta: offset)
  }
}
