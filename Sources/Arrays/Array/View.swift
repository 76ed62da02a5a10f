internal import UnrollKernelTemplates

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

  /// Whether another view is of the same storage.
  package func sharesStorage(with other: View) -> Bool { storage === other.storage }

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

extension View {
  /// Calls `body` with the address of the first element, for reading.
  func read<R>(_ size: Int, _ body: (UnsafeRawPointer) throws -> R) rethrows -> R {
    try withExtendedLifetime(storage) { try body(UnsafeRawPointer(storage.pointer) + offset * size) }
  }

  /// Calls `body` with the address of the first element, for writing to a storage that nothing else references; see
  /// `Storage.pointer`.
  func fill<R>(_ size: Int, _ body: (UnsafeMutableRawPointer) throws -> R) rethrows -> R {
    try withExtendedLifetime(storage) { try body(storage.pointer + offset * size) }
  }

  /// The same elements in row-major order: this view if it is contiguous, a copy otherwise.
  package func contiguous(_ size: Int) -> View {
    if isContiguous { return self }
    let copy = View(uninitialized: shape, elementSize: size)
    copy.take(from: self, size)
    return copy
  }

  /// Copies another view of the same shape into this one, whose storage must be uniquely referenced.
  func take(from source: View, _ size: Int) {
    let loop = StridedLoop<2>(shape, [source.strides, strides])
    if loop.isEmpty { return }
    source.read(size) { x in
      fill(size) { y in
        if loop.shape.count == 0 { return y.copyMemory(from: x, byteCount: size) }
        if loop.shape.count == 1 && loop.strides[0] == [1] && loop.strides[1] == [1] {
          return parallel(loop.shape[0], grain: 1 << 18) { run in
            (y + run.lowerBound * size).copyMemory(from: x + run.lowerBound * size, byteCount: run.count * size)
          }
        }
        Plane(loop).copy(x, y, size)
      }
    }
  }

  /// The last two axes of a loop, and the way to copy them.
  private struct Plane {
    let loop: StridedLoop<2>
    let rows: Int
    let columns: Int
    let row: (Int, Int)
    let column: (Int, Int)

    init(_ loop: StridedLoop<2>) {
      self.loop = loop
      let last = loop.shape.count - 1
      columns = loop.shape[last]
      column = (loop.strides[0][last], loop.strides[1][last])
      rows = last > 0 ? loop.shape[last - 1] : 1
      row = last > 0 ? (loop.strides[0][last - 1], loop.strides[1][last - 1]) : (0, 0)
    }

    func copy(_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ size: Int) {
      loop.forEach(inner: 2) { offsets in
        let x = x + offsets[0] * size
        let y = y + offsets[1] * size
        parallel(rows, grain: max(16, (1 << 18) / columns / 16 * 16)) { part in
          let source = x + part.lowerBound * row.0 * size
          let target = y + part.lowerBound * row.1 * size
          copyRows(source, target, part.count, size)
        }
      }
    }

    private func copyRows(_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ rows: Int, _ size: Int) {
      switch size {
      case 4: Machine.table.float32.movement.copyPlane(x, row.0, column.0, y, row.1, column.1, rows, columns)
      case 8: Machine.table.float64.movement.copyPlane(x, row.0, column.0, y, row.1, column.1, rows, columns)
      case 2: copyEach(x.assumingMemoryBound(to: UInt16.self), y.assumingMemoryBound(to: UInt16.self), rows)
      default: copyEach(x.assumingMemoryBound(to: UInt8.self), y.assumingMemoryBound(to: UInt8.self), rows)
      }
    }

    private func copyEach<Bits>(_ x: UnsafePointer<Bits>, _ y: UnsafeMutablePointer<Bits>, _ rows: Int) {
      for i in 0..<rows {
        for j in 0..<columns { y[i * row.1 + j * column.1] = x[i * row.0 + j * column.0] }
      }
    }
  }
}

/// A loop over the positions of a shape for several arrays at once, each with its own strides. Axes of extent one are dropped,
/// and axes that are contiguous in every array are merged, so that the remaining runs are as few and as long as possible.
struct StridedLoop<let arrays: Int> {
  /// The extents that remain, outermost first; none for a single position.
  private(set) var shape: Shape = []
  /// The strides of each array along the remaining axes, in elements.
  private(set) var strides: InlineArray<arrays, Shape>
  private(set) var isEmpty = false

  init(_ shape: Shape, _ strides: InlineArray<arrays, Shape>) {
    self.strides = InlineArray(repeating: [])
    for axis in shape.indices where shape[axis] != 1 {
      isEmpty = isEmpty || shape[axis] == 0
      let last = self.shape.count - 1
      if last >= 0 && follows(axis, of: strides, extent: shape[axis]) {
        self.shape[last] *= shape[axis]
        for array in 0..<arrays { self.strides[array][last] = strides[array][axis] }
      } else {
        self.shape.append(shape[axis])
        for array in 0..<arrays { self.strides[array].append(strides[array][axis]) }
      }
    }
  }

  /// Whether one step along the last axis kept so far is `extent` steps along this one, in every array.
  private func follows(_ axis: Int, of strides: InlineArray<arrays, Shape>, extent: Int) -> Bool {
    let last = shape.count - 1
    for array in 0..<arrays where self.strides[array][last] != strides[array][axis] * extent { return false }
    return true
  }

  /// Calls `body` with every array's offset at each position of all but the last `inner` axes.
  func forEach(inner: Int, _ body: (InlineArray<arrays, Int>) -> Void) {
    if isEmpty { return }
    let outer = max(0, shape.count - inner)
    var position = Shape(repeating: 0, count: outer)
    var offsets = InlineArray<arrays, Int>(repeating: 0)
    while true {
      body(offsets)
      var axis = outer - 1
      while axis >= 0 {
        position[axis] += 1
        for array in 0..<arrays { offsets[array] += strides[array][axis] }
        if position[axis] < shape[axis] { break }
        for array in 0..<arrays { offsets[array] -= strides[array][axis] * shape[axis] }
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
