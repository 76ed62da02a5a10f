internal import UnrollKernelTemplates

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
