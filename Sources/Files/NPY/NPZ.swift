internal import UnrollArrays

/// Reads and writes npz files, NumPy's format for several arrays under names: a zip of npy files.
public enum NPZ {
  /// Reads all arrays of a file into memory. `NPZFile` reads them one by one and keeps their order.
  ///
  /// A small compressed file can expand to far more: arrays of more than `memoryLimit` bytes together throw before any is read.
  /// The default limit is half of the available memory.
  ///
  ///     let arrays = try NPZ.read("arrays.npz")
  ///     if let ids = try arrays["ids"]?.integers() { print(ids) }
  public static func read(_ path: String, memoryLimit: Int? = nil) throws(ArrayFileError) -> [String: StoredArray] {
    try all(NPZFile(path, memoryLimit: memoryLimit))
  }

  /// Reads all arrays of a file's bytes.
  ///
  ///     let bytes = try NPZ.encode(["ids": StoredArray([1, 2])])
  ///     print(try NPZ.decode(bytes).keys)
  public static func decode(_ bytes: [UInt8], memoryLimit: Int? = nil) throws(ArrayFileError) -> [String: StoredArray] {
    try all(NPZFile(bytes: bytes, memoryLimit: memoryLimit))
  }

  /// Writes arrays under their names, sorted by name; `compressed` deflates those that become smaller. The replacement is
  /// atomic: the path shows the old file or all of the new one, even after a crash.
  ///
  ///     try NPZ.write(["ids": StoredArray([3, 1]), "mask": StoredArray([true, false])], to: "batch.npz", compressed: true)
  public static func write(
    _ arrays: [String: any StoredArrayConvertible], to path: String, compressed: Bool = false
  ) throws(ArrayFileError) {
    try replaceFile(path) { (sink) throws(ArrayFileError) in try write(arrays, compressed, to: sink) }
  }

  /// The bytes that `write` would write.
  ///
  ///     let bytes = try NPZ.encode(["ids": StoredArray([3, 1])])
  ///     print(bytes.count)
  public static func encode(
    _ arrays: [String: any StoredArrayConvertible], compressed: Bool = false
  ) throws(ArrayFileError) -> [UInt8] {
    var bytes: [UInt8] = []
    try write(arrays, compressed) { (part) throws(ArrayFileError) in bytes += part }
    return bytes
  }

  private static func all(_ file: NPZFile) throws(ArrayFileError) -> [String: StoredArray] {
    try file.checkAll()
    return try byName(file.names, in: file.path) { (name) throws(ArrayFileError) in try file.read(name) }
  }

  private static func write(
    _ arrays: [String: any StoredArrayConvertible], _ compressed: Bool, to sink: ByteSink
  ) throws(ArrayFileError) {
    var writer = ZipWriter()
    for (name, value) in arrays.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      require(name.utf8.count <= 65_000, "NPZ.write: the name \(quoted(name)) is longer than a zip file allows")
      let array = value.storedArray
      let view = try array.elements()
      defer { withExtendedLifetime(view.storage) {} }
      let header = NPYHeader.encode(array)
      let start = Block(byteCount: header.count)
      defer { withExtendedLifetime(start) {} }
      start.bytes.copyBytes(from: header)
      let parts = [
        UnsafeRawBufferPointer(start.bytes),
        UnsafeRawBufferPointer(start: view.storage.pointer + view.offset * array.format.size, count: array.byteCount),
      ]
      try writer.add(name + ".npy", parts, compressed: compressed, to: sink)
    }
    try writer.finish(to: sink)
  }
}
