/// An array's elements in row-major order without gaps: its own where they lie so, else a copy.
func contiguousElements(of array: NDArray) -> View {
  array.view.isContiguous ? array.view : rowMajorCopy(of: array.view, elementSize: array.type.size)
}

/// A copy of a view's elements in row-major order.
func rowMajorCopy(of view: View, elementSize: Int) -> View {
  switch elementSize {
  case 1: rowMajorCopy(of: view, UInt8.self)
  case 2: rowMajorCopy(of: view, UInt16.self)
  case 4: rowMajorCopy(of: view, UInt32.self)
  default: rowMajorCopy(of: view, UInt64.self)
  }
}

private func rowMajorCopy<Bits>(of view: View, _ type: Bits.Type) -> View {
  let copy = View(uninitialized: view.shape, elementSize: MemoryLayout<Bits>.size)
  let count = view.shape.elementCount
  let axes = Array(view.shape.indices.reversed())
  var index = Shape(repeating: 0, count: view.shape.count)
  withExtendedLifetime(view.storage) {
    let source = view.storage.pointer.assumingMemoryBound(to: type)
    let target = copy.storage.pointer.assumingMemoryBound(to: type)
    var position = view.offset
    for element in 0..<count {
      target[element] = source[position]
      for axis in axes {
        index[axis] += 1
        position += view.strides[axis]
        if index[axis] < view.shape[axis] { break }
        position -= view.strides[axis] * view.shape[axis]
        index[axis] = 0
      }
    }
  }
  return copy
}

/// Turns the bytes of each number round, in place. Only for storage that nobody else has seen.
func swapBytes(of view: View, elementSize: Int) {
  let bytes = UnsafeMutableRawBufferPointer(
    start: view.storage.pointer + view.offset * elementSize, count: view.shape.elementCount * elementSize)
  switch elementSize {
  case 2: for index in bytes.bindMemory(to: UInt16.self).indices { swap(bytes, index, UInt16.self) }
  case 4: for index in bytes.bindMemory(to: UInt32.self).indices { swap(bytes, index, UInt32.self) }
  case 8: for index in bytes.bindMemory(to: UInt64.self).indices { swap(bytes, index, UInt64.self) }
  default: break
  }
}

private func swap<Bits: FixedWidthInteger>(_ bytes: UnsafeMutableRawBufferPointer, _ index: Int, _ type: Bits.Type) {
  let offset = index * MemoryLayout<Bits>.size
  bytes.storeBytes(of: bytes.load(fromByteOffset: offset, as: type).byteSwapped, toByteOffset: offset, as: type)
}
