package import UnrollArrays

/// Stops at the first operation whose result is not finite, and names it.
func requireFinite(_ outputs: [NDArray], _ inputs: [Tensor], of name: String) {
  guard !outputs.allSatisfy(\.isFinite) else { return }
  let shapes = inputs.map { "\($0.shape)" }.joined(separator: ", ")
  let before = inputs.allSatisfy(\.numbers.array.isFinite) ? "from finite inputs" : "from an input that was not finite either"
  stop("checking: \(name) of shapes \(shapes) gave the first number that is not finite, in the forward pass, \(before)")
}

func requireFinite(_ cotangent: NDArray, backwardOf node: Node, input: Int) {
  guard !cotangent.isFinite else { return }
  let shapes = (0..<node.inputs.count).map { "\(node.inputShape($0))" }.joined(separator: ", ")
  stop(
    "checking: \(node.operation.name) of shapes \(shapes) gave the first number that is not finite, in the backward pass, "
      + "for its input \(input)")
}

extension NDArray {
  /// Whether no element is infinite or NaN.
  package var isFinite: Bool { count == 0 || (self * 0).sum().item == 0 }
}
