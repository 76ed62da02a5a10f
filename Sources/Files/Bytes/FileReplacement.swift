internal import UnrollArrays

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
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
