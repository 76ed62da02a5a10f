// A libFuzzer target for the readers of array files; `.ci/fuzz` builds and runs it. It is no part of the package.

import UnrollArrays
import UnrollFiles

/// The last bytes of a file tell little, the first ones everything: every reader gets every input.
@c(LLVMFuzzerTestOneInput)
public func readEveryWay(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
  if let arrays = try? Safetensors.decode(bytes) { touch(arrays) }
  if let arrays = try? NPZ.decode(bytes) { touch(arrays) }
  if let array = try? NPY.decode(bytes) { touch(["": array]) }
  return 0
}

/// Reads an array's numbers as each kind, and writes it again.
func touch(_ arrays: [String: StoredArray]) {
  for array in arrays.values {
    _ = try? array.array()
    _ = try? array.integers()
    _ = try? array.truths()
  }
  _ = try? Safetensors.encode(arrays)
}
