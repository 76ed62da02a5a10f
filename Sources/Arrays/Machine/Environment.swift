#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The environment of the process.
package enum Environment {
  package static func value(_ name: String) -> String? {
    guard let text = getenv(name) else { return nil }
    return String(cString: text)
  }

  /// Writes a sentence to standard error: at most 400 characters, with control characters replaced by question marks.
  package static func complain(_ sentence: String) {
    let printable = sentence.unicodeScalars.prefix(400).map { $0.value < 32 || $0.value == 127 ? "?" : String($0) }
    var line = "unroll: " + printable.joined() + "\n"
    line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
  }

  /// The text of a small file such as those in /proc; nil where it cannot be read.
  package static func text(ofFile path: String, limit: Int = 1 << 20) -> String? {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while bytes.count < limit {
      let chunk = [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
        count = max(0, read(descriptor, buffer.baseAddress, 65536))
      }
      if chunk.isEmpty { break }
      bytes += chunk
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
