package import UnrollArrays
package import UnrollKernelTemplates

/// What an operation computes, in terms that other systems know: the source of exported graphs.
///
/// Shapes that an operation was given are left out where the shapes of its result say the same.
package enum OperationForm: Sendable {
  /// The input itself.
  case identity
  /// A function of each element, with its parameters.
  case function(UnaryOperation, a: Double, b: Double)
  /// Arithmetic of two; shapes broadcast.
  case pair(BinaryOperation)
  /// Arithmetic with a number, which is the first operand if `isFirst`.
  case number(BinaryOperation, Double, isFirst: Bool)
  case cast
  /// The product of matrices over the last two axes; leading axes broadcast.
  case matrixProduct
  /// The product of two matrices, plus a row.
  case affine
  case reshaped
  case broadcast
  /// Axis k of the result is axis `order[k]`.
  case permuted(order: [Int])
  case sliced([AxisSelection])
  case flipped([Int])
  case concatenated(axis: Int)
  case padded([(before: Int, after: Int)], with: Double)
  /// No axes are all of them.
  case reduced(Reduction, axes: [Int], keepsAxes: Bool)
  case cumulativeSum(axis: Int, isReversed: Bool)
  case softmax(axis: Int)
  case logSoftmax(axis: Int)
  /// The first input where the mask holds, the second elsewhere.
  case selected(Mask)
  /// The first input where the second is positive, a number elsewhere.
  case selectedWherePositive(else: Double)
  /// Positions of an axis by index, the same ones for all other positions.
  case gatheredPositions(Indices, axis: Int)
  /// One element along an axis for each index.
  case gatheredElements(Indices, axis: Int)
  /// Along the last axis; scale and shift are further inputs, in this order.
  case layerNorm(hasScale: Bool, hasShift: Bool, epsilon: Double)
  /// h_t = a_t h_{t−1} + b_t along the first axis; the inputs are a, b and perhaps the state before the first step.
  case linearRecurrence(isReversed: Bool, isComplex: Bool)

  package enum Reduction: Sendable {
    case sum, mean, maximum, minimum, norm, logSumExp, meanOfSquares
  }
}

/// An operation that other systems have, or that they can compose of few.
package protocol FormedOperation: Operation {
  /// What it computes; nil where the form does not express its options.
  var operationForm: OperationForm? { get }
}

/// An operation whose results are those of other operations.
package protocol ComposedOperation: Operation {
  /// The results of the inputs in tensor arithmetic.
  func composed(_ inputs: [Tensor]) -> [Tensor]
}

extension ElementFunction: FormedOperation { var operationForm: OperationForm? { .function(function, a: a, b: b) } }
extension Negation: FormedOperation { var operationForm: OperationForm? { .function(.negation, a: 0, b: 0) } }
extension Sum: FormedOperation { var operationForm: OperationForm? { .pair(.addition) } }
extension Difference: FormedOperation { var operationForm: OperationForm? { .pair(.subtraction) } }
extension Multiplication: FormedOperation { var operationForm: OperationForm? { .pair(.multiplication) } }
extension Division: FormedOperation { var operationForm: OperationForm? { .pair(.division) } }
extension Power: FormedOperation { var operationForm: OperationForm? { .pair(.power) } }
extension Extremum: FormedOperation { var operationForm: OperationForm? { .pair(isMaximum ? .maximum : .minimum) } }
extension Shift: FormedOperation { var operationForm: OperationForm? { .number(.addition, number, isFirst: false) } }
extension Scaling: FormedOperation { var operationForm: OperationForm? { .number(.multiplication, number, isFirst: false) } }
extension ScalingByQuotient: FormedOperation {
  var operationForm: OperationForm? { .number(.division, number, isFirst: false) }
}
extension Quotient: FormedOperation { var operationForm: OperationForm? { .number(.division, number, isFirst: true) } }
extension PowerByNumber: FormedOperation { var operationForm: OperationForm? { .number(.power, exponent, isFirst: false) } }
extension Casting: FormedOperation { var operationForm: OperationForm? { .cast } }
extension Detachment: FormedOperation { var operationForm: OperationForm? { .identity } }
extension Hook: FormedOperation { var operationForm: OperationForm? { .identity } }

extension MatrixProduct: FormedOperation { var operationForm: OperationForm? { .matrixProduct } }
extension Affine: FormedOperation { var operationForm: OperationForm? { .affine } }

extension Reshaping: FormedOperation { var operationForm: OperationForm? { .reshaped } }
extension Broadcasting: FormedOperation { var operationForm: OperationForm? { .broadcast } }
extension Slicing: FormedOperation { var operationForm: OperationForm? { .sliced(selections) } }
extension Flip: FormedOperation { var operationForm: OperationForm? { .flipped(axes) } }
extension Concatenation: FormedOperation { var operationForm: OperationForm? { .concatenated(axis: axis) } }

extension Permutation: FormedOperation {
  var operationForm: OperationForm? { .permuted(order: order.map { $0 < 0 ? $0 + order.count : $0 }) }
}

extension Padding: FormedOperation {
  var operationForm: OperationForm? { .padded(margins.map { ($0.before, $0.after) }, with: number) }
}

extension SumAlong: FormedOperation { var operationForm: OperationForm? { along.form(.sum) } }
extension MeanAlong: FormedOperation { var operationForm: OperationForm? { along.form(.mean) } }
extension NormAlong: FormedOperation { var operationForm: OperationForm? { along.form(.norm) } }
extension LogSumExpAlong: FormedOperation { var operationForm: OperationForm? { along.form(.logSumExp) } }
extension ExtremumAlong: FormedOperation { var operationForm: OperationForm? { along.form(isMaximum ? .maximum : .minimum) } }

extension MeanOfSquares: FormedOperation {
  var operationForm: OperationForm? { .reduced(.meanOfSquares, axes: [], keepsAxes: false) }
}

extension ReducedAxes {
  fileprivate func form(_ reduction: OperationForm.Reduction) -> OperationForm {
    .reduced(reduction, axes: axes, keepsAxes: keepsAxes)
  }
}

extension CumulativeSum: FormedOperation {
  var operationForm: OperationForm? { .cumulativeSum(axis: axis, isReversed: reversed) }
}
extension Softmax: FormedOperation { var operationForm: OperationForm? { .softmax(axis: axis) } }
extension LogSoftmax: FormedOperation { var operationForm: OperationForm? { .logSoftmax(axis: axis) } }
extension Selection: FormedOperation { var operationForm: OperationForm? { .selected(mask) } }

extension PositiveSelection: FormedOperation {
  var operationForm: OperationForm? { .selectedWherePositive(else: number) }
}

extension Gather: FormedOperation {
  var operationForm: OperationForm? {
    switch taking {
    case .rows: .gatheredPositions(indices, axis: 0)
    // Several axes of positions would take the place of the one axis, and are not among the operations of tensors.
    case .positions(let axis): indices.rank == 1 ? .gatheredPositions(indices, axis: axis) : nil
    case .elements(let axis): .gatheredElements(indices, axis: axis)
    }
  }
}

extension LayerNormalization: FormedOperation {
  var operationForm: OperationForm? { .layerNorm(hasScale: hasScale, hasShift: hasShift, epsilon: epsilon) }
}

extension LinearRecurrence: FormedOperation {
  var operationForm: OperationForm? {
    form.isTransposed ? nil : .linearRecurrence(isReversed: form.isReversed, isComplex: form.isComplex)
  }
}

extension Checkpoint: ComposedOperation {
  func composed(_ inputs: [Tensor]) -> [Tensor] {
    compute.value(x.replacingTensors(Array(inputs.prefix(x.tensors.count)))).tensors
  }
}

extension CustomOperation: ComposedOperation {
  func composed(_ inputs: [Tensor]) -> [Tensor] { closures.value.value(inputs) }
}
