import Foundation

/// Calls the closure with the path of a folder that is there for it alone, and gone afterwards.
package func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  let path = NSTemporaryDirectory() + "unroll-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}
