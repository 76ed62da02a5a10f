/// A safetensors file. Its header has been read and checked; its tensors are read one by one on request.
///
///     let file = try SafetensorsFile("model.safetensors")
///     for name in file.names { print(name, file[name]?.shape ?? []) }
///     let weight = try file.read("lstm.weight_ih_l0").tensor()
///     print(weight.shape)
public struct SafetensorsFile: ArrayFile {
  /// The tensors' names in the order of the header.
  public let names: [String]
  /// The texts under `__metadata__`.
  public let metadata: [String: String]
  private let arrays: [ByteKey: StoredArray]
  private let source: ByteSource
  public var path: String? { source.path }

  /// Opens a file and reads its header. The file stays open as long as this value, or an unread array of it, lives. Reading a
  /// tensor of more than `memoryLimit` bytes throws; the default limit is half of the available memory.
  public init(_ path: String, memoryLimit: Int? = nil) throws(ArrayFileError) {
    let limit = MemoryLimit.checked(memoryLimit, "SafetensorsFile")
    try self.init(ByteSource.file(try File(path, memoryLimit: limit)))
  }

  /// Reads the header of a file's bytes.
  ///
  ///     let file = try SafetensorsFile(bytes: try Safetensors.encode(["ids": StoredArray([1, 2])]))
  ///     print(file.names)  // ["ids"]
  public init(bytes: [UInt8]) throws(ArrayFileError) {
    try self.init(ByteSource.bytes(bytes))
  }

  private init(_ source: ByteSource) throws(ArrayFileError) {
    let header: SafetensorsHeader
    do throws(ArrayFileError) { header = try SafetensorsHeader(source) } catch { throw error.located(file: source.path) }
    self.source = source
    metadata = header.metadata
    names = header.entries.map(\.name)
    var arrays: [ByteKey: StoredArray] = [:]
    for entry in header.entries {
      arrays[ByteKey(entry.name)] = StoredArray(entry.declared, entry.format, name: entry.name, in: source, at: entry.offset)
    }
    self.arrays = arrays
  }

  /// A tensor that stays in the file until its numbers are read; nil if the file has none of that name.
  public subscript(name: String) -> StoredArray? { arrays[ByteKey(name)] }

  public func array(named name: String) throws(ArrayFileError) -> StoredArray {
    guard let array = self[name] else { throw .missing(name, among: names, path) }
    return array
  }

  public func checkAll() throws(ArrayFileError) {
    let total = arrays.values.reduce(0) { $0 + $1.byteCount }
    do throws(ArrayFileError) { try MemoryLimit.check("all tensors together", total, within: source.memoryLimit) } catch {
      throw error.located(file: path)
    }
  }
}

extension ArrayFileError {
  /// The error of requesting an array that the file does not have.
  static func missing(_ name: String, among names: [String], _ path: String?) -> ArrayFileError {
    let some = names.prefix(8).map(quoted).joined(separator: ", ")
    let list = names.isEmpty ? "the file has none" : "the file has " + some + (names.count > 8 ? ", …" : "")
    return ArrayFileError(.missing, "no array of this name: \(list)", array: name, file: path)
  }
}
