#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The system calls that write files, with their conventions: a negative result is a failure, and `errno` has the reason. Tests
/// substitute calls that fail.
package struct FileSystem: Sendable {
  package var create: @Sendable (_ path: String) -> Int32 = { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
  package var write: @Sendable (Int32, UnsafeRawPointer, Int) -> Int = { unistdWrite($0, $1, $2) }
  package var flush: @Sendable (Int32) -> Int32 = { flushed($0) }
  package var close: @Sendable (Int32) -> Int32 = { unistdClose($0) }
  package var rename: @Sendable (_ old: String, _ new: String) -> Int32 = { systemRename($0, $1) }
  package var remove: @Sendable (_ path: String) -> Int32 = { unlink($0) }
  package var openFolder: @Sendable (_ path: String) -> Int32 = { open($0, O_RDONLY | O_CLOEXEC) }
  package var flushFolder: @Sendable (Int32) -> Int32 = { fsync($0) }
  package var makeFolder: @Sendable (_ path: String) -> Int32 = { mkdir($0, 0o777) }

  /// The operating system's calls.
  package static let system = FileSystem()

  package init() {}
}

extension FileSystem {
  /// Creates a folder unless it exists.
  package func ensureFolder(_ path: String) throws(ArrayFileError) {
    if path.utf8.contains(0) { throw ArrayFileError(.malformed, "the path contains a zero byte", file: path) }
    if makeFolder(path) != 0 && errno != EEXIST { throw .system(errno, path) }
  }

  /// Removes a file, if it exists.
  package func removeFile(_ path: String) throws(ArrayFileError) {
    if remove(path) != 0 && errno != ENOENT { throw .system(errno, path) }
  }

  /// The names in a folder, sorted; nil if it does not exist.
  package static func names(in path: String) throws(ArrayFileError) -> [String]? {
    guard let folder = opendir(path) else {
      if errno == ENOENT { return nil }
      throw .system(errno, path)
    }
    defer { closedir(folder) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
          String(cString: $0)
        }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    if errno != 0 { throw .system(errno, path) }
    return names.sorted()
  }
}

// Named functions, because the members of `FileSystem` shadow those of the system.
private func unistdWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
private func unistdClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
private func systemRename(_ old: String, _ new: String) -> Int32 { rename(old, new) }

private func flushed(_ descriptor: Int32) -> Int32 {
  #if canImport(Darwin)
    // On Darwin, `fsync` leaves the bytes in the drive's cache.
    if fcntl(descriptor, F_FULLFSYNC) == 0 { return 0 }
  #endif
  return fsync(descriptor)
}
