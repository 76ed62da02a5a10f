#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// All bytes of a file; nil if it does not exist.
package func fileBytes(_ path: String) throws(ArrayFileError) -> [UInt8]? {
  let file: File
  do throws(ArrayFileError) { file = try File(path) } catch {
    if error.kind == .system(ENOENT) { return nil }
    throw error
  }
  return try ByteSource.file(file).bytes("the text", at: 0, count: file.byteCount)
}

/// Appends lines to a file, which is created if it does not exist: all of them, or, where that fails, nothing. Throws if the
/// last line in the file has no line ending, since the first new line would continue it.
package func appendToFile(_ path: String, text: String) throws(ArrayFileError) {
  if path.utf8.contains(0) { throw ArrayFileError(.malformed, "the path contains a zero byte", file: path) }
  let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
  if descriptor < 0 { throw .system(errno, path) }
  defer { close(descriptor) }
  var status = stat()
  let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  var last: UInt8 = 0
  if isFile && status.st_size > 0 && pread(descriptor, &last, 1, status.st_size - 1) == 1 && last != UInt8(ascii: "\n") {
    throw ArrayFileError(
      .malformed, "the last line has no line ending, so nothing can be appended", at: Int(status.st_size), file: path)
  }
  do throws(ArrayFileError) {
    try pass(
      Array(text.utf8),
      to: { (bytes) throws(ArrayFileError) in try append(bytes, at: Int(status.st_size), to: descriptor, path, .system) })
  } catch {
    if isFile { _ = ftruncate(descriptor, status.st_size) }
    throw error
  }
}

extension ArrayFileError {
  /// The error of a text that violates its format.
  package init(malformed reason: String, file: String) { self.init(.malformed, reason, file: file) }
}
