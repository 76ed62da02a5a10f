internal import UnrollArrays

/// Reverses the bytes of each number, in place. Only for a storage that nothing else references.
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
