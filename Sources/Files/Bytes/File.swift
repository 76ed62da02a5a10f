#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(WASILibc)
  import WASILibc
#endif

/// A regular file, open for reading at any position. It is closed with its last reference.
final class File: Sendable {
  let path: String
  let byteCount: Int
  /// The most bytes of memory that one read of the file may take.
  let memoryLimit: Int
  private let descriptor: Int32

  init(_ path: String, memoryLimit: Int = MemoryLimit.standard) throws(ArrayFileError) {
    self.memoryLimit = memoryLimit
    if path.utf8.contains(0) { throw ArrayFileError(.malformed, "the path contains a zero byte", file: path) }
    // Without O_NONBLOCK, opening a named pipe would wait for its writer. It has no effect on regular files.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 { throw .system(errno, path) }
    self.path = path
    var status = stat()
    if fstat(descriptor, &status) != 0 {
      byteCount = 0  // Only what is complete has a `deinit`, which closes.
      throw .system(errno, path)
    }
    byteCount = Int(status.st_size)
    if status.st_mode & S_IFMT != S_IFREG { throw ArrayFileError(.unsupported, "not a regular file", file: path) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Fills the buffer with the bytes from `offset` on, in as many calls as that takes.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ArrayFileError) {
    guard let base = buffer.baseAddress else { return }
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, base + done, buffer.count - done, off_t(offset + done))
      if count > 0 {
        done += count
      } else if count == 0 {
        throw ArrayFileError(.truncated, "the file is shorter than when it was opened", at: offset + done, file: path)
      } else if errno != EINTR {
        throw .system(errno, path, at: offset + done)
      }
    }
  }
}

extension ArrayFileError {
  /// The error with this code of the operating system.
  static func system(_ code: Int32, _ path: String, at offset: Int? = nil) -> ArrayFileError {
    let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return ArrayFileError(.system(code), reason, at: offset, file: path)
  }
}

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
  try appendToFile(path, Array(text.utf8), areLines: true)
}

/// Appends bytes to a file, which is created if it does not exist: all of them, or, where that fails, nothing.
package func appendToFile(_ path: String, bytes: [UInt8]) throws(ArrayFileError) {
  try appendToFile(path, bytes, areLines: false)
}

private func appendToFile(_ path: String, _ bytes: [UInt8], areLines: Bool) throws(ArrayFileError) {
  if path.utf8.contains(0) { throw ArrayFileError(.malformed, "the path contains a zero byte", file: path) }
  let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
  if descriptor < 0 { throw .system(errno, path) }
  defer { close(descriptor) }
  var status = stat()
  let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  var last: UInt8 = 0
  if areLines && isFile && status.st_size > 0 && pread(descriptor, &last, 1, status.st_size - 1) == 1
    && last != UInt8(ascii: "\n")
  {
    throw ArrayFileError(
      .malformed, "the last line has no line ending, so nothing can be appended", at: Int(status.st_size), file: path)
  }
  do throws(ArrayFileError) {
    try pass(
      bytes,
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

/// A file that is being written, in the folder of the file that it will replace. Its writer holds a lock, which the operating
/// system releases when the process ends in any way: a temporary file without a lock is abandoned.
enum TemporaryFile {
  private static let (prefix, suffix) = (".unroll-", ".tmp")

  /// Creates a file in a folder, locked where the file system supports locks, and returns its path too.
  static func create(
    for path: String, in folder: String, on system: FileSystem
  ) throws(ArrayFileError) -> (path: String, descriptor: Int32) {
    while true {
      let temporary = folder + prefix + String(UInt64.random(in: 0 ... .max), radix: 16) + suffix
      let descriptor = system.create(temporary)
      if descriptor < 0 { throw .system(errno, path) }
      while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
      // Another writer may have removed the file as abandoned before it was locked.
      var status = stat()
      if fstat(descriptor, &status) != 0 || status.st_nlink > 0 { return (temporary, descriptor) }
      _ = system.close(descriptor)
    }
  }

  /// Removes temporary files of processes that have ended. Failures are ignored, since the write may still succeed.
  static func removeLeftovers(in folder: String, on system: FileSystem) {
    let names = try? FileSystem.names(in: folder)
    for name in names ?? nil ?? [] where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
      let descriptor = open(folder + name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      if descriptor < 0 { continue }
      defer { close(descriptor) }
      var status = stat()
      let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      if isFile && flock(descriptor, LOCK_EX | LOCK_NB) == 0 { _ = system.remove(folder + name) }
    }
  }
}
