package import UnrollArrays

/// The arguments of a derivative rule: the inputs, outputs and residuals that its operation keeps.
///
/// They are recorded where a higher derivative may be requested, and plain arrays elsewhere.
package struct Context {
  let node: Node
  let survey: Survey
  let position: Int
  /// An input whose cotangent has been accumulated already.
  var settled: Int?

  /// Whether the cotangent of this input is needed.
  package func wants(_ i: Int) -> Bool { i != settled && inputMarks(i).contains(.reaches) }

  /// Whether a request outside this walk may ask for a derivative by this input.
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

  /// An input whose numbers the operation holds itself, recorded like a kept one.
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

  /// An array that the forward computation kept, through which no derivative passes.
  package func residual(_ i: Int) -> NDArray { node.kept[keptInputs + keptOutputs + i].array }

  private var keptInputs: Int { Context.count(node.keeps.inputs, of: node.inputs.count) }
  private var keptOutputs: Int { Context.count(node.keeps.outputs, of: node.outputCount) }

  private static func count(_ bits: UInt64, of existing: Int) -> Int {
    existing >= 64 ? bits.nonzeroBitCount : (bits & ((1 << UInt64(existing)) - 1)).nonzeroBitCount
  }
}
