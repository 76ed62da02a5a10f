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

/// Recognises other formats that are often mistaken for array files by their first bytes, so that a message says what a file
/// is, not only what it is not.
enum ForeignFile {
  /// The first bytes of a format, and its name.
  private static let kinds: [(start: [UInt8], name: String)] = [
    ([0x93] + Array("NUMPY".utf8), "an npy file, which NPY reads"),
    ([0x89] + Array("HDF".utf8), "an HDF5 file, as Keras writes them; save its weights as safetensors"),
    ([0x80, 2], pickle), ([0x80, 3], pickle), ([0x80, 4], pickle), ([0x80, 5], pickle),
  ]
  private static let zip: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
  private static let pickle = "a Python pickle, as old PyTorch files are; save its tensors as safetensors"
  private static let torch = "a PyTorch file, a zip of pickled objects; save its tensors as safetensors"

  /// The error of reading a file of another format; nil where the format is unknown.
  static func error(_ source: ByteSource) -> ArrayFileError? {
    guard let start = try? source.bytes("the start", at: 0, count: min(source.count, 9)) else { return nil }
    // This is a safetensors header, whose first eight bytes, its length, may be anything.
    if start.count == 9 && start[8] == UInt8(ascii: "{") { return nil }
    let name = start.starts(with: zip) ? zipName(source) : kinds.first { start.starts(with: $0.start) }?.name
    return name.map { ArrayFileError(.unsupported, "this is \($0)", at: 0) }
  }

  /// The error of a zip file with PyTorch objects and no arrays.
  static func error(_ directory: ZipDirectory) -> ArrayFileError? {
    isTorch(directory) ? ArrayFileError(.unsupported, "this is \(torch)") : nil
  }

  private static func isTorch(_ directory: ZipDirectory) -> Bool {
    directory.members.contains { $0.name.utf8.suffix(8).elementsEqual("data.pkl".utf8) }
  }

  private static func zipName(_ source: ByteSource) -> String {
    guard let directory = try? ZipDirectory(source) else { return "a zip file, or the beginning of one" }
    if isTorch(directory) { return torch }
    let hasArrays = directory.members.contains { $0.name.utf8.suffix(4).elementsEqual(".npy".utf8) }
    return hasArrays ? "an npz file, which NPZ reads" : "a zip file"
  }
}
