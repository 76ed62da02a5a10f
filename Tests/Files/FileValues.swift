import Foundation
import Testing

@testable import UnrollArrays
@testable import UnrollFiles

/// The folder of files that other programs wrote.
let interop = (Bundle.module.resourcePath ?? ".") + "/Fixtures/interop/"

/// A fixture's bytes.
func fixture(_ name: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(fileURLWithPath: (Bundle.module.resourcePath ?? ".") + "/Fixtures/" + name)))
}

/// An array's numbers in row-major order.
func numbers(_ array: NDArray) -> [Double] {
  let view = array.contiguous().view
  return NDArray(view: view, type: array.type).read { start in
    (0..<array.count).map { index in
      array.type == .float32
        ? Double(start.load(fromByteOffset: 4 * index, as: Float.self))
        : start.load(fromByteOffset: 8 * index, as: Double.self)
    }
  }
}

/// A float32 array.
func floats(_ values: [Float], _ shape: Shape) -> NDArray {
  let array = NDArray(uninitialized: shape, .float32)
  array.fill { start in
    for (index, value) in values.enumerated() { start.storeBytes(of: value, toByteOffset: 4 * index, as: Float.self) }
  }
  return array
}

/// A stored array's numbers as texts, however they are stored: equal texts mean equal bits, NaN apart.
func texts(_ array: StoredArray) throws -> [String] {
  switch array.format.kind {
  case .float: try numbers(array.array()).map { "\($0)" }
  case .integer: try array.integers().map { "\($0)" }
  case .truth: try array.truths().map { $0 ? "1" : "0" }
  }
}

/// A stored array's bytes.
func bytes(_ array: StoredArray) throws -> [UInt8] {
  var bytes: [UInt8] = []
  try pass(array) { (part) throws(ArrayFileError) in bytes += part }
  return bytes
}

/// What an operation on files throws, as it is printed.
func failure(_ body: () throws(ArrayFileError) -> Void) -> String {
  do throws(ArrayFileError) { try body() } catch { return "\(error)" }
  return "nothing thrown"
}

/// The path of a file that does not exist yet, in a new folder.
func temporaryPath(_ name: String) throws -> String {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("unroll-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder.path + "/" + name
}

/// What a program that stopped has printed.
func printed(_ result: ExitTest.Result?) -> String {
  String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
}
