#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

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
