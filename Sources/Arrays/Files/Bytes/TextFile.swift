#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// All of a file as text; nil if there is none.
package func fileText(_ path: String) throws(ArrayFileError) -> String? {
  let file: File
  do throws(ArrayFileError) { file = try File(path) } catch {
    if error.kind == .system(ENOENT) { return nil }
    throw error
  }
  return String(decoding: try ByteSource.file(file).bytes("the text", at: 0, count: file.byteCount), as: UTF8.self)
}

/// Adds a text to the end of a file, which is made if there is none.
package func appendToFile(_ path: String, text: String) throws(ArrayFileError) {
  if path.utf8.contains(0) { throw ArrayFileError(.malformed, "the path contains a zero byte", file: path) }
  let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
  if descriptor < 0 { throw .system(errno, path) }
  defer { close(descriptor) }
  try pass(Array(text.utf8), to: { (bytes) throws(ArrayFileError) in try append(bytes, at: 0, to: descriptor, path, .system) })
}

extension ArrayFileError {
  /// The error of a text that does not follow its format.
  package init(malformed reason: String, file: String) { self.init(.malformed, reason, file: file) }
}
