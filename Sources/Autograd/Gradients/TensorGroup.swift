public import UnrollArrays

/// A value made of tensors: a parameter or a result of a differentiated closure.
///
/// Tensors, and optionals, arrays and dictionaries of such values; also plain numbers, which contain none.
public protocol TensorGroup: Sendable {
  /// Passes every tensor to the closure, always in the same order.
  mutating func visitTensors(_ visit: (inout Tensor) -> Void)
}

extension Tensor: TensorGroup {
  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) { visit(&self) }
}

extension Array: TensorGroup where Element: TensorGroup {
  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    for i in indices { self[i].visitTensors(visit) }
  }
}

extension Optional: TensorGroup where Wrapped: TensorGroup {
  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) { self?.visitTensors(visit) }
}

extension Dictionary: TensorGroup where Key: Comparable, Value: TensorGroup {
  /// In the order of the keys.
  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    for key in keys.sorted() { self[key]?.visitTensors(visit) }
  }
}

extension TensorGroup {
  /// The default for values without tensors.
  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) {}

  /// All tensors in order.
  package var tensors: [Tensor] {
    var copy = self
    var all: [Tensor] = []
    copy.visitTensors { all.append($0) }
    return all
  }

  /// The same value with other tensors, in order.
  package func replacingTensors(_ tensors: [Tensor]) -> Self {
    var copy = self
    var next = tensors.makeIterator()
    copy.visitTensors { tensor in
      guard let replacement = next.next() else { stop("visitTensors: a second visit found more tensors than the first") }
      tensor = replacement
    }
    return copy
  }

  /// The same value with its tensors changed one by one.
  ///
  ///     let pair = [Tensor(1), Tensor(2)]
  ///     print(pair.mappingTensors { $0 * 10 })  // 10 and 20
  public func mappingTensors(_ transform: (Tensor) -> Tensor) -> Self {
    var copy = self
    copy.visitTensors { $0 = transform($0) }
    return copy
  }
}

extension Int: TensorGroup {}
extension Bool: TensorGroup {}
extension Float: TensorGroup {}
extension Double: TensorGroup {}
extension String: TensorGroup {}
extension NDArray: TensorGroup {}
extension Indices: TensorGroup {}
extension Mask: TensorGroup {}
extension Generator: TensorGroup {}
