internal import UnrollKernelTemplates

/// Numbers in a rectangular arrangement, float32 or float64. A value with copy-on-write storage.
///
/// An array is a view of its storage. Transposing, slicing and broadcasting make new views and copy nothing.
package struct NDArray: Sendable {
  package var view: View
  /// float32 or float64.
  package let type: ElementType

  package init(view: View, type: ElementType) {
    self.view = view
    self.type = type
  }

  /// A contiguous array, all elements of which the caller must write.
  package init(uninitialized shape: Shape, _ type: ElementType) {
    self.init(view: View(uninitialized: shape, elementSize: type.size), type: type)
  }
}

extension NDArray {
  /// The extents, outermost first.
  package var shape: Shape { view.shape }

  /// Whether the shape is this one, compared without copying a shape.
  package func has(_ shape: Shape) -> Bool { view.shape == shape }

  /// Whether both have the same extents.
  package func hasShape(of other: NDArray) -> Bool { view.shape == other.view.shape }

  /// The number of axes.
  package var rank: Int { view.shape.count }

  /// The number of elements.
  package var count: Int { view.shape.elementCount }

  /// The kernels for this array's element type.
  var kernels: Kernels { Machine.kernels(for: type) }

  /// Calls `body` with the address of the first element; the memory is read-only and valid during the call.
  func read<R>(_ body: (UnsafeRawPointer) throws -> R) rethrows -> R {
    try withExtendedLifetime(view.storage) {
      try body(UnsafeRawPointer(view.storage.pointer) + view.offset * type.size)
    }
  }

  /// Calls `body` with the address of the first element of a new array, to fill it. Only for a storage that nothing else
  /// references; see `Storage.pointer`.
  func fill<R>(_ body: (UnsafeMutableRawPointer) throws -> R) rethrows -> R {
    try withExtendedLifetime(view.storage) { try body(view.storage.pointer + view.offset * type.size) }
  }
}
