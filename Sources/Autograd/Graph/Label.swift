internal import UnrollArrays

/// The mark on a tensor that a derivative is requested at: an identity operation with a node of its own. On an unrecorded
/// tensor it is a leaf; on a recorded one it lies above the tensor's node, so that derivatives of outer requests pass through.
struct Label: Operation {
  weak let run: Run?

  func forward(_ inputs: [NDArray]) -> Values { Values(inputs) }
  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { g }
  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { t }
}

extension Tensor {
  /// The same numbers with a new label. `nesting` is the least nesting of the label.
  func labelled(_ run: Run, watch: Watch = [], nesting: Int32 = 1) -> Tensor {
    let node = Node(
      Label(run: run), inputs: source.map { Few($0) } ?? Few(), inputShapes: nil, type: type, outputShape: shape, isLabel: true,
      nesting: nesting, watch: watch)
    return Tensor(numbers, Edge(node: node, slot: 0))
  }
}
