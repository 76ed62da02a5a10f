/// A file's bytes, read a piece at a time.
package struct FileBytes: Sendable {
  private let source: ByteSource
  /// The file's path.
  package let path: String

  /// Opens a regular file without reading it.
  package init(_ path: String) throws(ArrayFileError) {
    source = .file(try File(path))
    self.path = path
  }

  /// The size of the file.
  package var count: Int { source.count }

  /// A range of bytes; `what` is its name in messages.
  package func bytes(_ what: String, at offset: Int, count: Int) throws(ArrayFileError) -> [UInt8] {
    try source.bytes(what, at: offset, count: count)
  }
}
