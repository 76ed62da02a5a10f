import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// One file of reference numbers of another system, in float64.
struct TrainingCase {
  let config: JSON
  private let arrays: [String: StoredArray]

  /// The names of all files of a folder of fixtures, without their ending.
  static func names(in folder: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: root + folder)) ?? []
    return files.filter { $0.hasSuffix(".safetensors") }.map { String($0.dropLast(12)) }.sorted()
  }

  private static var root: String { (Bundle.module.resourcePath ?? ".") + "/Fixtures/" }

  init(_ folder: String, _ name: String) throws {
    let file = try SafetensorsFile(TrainingCase.root + "\(folder)/\(name).safetensors")
    config = try JSON(Array((file.metadata["config"] ?? "null").utf8))
    var arrays: [String: StoredArray] = [:]
    for name in file.names { arrays[name] = try file.read(name) }
    self.arrays = arrays
  }

  func array(_ name: String) throws -> NDArray { try #require(arrays[name], "the file has no \(name)").array() }

  func integers(_ name: String) throws -> [Int] {
    try #require(arrays[name], "the file has no \(name)").integers().map { Int($0) }
  }

  func number(_ name: String) throws -> Double { try #require(config[name]?.double, "the file has no option \(name)") }
}

/// An affine map, as the files' models are: parameters w and b, and for clipping a number.
struct Affine: Module {
  var w: Tensor
  var b: Tensor
  var scalar: Tensor?

  init(_ w: NDArray, _ b: NDArray, _ scalar: NDArray? = nil) {
    self.w = Tensor(w)
    self.b = Tensor(b)
    self.scalar = scalar.map { Tensor($0) }
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("w", &w)
    visitor("b", &b)
    visitor("scalar", &scalar)
  }
}

/// Whether two models agree to |a − b| ≤ absolute + relative · |b| in every parameter.
func expectClose<Model: Module>(
  _ a: Model, _ b: Model, relative: Double = 1e-9, absolute: Double = 1e-12, _ comment: Comment? = nil,
  at location: SourceLocation = #_sourceLocation
) {
  for ((name, x), (_, y)) in zip(a.parameters, b.parameters) {
    #expect(
      x.array.isClose(to: y.array, relative: relative, absolute: absolute), "\(comment ?? "") \(name): \(x) against \(y)",
      sourceLocation: location)
  }
}
