/// A rectangular arrangement of elements in shared storage: shape, strides and offset, counted in elements. The array that owns
/// the view knows the element type.
package struct View: Sendable {
  /// Written only while it is uniquely referenced: see `Storage`.
  package nonisolated(unsafe) var storage: Storage
  /// The first element's position in the storage.
  package let offset: Int
  package let shape: Shape
  /// Nil for contiguous row-major elements, the common case: then nothing is stored, copied or compared.
  private let arrangement: Arrangement?

  private final class Arrangement: Sendable {
    let strides: Shape
    init(_ strides: Shape) { self.strides = strides }
  }

  /// Elements in row-major order without gaps.
  package init(_ storage: Storage, offset: Int = 0, _ shape: Shape) {
    self.storage = storage
    self.offset = offset
    self.shape = shape
    arrangement = nil
  }

  /// New contiguous storage, all elements of which the caller must write.
  package init(uninitialized shape: Shape, elementSize: Int) {
    let (byteCount, overflow) = shape.elementCount.multipliedReportingOverflow(by: elementSize)
    require(!overflow, "an array of shape \(shape) has more bytes than Int can count")
    self.init(Storage.with(byteCount: byteCount), shape)
  }

  /// Elements of the same storage in another arrangement.
  package init(_ view: View, offset: Int, _ shape: Shape, strides: Shape) {
    storage = view.storage
    self.offset = offset
    self.shape = shape
    arrangement = View.isRowMajor(shape, strides) ? nil : Arrangement(strides)
  }

  /// Whether the elements lie in row-major order without gaps.
  package var isContiguous: Bool { arrangement == nil }

  /// Whether another view is of the same elements of the same storage.
  package func isSame(as other: View) -> Bool {
    storage === other.storage && offset == other.offset && shape == other.shape && strides == other.strides
  }

  /// The strides, in elements: 0 where an axis is broadcast, negative where it is reversed.
  package var strides: Shape { arrangement?.strides ?? View.contiguousStrides(shape) }

  /// Row-major strides: the last axis is the innermost.
  package static func contiguousStrides(_ shape: Shape) -> Shape {
    var strides = shape
    var step = 1
    for axis in stride(from: shape.count - 1, through: 0, by: -1) {
      strides[axis] = step
      // Wraps only beside an extent of zero, where there is no element to stride to.
      step &*= Swift.max(shape[axis], 1)
    }
    return strides
  }

  private static func isRowMajor(_ shape: Shape, _ strides: Shape) -> Bool {
    var step = 1
    var isRowMajor = true
    for axis in stride(from: shape.count - 1, through: 0, by: -1) {
      if shape[axis] == 0 { return true }
      if shape[axis] != 1 && strides[axis] != step { isRowMajor = false }
      step &*= shape[axis]
    }
    return isRowMajor
  }
}
