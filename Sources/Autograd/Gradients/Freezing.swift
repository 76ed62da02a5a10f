internal import UnrollArrays

/// Parameters that training leaves alone: no derivative is asked for by them, and no optimizer moves them.
extension Tensor {
  /// Whether this is such a parameter, or the gradient of one.
  package var isFrozen: Bool { numbers.isFrozen }

  /// The same numbers as such a parameter. Within a function that is being differentiated the request is told, so that the gradient
  /// that it gives says so too.
  package func frozen() -> Tensor {
    var edge = source
    while let node = edge?.node, let label = node.operation as? Label {
      label.run?.freeze(node)
      edge = node.inputs.count > 0 ? node.inputs[0] : nil
    }
    return Tensor(Numbers(array, isFrozen: true), nil)
  }

  /// The same numbers, frozen as another tensor is.
  package func frozen(as other: Tensor) -> Tensor {
    if other.isFrozen == isFrozen { return self }
    return Tensor(Numbers(array, isFrozen: other.isFrozen), other.isFrozen ? nil : source)
  }

  /// The same numbers as a parameter that is trained.
  package func thawed() -> Tensor { isFrozen ? Tensor(Numbers(array), source) : self }

  /// What tells this tensor from another of the same numbers, as long as it is held.
  package var box: ObjectIdentifier { ObjectIdentifier(numbers) }

  /// The same numbers in another box.
  package func reboxed() -> Tensor { Tensor(Numbers(array, isFrozen: isFrozen), source) }
}

/// One request for derivatives, alive as long as it may still be answered.
final class Run: Sendable {
  /// The labels of parameters that the function has frozen.
  private let frozen = Guarded<Set<ObjectIdentifier>>([])
  /// Where operations on what is labelled are written down, if they are.
  let log: TraceLog?

  init(log: TraceLog? = nil) { self.log = log }

  func freeze(_ label: Node) { frozen.withLock { _ = $0.insert(ObjectIdentifier(label)) } }

  /// Which of the labels are of parameters that the function has frozen.
  func frozen(_ labels: [Node]) -> [Bool] {
    frozen.withLock { frozen in frozen.isEmpty ? [] : labels.map { frozen.contains(ObjectIdentifier($0)) } }
  }
}
