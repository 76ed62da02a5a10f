package import UnrollArrays

/// What a derivative rule is handed: the inputs, outputs and residuals that its operation keeps.
///
/// They are recorded where a derivative of this derivative may be asked for, and plain arrays elsewhere.
package struct Context {
  let node: Node
  let walk: Traversal
  let position: Int

  /// Whether anyone asked for the cotangent of this input.
  package func wants(_ i: Int) -> Bool {
    guard let source = node.inputs[i].source else { return false }
    return walk.reaches(source.node)
  }

  /// Whether something outside this walk may ask for a derivative by this input.
  func isRecordedOutside(_ i: Int) -> Bool {
    guard let source = node.inputs[i].source else { return false }
    return walk.isOutside(source.node)
  }

  package func shape(_ i: Int = 0) -> Shape { node.inputs[i].shape }

  package var inputCount: Int { node.inputs.count }

  package var outputCount: Int { node.outputShapes.count }

  package func outputShape(_ i: Int = 0) -> Shape { node.outputShapes[i] }

  package var type: ElementType { node.inputs[0].type }

  /// An input whose numbers the operation has itself: recorded as the ones that are kept.
  func input(_ i: Int, array: NDArray) -> Tensor { walk.tensor(array, node.inputs[i].source) }

  package func input(_ i: Int = 0) -> Tensor {
    require(node.keeps.keepsInput(i), "\(node.operation.name): its rule reads input \(i), which it does not keep")
    let below = (node.keeps.inputs & ((1 << UInt64(i)) - 1)).nonzeroBitCount
    return walk.tensor(node.kept[below], node.inputs[i].source)
  }

  package func output(_ i: Int = 0) -> Tensor {
    require(node.keeps.keepsOutput(i), "\(node.operation.name): its rule reads output \(i), which it does not keep")
    let below = (node.keeps.outputs & ((1 << UInt64(i)) - 1)).nonzeroBitCount
    return walk.tensor(node.kept[keptInputs + below], Edge(node: node, slot: i))
  }

  /// An array that the forward computation left, which no derivative passes through.
  package func residual(_ i: Int) -> NDArray { node.kept[keptInputs + keptOutputs + i] }

  private var keptInputs: Int {
    let existing: UInt64 = node.inputs.count >= 64 ? .max : (1 << UInt64(node.inputs.count)) - 1
    return (node.keeps.inputs & existing).nonzeroBitCount
  }

  private var keptOutputs: Int {
    let existing: UInt64 = node.outputShapes.count >= 64 ? .max : (1 << UInt64(node.outputShapes.count)) - 1
    return (node.keeps.outputs & existing).nonzeroBitCount
  }
}
