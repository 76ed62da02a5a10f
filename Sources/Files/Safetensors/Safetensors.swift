internal import UnrollArrays

/// Reads and writes safetensors files, the format in which PyTorch and many other frameworks share weights.
///
/// float16 and bfloat16 widen to float32 when read; F8, F4 and complex types are not supported.
public enum Safetensors {
  /// Reads all tensors of a file into memory: at most `memoryLimit` bytes together, by default half of the available memory.
  /// `SafetensorsFile` reads them one by one and keeps their order.
  ///
  ///     let tensors = try Safetensors.read("model.safetensors")
  ///     if let ids = try tensors["ids"]?.integers() { print(ids) }
  public static func read(_ path: String, memoryLimit: Int? = nil) throws(ArrayFileError) -> [String: StoredArray] {
    try all(SafetensorsFile(path, memoryLimit: memoryLimit))
  }

  /// Reads all tensors of a file's bytes.
  ///
  ///     let bytes = try Safetensors.encode(["ids": StoredArray([1, 2])])
  ///     print(try Safetensors.decode(bytes).keys)
  public static func decode(_ bytes: [UInt8]) throws(ArrayFileError) -> [String: StoredArray] {
    try all(SafetensorsFile(bytes: bytes))
  }

  /// Writes arrays under their names, with texts as metadata. The replacement is atomic: the path shows the old file or all of
  /// the new one, even after a crash.
  ///
  ///     let tensors = try Safetensors.read("model.safetensors")
  ///     try Safetensors.write(tensors, metadata: ["format": "pt"], to: "copy.safetensors")
  public static func write(
    _ arrays: [String: any StoredArrayConvertible], metadata: [String: String] = [:], to path: String
  ) throws(ArrayFileError) {
    try write(arrays, metadata: metadata, to: path, on: .system)
  }

  /// The same through the given system calls.
  package static func write(
    _ arrays: [String: any StoredArrayConvertible], metadata: [String: String], to path: String, on system: FileSystem
  ) throws(ArrayFileError) {
    let writer = SafetensorsWriter(arrays, metadata)
    try replaceFile(path, on: system) { (sink) throws(ArrayFileError) in try writer.write(to: sink) }
  }

  /// The bytes that `write` would write.
  ///
  ///     let bytes = try Safetensors.encode(["mask": StoredArray([true, false])])
  ///     print(bytes.count)
  public static func encode(
    _ arrays: [String: any StoredArrayConvertible], metadata: [String: String] = [:]
  ) throws(ArrayFileError) -> [UInt8] {
    var bytes: [UInt8] = []
    try SafetensorsWriter(arrays, metadata).write { (part) throws(ArrayFileError) in bytes += part }
    return bytes
  }

  private static func all(_ file: SafetensorsFile) throws(ArrayFileError) -> [String: StoredArray] {
    try file.checkAll()
    return try byName(file.names, in: file.path) { (name) throws(ArrayFileError) in try file.read(name) }
  }
}

/// Lays out a safetensors file like the reference implementation: wide numbers first, so that all are aligned, then by name;
/// the header is padded with spaces to a multiple of eight.
private struct SafetensorsWriter {
  private let arrays: [(name: String, array: StoredArray)]
  private let metadata: [String: String]

  init(_ arrays: [String: any StoredArrayConvertible], _ metadata: [String: String]) {
    require(arrays["__metadata__"] == nil, "Safetensors.write: no array may be called \"__metadata__\"; use metadata:")
    self.arrays = arrays.map { ($0.key, $0.value.storedArray) }
      .sorted {
        $0.1.format.safetensorsRank != $1.1.format.safetensorsRank
          ? $0.1.format.safetensorsRank > $1.1.format.safetensorsRank : $0.0.utf8.lexicographicallyPrecedes($1.0.utf8)
      }
    self.metadata = metadata
  }

  func write(to sink: ByteSink) throws(ArrayFileError) {
    var header = headerText()
    header += [UInt8](repeating: UInt8(ascii: " "), count: -header.count & 7)
    require(
      header.count <= SafetensorsHeader.maximumByteCount,
      "Safetensors.write: the header would take \(header.count) bytes, more than readers allow")
    var start: [UInt8] = []
    start.append(littleEndian: UInt64(header.count))
    try pass(start + header, to: sink)
    for (_, array) in arrays { try pass(array, to: sink) }
  }

  private func headerText() -> [UInt8] {
    var text: [UInt8] = [UInt8(ascii: "{")]
    var separator = ""
    if !metadata.isEmpty {
      text += "\"__metadata__\":{".utf8
      for (key, value) in metadata.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
        text += separator.utf8
        text.append(jsonString: key)
        text.append(UInt8(ascii: ":"))
        text.append(jsonString: value)
        separator = ","
      }
      text.append(UInt8(ascii: "}"))
      separator = ","
    }
    var offset = 0
    for (name, array) in arrays {
      let end = offset + array.byteCount
      text += separator.utf8
      text.append(jsonString: name)
      let shape = array.shape.map(String.init).joined(separator: ",")
      text += ":{\"dtype\":\"\(array.format.safetensorsName)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}".utf8
      offset = end
      separator = ","
    }
    text.append(UInt8(ascii: "}"))
    return text
  }
}

extension ElementFormat {
  /// The reference implementation's order of number types.
  fileprivate var safetensorsRank: Int {
    let order: [ElementFormat] = [
      .bool, .uint8, .int8, .int16, .uint16, .float16, .bfloat16, .int32, .uint32, .float32, .float64, .int64, .uint64,
    ]
    return order.firstIndex(of: self) ?? 0
  }
}

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
