package import Foundation
package import UnrollArrays
package import UnrollFiles

/// One file of numbers that another system made: named arrays, and the options they were made with.
package struct Fixture: Sendable {
  package let name: String
  package let config: JSON
  package let arrays: [String: StoredArray]

  /// The names of all files of a folder of a target's fixtures, without their ending.
  package static func names(in folder: String, of bundle: Bundle) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: path(folder, bundle))) ?? []
    return files.filter { $0.hasSuffix(".safetensors") }.map { String($0.dropLast(12)) }.sorted()
  }

  private static func path(_ name: String, _ bundle: Bundle) -> String { (bundle.resourcePath ?? ".") + "/Fixtures/" + name }

  /// The file of a name such as `losses/mse`.
  package init(_ name: String, of bundle: Bundle) throws {
    self.name = name
    let file = try SafetensorsFile(Fixture.path(name, bundle) + ".safetensors")
    config = try JSON(Array((file.metadata["config"] ?? "null").utf8))
    var arrays: [String: StoredArray] = [:]
    for name in file.names { arrays[name] = try file.read(name) }
    self.arrays = arrays
  }

  package struct Missing: Error, CustomStringConvertible {
    package let description: String
  }

  package func has(_ name: String) -> Bool { arrays[name] != nil }

  package func stored(_ name: String) throws -> StoredArray {
    guard let array = arrays[name] else { throw Missing(description: "\(self.name) has no array \(name)") }
    return array
  }

  package func array(_ name: String) throws -> NDArray { try stored(name).array() }

  package func indices(_ name: String) throws -> Indices {
    let array = try stored(name)
    return Indices(try array.integers().map { Int($0) }, shape: array.shape)
  }

  package func number(_ option: String) throws -> Double {
    guard let number = config[option]?.double else { throw Missing(description: "\(name) has no option \(option)") }
    return number
  }

  package func truth(_ option: String) -> Bool { config[option]?.truth ?? false }
  package func string(_ option: String) -> String { config[option]?.string ?? "" }
  package func strings(_ option: String) -> [String] { config[option]?.elements.compactMap(\.string) ?? [] }
}
