package import UnrollArrays

/// What a derivative rule is handed: the inputs, outputs and residuals that its operation keeps.
///
/// They are recorded where a derivative of this derivative may be asked for, and plain arrays elsewhere.
package struct Context {
  let node: Node
  let survey: Survey
  let position: Int
  /// An input whose cotangent has been seen to already.
  var settled: Int?

  /// Whether anyone asked for the cotangent of this input.
  package func wants(_ i: Int) -> Bool { i != settled && inputMarks(i).contains(.reaches) }

  /// Whether something outside this walk may ask for a derivative by this input.
  func isRecordedOutside(_ i: Int) -> Bool { inputMarks(i).contains(.outside) }

  private func inputMarks(_ i: Int) -> Survey.Marks {
    let input = survey.position(ofInput: i, at: position)
    return input < 0 ? [] : survey.marks(at: input)
  }

  package var inputCount: Int { node.inputs.count }

  package func shape(_ i: Int = 0) -> Shape { node.inputShape(i) }

  package var outputCount: Int { node.outputCount }

  package func outputShape(_ i: Int = 0) -> Shape { node.outputShape(i) }

  /// The element type of the first input, and with few exceptions of all others.
  package var type: ElementType { node.type }

  /// An input whose numbers the operation has itself: recorded as the ones that are kept.
  func input(_ i: Int, _ numbers: Numbers) -> Tensor { Tensor(numbers, isRecordedOutside(i) ? node.inputs[i] : nil) }

  package func input(_ i: Int = 0) -> Tensor {
    require(node.keeps.keepsInput(i), "\(node.operation.name): its rule reads input \(i), which it does not keep")
    let below = (node.keeps.inputs & ((1 << UInt64(i)) - 1)).nonzeroBitCount
    return input(i, node.kept[below])
  }

  package func output(_ i: Int = 0) -> Tensor {
    require(node.keeps.keepsOutput(i), "\(node.operation.name): its rule reads output \(i), which it does not keep")
    let below = (node.keeps.outputs & ((1 << UInt64(i)) - 1)).nonzeroBitCount
    let numbers = node.kept[keptInputs + below]
    return Tensor(numbers, survey.marks(at: position).contains(.outside) ? Edge(node: node, slot: i) : nil)
  }

  /// An array that the forward computation left, which no derivative passes through.
  package func residual(_ i: Int) -> NDArray { node.kept[keptInputs + keptOutputs + i].array }

  private var keptInputs: Int { Context.count(node.keeps.inputs, of: node.inputs.count) }
  private var keptOutputs: Int { Context.count(node.keeps.outputs, of: node.outputCount) }

  private static func count(_ bits: UInt64, of existing: Int) -> Int {
    existing >= 64 ? bits.nonzeroBitCount : (bits & ((1 << UInt64(existing)) - 1)).nonzeroBitCount
  }
}
