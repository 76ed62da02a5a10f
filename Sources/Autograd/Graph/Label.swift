internal import UnrollArrays

/// The mark on what a derivative is asked for: the identity, at a place in the graph of its own. On an unrecorded tensor it is a leaf;
/// on a recorded one it stands above, so that a derivative asked for further out still passes.
struct Label: Operation {
  weak let run: Run?

  func forward(_ inputs: [NDArray]) -> Values { Values(inputs) }
  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { g }
  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { t }
}

extension Tensor {
  /// The same numbers at a place of their own in the graph, under at least so many labels less one.
  func labelled(_ run: Run, watch: Watch = [], nesting: Int32 = 1) -> Tensor {
    let node = Node(
      Label(run: run), inputs: source.map { Few($0) } ?? Few(), inputShapes: nil, type: type, outputShape: shape, isLabel: true,
      nesting: nesting, watch: watch)
    return Tensor(numbers, Edge(node: node, slot: 0))
  }
}
