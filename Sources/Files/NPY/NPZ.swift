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

/// An npz file, NumPy's zip of npy files. Its directory has been read and checked; its arrays are read one by one on request.
///
///     let file = try NPZFile("arrays.npz")
///     for name in file.names { print(name, try file.read(name).shape) }
public struct NPZFile: ArrayFile {
  /// The arrays' names in the order of the directory. Zip members whose names do not end in .npy are left out.
  public let names: [String]
  private let members: [ByteKey: ZipDirectory.Member]
  private let source: ByteSource
  private let memoryLimit: Int

  /// Opens a file and reads its directory. The file stays open as long as this value lives. Reading an array of more than
  /// `memoryLimit` bytes throws; the default limit is half of the available memory.
  public init(_ path: String, memoryLimit: Int? = nil) throws(ArrayFileError) {
    let limit = MemoryLimit.checked(memoryLimit, "NPZFile")
    try self.init(ByteSource.file(try File(path, memoryLimit: limit)), limit)
  }

  /// Reads the directory of a file's bytes.
  ///
  ///     let file = try NPZFile(bytes: try NPZ.encode(["ids": StoredArray([1, 2])]))
  ///     print(file.names)  // ["ids"]
  public init(bytes: [UInt8], memoryLimit: Int? = nil) throws(ArrayFileError) {
    try self.init(ByteSource.bytes(bytes), MemoryLimit.checked(memoryLimit, "NPZFile"))
  }

  private init(_ source: ByteSource, _ memoryLimit: Int) throws(ArrayFileError) {
    self.source = source
    self.memoryLimit = memoryLimit
    let directory: ZipDirectory
    do throws(ArrayFileError) { directory = try ZipDirectory(source) } catch { throw error.located(file: source.path) }
    var names: [String] = []
    var members: [ByteKey: ZipDirectory.Member] = [:]
    for member in directory.members where member.name.utf8.suffix(4).elementsEqual(".npy".utf8) {
      let name = String(decoding: member.name.utf8.dropLast(4), as: UTF8.self)
      names.append(name)
      members[ByteKey(name)] = member
    }
    if names.isEmpty, let error = ForeignFile.error(directory) { throw error.located(file: source.path) }
    self.names = names
    self.members = members
  }

  /// Reads an array into memory and compares its checksum. Throws if the file has no array of that name.
  public func array(named name: String) throws(ArrayFileError) -> StoredArray {
    guard let member = members[ByteKey(name)] else { throw .missing(name, among: names, source.path) }
    do throws(ArrayFileError) {
      let content = try content(of: member)
      do throws(ArrayFileError) {
        return try NPY.array(in: .block(content), name: name, file: source.path)
      } catch {
        throw error.located(shift: member.dataOffset)
      }
    } catch {
      throw error.located(file: source.path, array: name)
    }
  }

  public var path: String? { source.path }

  public func checkAll() throws(ArrayFileError) {
    var total = 0
    for name in names {
      let (sum, overflow) = total.addingReportingOverflow(members[ByteKey(name)]?.count ?? 0)
      total = overflow ? Int.max : sum
    }
    do throws(ArrayFileError) { try MemoryLimit.check("all arrays together", total, within: memoryLimit) } catch {
      throw error.located(file: path)
    }
  }

  private func content(of member: ZipDirectory.Member) throws(ArrayFileError) -> Block {
    try MemoryLimit.check("the content of a zip member", member.count, within: memoryLimit, at: member.dataOffset)
    let stored = try source.block("a zip member", at: member.dataOffset, count: member.storedCount)
    let content = member.isDeflated ? try inflated(stored, member) : stored
    let checksum = withExtendedLifetime(content) { CRC32.checksum(UnsafeRawBufferPointer(content.bytes)) }
    if checksum != member.checksum {
      throw ArrayFileError(.inconsistent, "the content's checksum is not the one in the zip directory", at: member.dataOffset)
    }
    return content
  }

  /// Inflates a member. The array's own header, inflated first, must agree with the size that the zip declares: a file that
  /// lies about either gets no memory.
  private func inflated(_ stored: Block, _ member: ZipDirectory.Member) throws(ArrayFileError) -> Block {
    do throws(ArrayFileError) {
      _ = try NPYHeader(count: member.count) { (count) throws(ArrayFileError) in
        if count > member.count { throw ArrayFileError(.truncated, "\(member.count) bytes are not a whole npy file") }
        return try Inflate.prefix(of: stored, count: count)
      }
    } catch {
      // Offsets in the inflated content are not offsets in the file.
      throw ArrayFileError(error.kind, error.reason, at: member.dataOffset)
    }
    do throws(ArrayFileError) {
      return try Inflate.inflate(stored, count: member.count)
    } catch {
      throw error.located(shift: member.dataOffset)
    }
  }
}
