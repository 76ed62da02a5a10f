/// A file's bytes, read a piece at a time.
package struct FileBytes: Sendable {
  private let source: ByteSource
  /// The file's path.
  package let path: String

  /// Opens a regular file, and reads nothing.
  package init(_ path: String) throws(ArrayFileError) {
    source = .file(try File(path))
    self.path = path
  }

  /// How many bytes there are.
  package var count: Int { source.count }

  /// Some bytes; `what` is what messages call them.
  package func bytes(_ what: String, at offset: Int, count: Int) throws(ArrayFileError) -> [UInt8] {
    try source.bytes(what, at: offset, count: count)
  }
}
