#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that is being written, beside the one that it will replace. Its writer holds a lock on it, which the operating system takes
/// away when the process ends, however it ends: a file without a lock is nobody's.
enum TemporaryFile {
  private static let (prefix, suffix) = (".unroll-", ".tmp")

  /// A new file in a folder, locked where the file system has locks, and its path.
  static func create(
    for path: String, in folder: String, on system: FileSystem
  ) throws(ArrayFileError) -> (path: String, descriptor: Int32) {
    while true {
      let temporary = folder + prefix + String(UInt64.random(in: 0 ... .max), radix: 16) + suffix
      let descriptor = system.create(temporary)
      if descriptor < 0 { throw .system(errno, path) }
      while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
      // Before it was locked, another writer may have taken it for a leftover.
      var status = stat()
      if fstat(descriptor, &status) != 0 || status.st_nlink > 0 { return (temporary, descriptor) }
      _ = system.close(descriptor)
    }
  }

  /// Removes the files of writers that are no more. Whatever fails, the writing may succeed all the same.
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
