internal import UnrollArrays

/// Frozen parameters: no derivative is requested for them, and no optimizer changes them.
extension Tensor {
  /// Whether this is a frozen parameter, or the gradient of one.
  package var isFrozen: Bool { numbers.isFrozen }

  /// The same numbers as a frozen parameter. Within a differentiated function the request is informed too, so that the gradient
  /// is marked as frozen.
  package func frozen() -> Tensor {
    var edge = source
    while let node = edge?.node, let label = node.operation as? Label {
      label.run?.freeze(node)
      edge = node.inputs.count > 0 ? node.inputs[0] : nil
    }
    return Tensor(Numbers(array, isFrozen: true), nil)
  }

  /// The same numbers, frozen if another tensor is.
  package func frozen(as other: Tensor) -> Tensor {
    if other.isFrozen == isFrozen { return self }
    return Tensor(Numbers(array, isFrozen: other.isFrozen), other.isFrozen ? nil : source)
  }

  /// The same numbers as a trainable parameter.
  package func thawed() -> Tensor { isFrozen ? Tensor(Numbers(array), source) : self }

  /// The identity of the tensor's box, which distinguishes it from others with the same numbers while it is held.
  package var box: ObjectIdentifier { ObjectIdentifier(numbers) }

  /// The same numbers in a new box.
  package func reboxed() -> Tensor { Tensor(Numbers(array, isFrozen: isFrozen), source) }
}

/// One request for derivatives, alive as long as it may be answered.
final class Run: Sendable {
  /// The labels of parameters that the function has frozen.
  private let frozen = Guarded<Set<ObjectIdentifier>>([])
  /// The log of operations on labelled tensors, if they are traced.
  let log: TraceLog?

  init(log: TraceLog? = nil) { self.log = log }

  func freeze(_ label: Node) { frozen.withLock { _ = $0.insert(ObjectIdentifier(label)) } }

  /// Whether each label belongs to a parameter that the function has frozen.
  func frozen(_ labels: [Node]) -> [Bool] {
    frozen.withLock { frozen in frozen.isEmpty ? [] : labels.map { frozen.contains(ObjectIdentifier($0)) } }
  }
}
