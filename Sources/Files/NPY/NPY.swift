internal import UnrollArrays

/// Reads and writes npy files, NumPy's format for one array.
///
/// Versions 1 to 3, row-major and column-major, either byte order, truth values, integers, float16, float32 and float64.
/// Records, complex numbers, texts and pickled objects are not supported.
public enum NPY {
  /// Reads a file's array into memory: at most `memoryLimit` bytes, by default half of the available memory.
  ///
  ///     let x = try NPY.read("x.npy").tensor()
  ///     print(x.shape, x.type)
  public static func read(_ path: String, memoryLimit: Int? = nil) throws(ArrayFileError) -> StoredArray {
    let limit = MemoryLimit.checked(memoryLimit, "NPY.read")
    return try array(in: .file(try File(path, memoryLimit: limit)), name: nil, file: path)
  }

  /// Reads the array of a file's bytes.
  ///
  ///     print(try NPY.decode(NPY.encode(StoredArray([1, 2, 3]))).integers())  // [1, 2, 3]
  public static func decode(_ bytes: [UInt8]) throws(ArrayFileError) -> StoredArray {
    try array(in: .bytes(bytes), name: nil, file: nil)
  }

  /// Writes an array. The replacement is atomic: the path shows the old file or all of the new one, even after a crash.
  ///
  ///     try NPY.write(StoredArray([1, 2, 3, 4], shape: [2, 2]), to: "counts.npy")
  public static func write(_ array: some StoredArrayConvertible, to path: String) throws(ArrayFileError) {
    let array = array.storedArray
    try replaceFile(path) { (sink) throws(ArrayFileError) in
      try pass(NPYHeader.encode(array), to: sink)
      try pass(array, to: sink)
    }
  }

  /// The bytes that `write` would write.
  ///
  ///     print(try NPY.encode(StoredArray([true, false])).count)  // 130
  public static func encode(_ array: some StoredArrayConvertible) throws(ArrayFileError) -> [UInt8] {
    let array = array.storedArray
    var bytes = NPYHeader.encode(array)
    try pass(array) { (part) throws(ArrayFileError) in bytes += part }
    return bytes
  }

  static func array(in source: ByteSource, name: String?, file: String?) throws(ArrayFileError) -> StoredArray {
    do throws(ArrayFileError) {
      let header: NPYHeader
      do throws(ArrayFileError) {
        header = try NPYHeader(count: source.count) { (count) throws(ArrayFileError) in
          try source.bytes("an npy header", at: 0, count: count)
        }
      } catch {
        // A source that begins like an npy file is a damaged one.
        let isOfKind = (try? source.bytes("the start", at: 0, count: 1)) == [0x93]
        throw isOfKind ? error : ForeignFile.error(source) ?? error
      }
      return StoredArray(try elements(header, in: source), header.format, name: name, file: file)
    } catch {
      throw error.located(file: file, array: name)
    }
  }

  /// The numbers that follow a header, in row-major order and the machine's byte order.
  private static func elements(_ header: NPYHeader, in source: ByteSource) throws(ArrayFileError) -> View {
    let (format, shape) = (header.format, header.declared.shape)
    var view: View
    if case .block(let block) = source, header.dataOffset % 64 == 0 {
      // A zip member is in memory for this array alone, so the array keeps the block.
      view = View(block.storage, offset: header.dataOffset / format.size, shape)
    } else {
      try source.checkRoom("the data", at: header.dataOffset, count: header.declared.byteCount)
      view = View(uninitialized: shape, elementSize: format.size)
      let buffer = UnsafeMutableRawBufferPointer(start: view.storage.pointer, count: header.declared.byteCount)
      try source.read("the data", at: header.dataOffset, into: buffer)
    }
    if header.isBigEndian { swapBytes(of: view, elementSize: format.size) }
    if header.isColumnMajor && shape.count > 1 {
      let reversed = View.contiguousStrides(Shape(shape.reversed()))
      view = View(view, offset: view.offset, shape, strides: Shape(reversed.reversed())).contiguous(format.size)
    }
    return view
  }
}
