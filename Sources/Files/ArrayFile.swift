/// A file of named arrays, which are read one by one on request.
///
/// A new format conforms to it and has a row in `ArrayFiles`: models, checkpoints and `unroll-lab inspect` read it then.
public protocol ArrayFile: Sendable {
  /// Opens a file and checks what it says about its arrays. Reading an array of more than `memoryLimit` bytes throws; the default
  /// limit is half of the available memory.
  init(_ path: String, memoryLimit: Int?) throws(ArrayFileError)

  /// The arrays' names in the order of the file.
  var names: [String] { get }

  /// Texts by name that belong to the file as a whole; empty if the format has none.
  var metadata: [String: String] { get }

  /// Where the file lies; nil for bytes in memory.
  var path: String? { get }

  /// An array of the file, whose numbers may stay there until they are read. Throws if the file has none of that name.
  func array(named name: String) throws(ArrayFileError) -> StoredArray

  /// Throws if all arrays together are too large for memory.
  func checkAll() throws(ArrayFileError)
}

extension ArrayFile {
  public var metadata: [String: String] { [:] }

  /// Reads an array into memory. Throws if the file has none of that name.
  public func read(_ name: String) throws(ArrayFileError) -> StoredArray { try array(named: name).loaded() }

  /// All arrays by name. Throws where two names differ only in their bytes.
  package func arraysByName() throws(ArrayFileError) -> [String: StoredArray] {
    try byName(names, in: path) { (name) throws(ArrayFileError) in try array(named: name) }
  }
}

/// Opens files of named arrays, whatever their format.
///
///     let file = try ArrayFiles.open("model.safetensors")
///     for name in file.names { print(name, try file.read(name).shape) }
public enum ArrayFiles {
  /// The first bytes of every file of a format, and the format's reader. The last one has no such bytes.
  private static let formats: [(start: [UInt8], reader: any ArrayFile.Type)] = [
    (Array("PK".utf8), NPZFile.self),
    ([], SafetensorsFile.self),
  ]

  /// Opens a file, whose first bytes tell the format. Reading an array of more than `memoryLimit` bytes throws; the default limit is
  /// half of the available memory.
  public static func open(_ path: String, memoryLimit: Int? = nil) throws(ArrayFileError) -> any ArrayFile {
    let limit = MemoryLimit.checked(memoryLimit, "ArrayFiles")
    let source = ByteSource.file(try File(path, memoryLimit: limit))
    let start = (try? source.bytes("the start", at: 0, count: min(source.count, 8))) ?? []
    let reader = formats.first { start.starts(with: $0.start) }?.reader ?? SafetensorsFile.self
    return try reader.init(path, memoryLimit: memoryLimit)
  }
}
