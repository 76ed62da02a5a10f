internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollFiles
internal import UnrollNetworks

/// The format of checkpoints, a safetensors file: arrays are stored as arrays, and everything else in the metadata, with a
/// checksum of the whole.
enum CheckpointFile {
  /// The prefix of the metadata names that belong to the format.
  static let reserved = "unroll"
  private static let version = "checkpoint 1"

  static func write(_ checkpoint: Checkpoint, to path: String, on system: FileSystem) throws(ArrayFileError) {
    for name in checkpoint.record.finiteNames {
      let isFinite = try checkpoint.record.arrays[name]?.array().isFinite ?? true
      if !isFinite { throw ArrayFileError(notFinite: name, file: path) }
    }
    var texts = checkpoint.record.texts
    texts["\(reserved).format"] = version
    texts["\(reserved).step"] = "\(checkpoint.step)"
    texts["\(reserved).checksum"] = "\(try checksum(texts, checkpoint.record.arrays))"
    try Safetensors.write(checkpoint.record.arrays, metadata: texts, to: path, on: system)
  }

  /// Reads a file, and throws unless its contents match the checksum.
  static func read(_ path: String) throws(LoadingError) -> Checkpoint {
    let (read, sum) = try contents(of: path)
    var record = read
    guard record.texts["\(reserved).format"] == version else {
      throw LoadingError(.damaged, "this is not a checkpoint of a version that this library can read", file: path)
    }
    guard record.texts.removeValue(forKey: "\(reserved).checksum") == "\(sum)" else {
      throw LoadingError(.damaged, "the contents do not match their checksum", file: path)
    }
    guard let step = record.texts["\(reserved).step"].flatMap({ Int($0) }), Checkpoint.steps.contains(step) else {
      throw LoadingError(.damaged, "there is no step", file: path)
    }
    for name in ["format", "step"] { record.texts["\(reserved).\(name)"] = nil }
    return Checkpoint(step: step, record: record)
  }

  private static func contents(of path: String) throws(LoadingError) -> (Record, checksum: UInt32) {
    var record = Record()
    record.file = path
    do throws(ArrayFileError) {
      let file = try ArrayFiles.open(path)
      record.texts = file.metadata
      try file.checkAll()
      record.arrays = try file.arraysByName()
      for name in file.names { record.arrays[name] = try file.read(name) }
      var texts = record.texts
      texts["\(reserved).checksum"] = nil
      return (record, try checksum(texts, record.arrays))
    } catch {
      throw LoadingError(error)
    }
  }

  private static func checksum(
    _ texts: [String: String], _ arrays: [String: StoredArray]
  ) throws(ArrayFileError) -> UInt32 {
    var sum: UInt32 = 0
    for (name, text) in texts.sorted(by: { $0.key.precedesInBytes($1.key) }) {
      sum = UnrollFiles.checksum(of: "\(name)\0\(text.utf8.count)\0\(text)", after: sum)
    }
    for (name, array) in arrays.sorted(by: { $0.key.precedesInBytes($1.key) }) {
      sum = try array.checksum(named: name, after: sum)
    }
    return sum
  }
}
