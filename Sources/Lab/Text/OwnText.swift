internal import UnrollArrays
internal import UnrollFiles
internal import UnrollTraining

/// This library's Swift sources and documents, as a text to learn.
enum OwnText {
  /// The text of a file and its path. Without a path, the library's own sources and a description, or nil if they are not
  /// found.
  static func text(_ file: String?, from folder: String) throws(DataFileError) -> (name: String, text: String)? {
    if let file { return (file, try TextFile.read(file)) }
    guard let package = package(from: folder) else { return nil }
    return ("this library's sources", try read(package))
  }

  /// The package's folder: the first folder upward from the given one with a manifest and the sources of the arrays.
  static func package(from folder: String) -> String? {
    var folder = folder
    // More levels than any path has; the parent of the root is the root.
    for _ in 0..<64 {
      if names(folder).contains("Package.swift"), !names("\(folder)/Sources/Arrays").isEmpty { return folder }
      folder += "/.."
    }
    return nil
  }

  /// The sources and documents of a package, in the order of their paths.
  static func read(_ package: String) throws(DataFileError) -> String {
    let documents = names(package).filter(isText).map { "\(package)/\($0)" }
    var text = ""
    for path in documents + paths(below: "\(package)/Sources") { text += try TextFile.read(path) }
    return text
  }

  private static func paths(below folder: String) -> [String] {
    names(folder).flatMap { name in isText(name) ? ["\(folder)/\(name)"] : paths(below: "\(folder)/\(name)") }
  }

  private static func isText(_ name: String) -> Bool { name.hasSuffix(".swift") || name.hasSuffix(".md") }

  /// The visible entries of a folder; empty if there is no such folder, or if it is a file.
  private static func names(_ folder: String) -> [String] {
    let names = (try? FileSystem.names(in: folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }
  }
}
