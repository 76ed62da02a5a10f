public import UnrollArrays
internal import UnrollAutograd

/// A cell that can be made from its sizes, which gives its layers an initializer of their own.
///
///     let lstm = LSTM(3, 4, layers: 2, bidirectional: true, using: &generator)  // LSTMCell is a SizedCell
public protocol SizedCell: RecurrentCell {
  /// A cell with newly drawn weights, and with or without biases. A cell that has no biases in either case ignores `bias`.
  init(_ inputs: Int, _ hidden: Int, bias: Bool, _ type: ElementType, using generator: inout Generator)
}

/// A cell whose gates have names.
package protocol NamedGates: RecurrentCell {
  /// The names of the gates, in the order of their blocks in the parameters, in which a step also applies their functions.
  static var gateNames: [String] { get }
}

/// A cell of the library with a block of both weights, and of the bias, for each gate.
protocol StandardCell: AffineCell, SizedCell, NamedGates {
  var inputWeight: Tensor { get set }
  var recurrentWeight: Tensor { get set }
  var bias: Tensor? { get set }

  /// A cell with newly drawn weights and otherwise default options.
  init(default inputs: Int, _ hidden: Int, bias: Bool, _ type: ElementType, _ generator: inout Generator)

  /// Visits the parameters besides the weights and the bias; by default there are none.
  mutating func visitOthers(_ visitor: Visitor)

  /// Checks the parameters besides the weights and the bias; by default there are none.
  func checkOthers(_ check: ParameterCheck)
}

extension StandardCell {
  public init(_ inputs: Int, _ hidden: Int, bias: Bool, _ type: ElementType, using generator: inout Generator) {
    self.init(default: inputs, hidden, bias: bias, type, &generator)
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("bias", &bias)
    visitOthers(visitor)
  }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, recurrentWeight: recurrentWeight, gates: Self.gateNames.count)
    let columns = Self.gateNames.count * hiddenSize
    check("inputWeight", inputWeight, rows: "inputs", columns: columns)
    check("bias", bias, [columns])
    checkOthers(check)
  }

  mutating func visitOthers(_ visitor: Visitor) {}

  func checkOthers(_ check: ParameterCheck) {}
}
