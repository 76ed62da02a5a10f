import Foundation
import Testing
import UnrollArrays
import UnrollTestSupport

@testable import UnrollFiles

/// Damaged files are thrown at the readers: each must read or throw, within memory that the file can justify.
/// `UNROLL_MUTATIONS=200000` makes the run long.
struct MutationTests {
  struct Target: Sendable {
    let name: String
    let bytes: [UInt8]
    /// Reads all that there is and gives the number of bytes.
    let read: @Sendable ([UInt8]) throws(ArrayFileError) -> Int
  }

  private static func target(_ name: String) throws -> Target? {
    let bytes = try fixture(name)
    switch name.split(separator: ".").last {
    case "safetensors":
      return Target(name: name, bytes: bytes) { (bytes) throws(ArrayFileError) in try readAll(Safetensors.decode(bytes)) }
    case "npz": return Target(name: name, bytes: bytes) { (bytes) throws(ArrayFileError) in try readAll(NPZ.decode(bytes)) }
    case "npy":
      return Target(name: name, bytes: bytes) { (bytes) throws(ArrayFileError) in try readAll(["": NPY.decode(bytes)]) }
    case "json":
      return Target(name: name, bytes: bytes) { (bytes) throws(ArrayFileError) in
        _ = try JSON(bytes)
        return 0
      }
    default:
      return Target(name: name, bytes: bytes) { (bytes) throws(ArrayFileError) in
        let input = Block(byteCount: bytes.count)
        input.bytes.copyBytes(from: bytes)
        return try Inflate.inflate(input, count: 2583).byteCount
      }
    }
  }

  /// Asks for the numbers too; that they are of one kind and not of another is no news.
  private static func readAll(_ arrays: [String: StoredArray]) throws(ArrayFileError) -> Int {
    var byteCount = 0
    for array in arrays.values {
      byteCount += array.byteCount
      _ = try? array.array()
      _ = try? array.integers()
      _ = try? array.truths()
    }
    return byteCount
  }

  @Test func damagedFilesReadOrThrow() throws {
    let names =
      InteropTests.files.map { "interop/" + $0 }
      + ["written/mixed.safetensors", "written/mixed.npz", "written/mixed_compressed.npz", "streams/long_words.deflate"]
    let targets = try names.compactMap(MutationTests.target)
    for target in targets { #expect(try target.read(target.bytes) >= 0) }
    let count = ProcessInfo.processInfo.environment["UNROLL_MUTATIONS"].flatMap { Int($0) } ?? 10_000
    var mutator = Mutator(seed: 0x5EED)
    var refused = 0
    for index in 0..<count {
      let target = targets[index % targets.count]
      let damaged = mutator.damaged(target.bytes, with: targets[mutator.choice(targets.count)].bytes)
      do throws(ArrayFileError) {
        let byteCount = try target.read(damaged)
        if byteCount > damaged.count * Inflate.maximumRatio {
          Issue.record("variant \(index) of \(target.name) gave \(byteCount) bytes")
        }
      } catch {
        refused += 1
        let places = 0...max(damaged.count, 0)
        if error.reason.isEmpty || error.kind != .truncated && !places.contains(error.offset ?? 0) {
          Issue.record("variant \(index) of \(target.name): \(error)")
        }
      }
    }
    // Damage to numbers alone goes unseen where there is no checksum; most damage is seen.
    #expect(refused > count / 2)
    print("\(count) damaged files: \(refused) refused, \(count - refused) read")
  }
}
