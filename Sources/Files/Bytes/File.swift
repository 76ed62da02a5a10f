#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
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
