internal import UnrollArrays
internal import UnrollAutograd
public import UnrollFiles
public import UnrollNetworks

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

extension Checkpoint {
  /// Writes the checkpoint into a folder, which is created if necessary, and then removes older ones: of the checkpoints up to
  /// this step, the latest `count` are kept. Checkpoints of later steps, left by a run that was resumed from an earlier step,
  /// are kept too.
  ///
  /// The write is atomic: the file is written under a temporary name, flushed, renamed, and its folder flushed, so that a
  /// failure or a crash at any moment leaves the existing checkpoints intact. A diverged training cannot replace them either:
  /// if a model, an optimizer or a carried state holds NaN or infinity, this throws and writes nothing. Only one training at a
  /// time may save to a folder.
  ///
  ///     try Checkpoint(step: 100, ["model": model]).save(to: "run", keeping: 3)
  public func save(to folder: String, keeping count: Int) throws(ArrayFileError) {
    try save(to: folder, keeping: count, on: .system)
  }

  package func save(to folder: String, keeping count: Int, on system: FileSystem) throws(ArrayFileError) {
    require(count > 0, "Checkpoint.save: keeping \(count) checkpoints would remove the new one")
    try system.ensureFolder(folder)
    try CheckpointFile.write(self, to: "\(folder)/\(Checkpoint.fileName(step))", on: system)
    let names = try FileSystem.names(in: folder) ?? []
    let older = Checkpoint.steps(names).filter { $0 <= step }.dropFirst(count).map(Checkpoint.fileName)
    for name in older { try system.removeFile("\(folder)/\(name)") }
  }

  /// Writes the checkpoint to a path of its own, with the same guarantees.
  ///
  ///     try Checkpoint(step: 100, ["model": model]).write(to: "best.safetensors")
  public func write(to path: String) throws(ArrayFileError) { try CheckpointFile.write(self, to: path, on: .system) }

  /// Reads the checkpoint at a path. Throws if the file cannot be read or has been damaged.
  ///
  ///     let best = try Checkpoint(path: "best.safetensors")
  public init(path: String) throws(LoadingError) { self = try CheckpointFile.read(path) }

  /// The newest intact checkpoint in a folder; nil if there is none, or no such folder. Damaged checkpoints are skipped and
  /// passed to `report`, which by default prints them to standard error. If all are damaged, the newest one's error is thrown.
  ///
  ///     if let checkpoint = try Checkpoint.latest(in: "run") { print(checkpoint.step) }
  public static func latest(
    in folder: String, reporting report: ((_ skipped: LoadingError) -> Void)? = nil
  ) throws(LoadingError) -> Checkpoint? {
    var first: LoadingError?
    let names: [String]?
    do throws(ArrayFileError) { names = try FileSystem.names(in: folder) } catch { throw LoadingError(error) }
    for step in steps(names ?? []) {
      do throws(LoadingError) {
        return try Checkpoint(path: "\(folder)/\(fileName(step))")
      } catch {
        first = first ?? error
        if let report { report(error) } else { writeToStandardError("skipped a damaged checkpoint: \(error)\n") }
      }
    }
    if let first { throw first }
    return nil
  }

  /// The path of the newest checkpoint in a folder, intact or damaged.
  package static func newestPath(in folder: String) throws(ArrayFileError) -> String? {
    steps(try FileSystem.names(in: folder) ?? []).first.map { "\(folder)/\(fileName($0))" }
  }

  /// Removes all checkpoints in a folder, intact or damaged, so that training starts from scratch there. Does nothing if there
  /// is no such folder.
  ///
  ///     try Checkpoint.removeAll(in: "run")
  public static func removeAll(in folder: String) throws(ArrayFileError) {
    for step in steps(try FileSystem.names(in: folder) ?? []) {
      try FileSystem.system.removeFile("\(folder)/\(fileName(step))")
    }
  }

  private static let (prefix, suffix) = ("checkpoint-", ".safetensors")

  private static func fileName(_ step: Int) -> String {
    let digits = "\(step)"
    return prefix + String(repeating: "0", count: max(0, 9 - digits.count)) + digits + suffix
  }

  /// The steps of the checkpoints among these names, the newest first.
  private static func steps(_ names: [String]) -> [Int] {
    names.compactMap { name in
      guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
      guard let step = Int(name.dropFirst(prefix.count).dropLast(suffix.count)), fileName(step) == name else { return nil }
      return step
    }.sorted(by: >)
  }
}

extension Record {
  /// The count with the given name, which must be in the range of steps so that it can be incremented.
  func count(_ part: String) throws(LoadingError) -> Int {
    let count: Int = try value(part)
    if !Checkpoint.steps.contains(count) { throw unfit("\(count) is not a count from 0 to 2⁵³", part) }
    return count
  }
}
