internal import UnrollArrays

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

/// Takes the next bytes of a file that is being written.
typealias ByteSink = (UnsafeRawBufferPointer) throws(ArrayFileError) -> Void

/// Replaces a file atomically: the path shows the old contents or all of the new, even after a crash. The contents are written
/// to a temporary file in the same folder, flushed, and renamed over the path, and the folder is flushed. A symbolic link at
/// the path is replaced, not followed; folders, devices and pipes, or links to one, are refused. First, temporary files of
/// writers that were killed are removed from the folder, since they might fill the disk.
func replaceFile(
  _ path: String, on system: FileSystem = .system, with write: (ByteSink) throws(ArrayFileError) -> Void
) throws(ArrayFileError) {
  if path.utf8.contains(0) { throw ArrayFileError(.malformed, "the path contains a zero byte", file: path) }
  try requireReplaceable(path)
  let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? "./"
  TemporaryFile.removeLeftovers(in: folder, on: system)
  let (temporary, descriptor) = try TemporaryFile.create(for: path, in: folder, on: system)
  var isOpen = true
  do throws(ArrayFileError) {
    var status = stat()
    if stat(path, &status) == 0 { _ = fchmod(descriptor, status.st_mode & 0o777) }
    var offset = 0
    try write { (bytes) throws(ArrayFileError) in
      try append(bytes, at: offset, to: descriptor, path, system)
      offset += bytes.count
    }
    if system.flush(descriptor) != 0 { throw .system(errno, path) }
    // The file is closed after the rename only: closing releases the lock that keeps others from removing it.
    if system.rename(temporary, path) != 0 { throw .system(errno, path) }
    isOpen = false
    if system.close(descriptor) != 0 { throw .system(errno, path) }
  } catch {
    if isOpen { _ = system.close(descriptor) }
    _ = system.remove(temporary)
    throw error.located(file: path)
  }
  try flushFolder(folder, path, system)
}

/// Throws where the path, or the target of a link there, exists and is not a regular file.
private func requireReplaceable(_ path: String) throws(ArrayFileError) {
  var status = stat()
  if stat(path, &status) != 0 { return }
  switch status.st_mode & S_IFMT {
  case S_IFREG: return
  case S_IFDIR: throw .system(EISDIR, path)
  default: throw ArrayFileError(.unsupported, "not a regular file, so it is not replaced", file: path)
  }
}

private func flushFolder(_ folder: String, _ path: String, _ system: FileSystem) throws(ArrayFileError) {
  let descriptor = system.openFolder(folder)
  if descriptor < 0 {
    // The folder may be writable but not readable.
    if errno == EACCES { return }
    throw .system(errno, path)
  }
  defer { _ = system.close(descriptor) }
  // Some file systems refuse to flush a folder; the rename is valid all the same.
  if system.flushFolder(descriptor) != 0 && errno != EINVAL { throw .system(errno, path) }
}

func append(
  _ bytes: UnsafeRawBufferPointer, at offset: Int, to descriptor: Int32, _ path: String, _ system: FileSystem
) throws(ArrayFileError) {
  guard let base = bytes.baseAddress else { return }
  var done = 0
  while done < bytes.count {
    let count = system.write(descriptor, base + done, bytes.count - done)
    if count >= 0 {
      done += count
    } else if errno != EINTR {
      throw .system(errno, path, at: offset + done)
    }
  }
}

/// Passes the bytes of an array to a sink.
func pass(_ bytes: [UInt8], to sink: ByteSink) throws(ArrayFileError) {
  var failure: ArrayFileError?
  bytes.withUnsafeBytes { buffer in
    do throws(ArrayFileError) { try sink(buffer) } catch { failure = error }
  }
  if let failure { throw failure }
}

/// Replaces a file by a text, atomically.
package func replaceFile(_ path: String, text: String) throws(ArrayFileError) {
  try replaceFile(path) { (sink) throws(ArrayFileError) in try pass(Array(text.utf8), to: sink) }
}

/// Passes an array's elements to a sink, reading them first if they are still in their file.
func pass(_ array: StoredArray, to sink: ByteSink) throws(ArrayFileError) {
  let view = try array.elements()
  defer { withExtendedLifetime(view.storage) {} }
  try sink(UnsafeRawBufferPointer(start: view.storage.pointer + view.offset * array.format.size, count: array.byteCount))
}

/// Replaces a file by bytes, atomically.
package func replaceFile(_ path: String, bytes: [UInt8]) throws(ArrayFileError) {
  try replaceFile(path) { (sink) throws(ArrayFileError) in try pass(bytes, to: sink) }
}

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
