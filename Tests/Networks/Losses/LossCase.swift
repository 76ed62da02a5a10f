import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// One file of reference numbers of a loss: its inputs, value and derivatives, made by another system in float64.
struct LossCase: CustomStringConvertible {
  let name: String
  private let config: JSON
  private let arrays: [String: StoredArray]

  /// The names of all files, without their ending.
  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.filter { $0.hasSuffix(".safetensors") }.map { String($0.dropLast(12)) }.sorted()
  }()

  private static let folder = (Bundle.module.resourcePath ?? ".") + "/Fixtures/losses/"

  init(_ name: String) throws {
    self.name = name
    let file = try SafetensorsFile(LossCase.folder + name + ".safetensors")
    config = try JSON(Array((file.metadata["config"] ?? "null").utf8))
    var arrays: [String: StoredArray] = [:]
    for name in file.names { arrays[name] = try file.read(name) }
    self.arrays = arrays
  }

  var description: String { name }

  var differentiable: [String] { config["differentiable"]?.elements.compactMap(\.string) ?? [] }

  func array(_ name: String, _ type: ElementType) throws -> Tensor {
    Tensor(try #require(arrays[name], "\(self.name) has no \(name)").array().cast(to: type))
  }

  func integers(_ name: String) throws -> Indices {
    let array = try #require(arrays[name], "\(self.name) has no \(name)")
    return Indices(try array.integers().map { Int($0) }, shape: array.shape)
  }

  func labels() throws -> Indices { try integers("target") }

  /// An input that only some files have.
  func optional(_ name: String, _ type: ElementType) throws -> Tensor? {
    arrays[name] == nil ? nil : try array(name, type)
  }

  /// Whether the file has derivatives along a direction, and of the gradient.
  var isSmooth: Bool { differentiable.first.map { arrays["tangent." + $0] != nil } ?? false }

  func number(_ name: String) throws -> Double { try #require(config[name]?.double, "\(self.name) has no \(name)") }
  func truth(_ name: String) -> Bool { config[name]?.truth ?? false }
  var smoothing: Double { config["label_smoothing"]?.double ?? 0 }
  var ignored: Int? { config["ignore_index"]?.integer.map { Int($0) } }

  func reduction() throws -> LossReduction {
    switch config["reduction"]?.string {
    case "mean": .mean
    case "sum": .sum
    case "none": .none
    default: throw UnknownReduction()
    }
  }

  func divergenceReduction() throws -> DivergenceReduction {
    switch config["reduction"]?.string {
    case "batchmean": .batchMean
    case "mean": .mean
    case "sum": .sum
    case "none": .none
    default: throw UnknownReduction()
    }
  }

  private struct UnknownReduction: Error {}
}
