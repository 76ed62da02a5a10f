/// A rectangular arrangement of elements in shared storage: shape, stride of every axis, offset. What the elements are is
/// the business of the array that has the view; sizes and strides count elements.
struct View: Sendable {
  nonisolated(unsafe) var storage: Storage
  /// The first element's position in the storage.
  var offset: Int
  var shape: Shape
  /// How many elements apart neighbours along each axis lie: 0 where an axis is broadcast, negative where reversed.
  var strides: Shape

  /// Fresh contiguous storage whose elements the caller must all write.
  init(uninitialized shape: Shape, elementSize: Int) {
    let (byteCount, overflow) = shape.elementCount.multipliedReportingOverflow(by: elementSize)
    require(!overflow, "an array of shape \(shape) has more bytes than an Int counts")
    storage = Storage.with(byteCount: byteCount)
    offset = 0
    self.shape = shape
    strides = View.contiguousStrides(shape)
  }

  /// Row-major strides: the last axis is the innermost.
  static func contiguousStrides(_ shape: Shape) -> Shape {
    var strides = shape
    var step = 1
    for axis in stride(from: shape.count - 1, through: 0, by: -1) {
      strides[axis] = step
      // Wraps only beside an extent of zero, where there is no element to stride to.
      step &*= Swift.max(shape[axis], 1)
    }
    return strides
  }

  /// Whether the elements lie in row-major order without gaps.
  var isContiguous: Bool {
    if shape.count == 1 { return strides[0] == 1 || shape[0] <= 1 }
    var step = 1
    var contiguous = true
    for axis in stride(from: shape.count - 1, through: 0, by: -1) {
      if shape[axis] == 0 { return true }
      if shape[axis] != 1 && strides[axis] != step { contiguous = false }
      step &*= shape[axis]
    }
    return contiguous
  }
}
