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
