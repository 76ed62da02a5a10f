internal import UnrollArrays
internal import UnrollFiles
internal import UnrollTraining

/// This library's Swift sources and documents, as something to learn.
enum OwnText {
  /// The text of a file and its path; without a path, this library's own and what to call it, or nil where that is not found.
  static func text(_ file: String?, from folder: String) throws(DataFileError) -> (name: String, text: String)? {
    if let file { return (file, try TextFile.read(file)) }
    guard let package = package(from: folder) else { return nil }
    return ("this library's sources", try read(package))
  }

  /// The package's folder, seen from a folder in it: the first one upwards with a manifest and the sources of arrays.
  static func package(from folder: String) -> String? {
    var folder = folder
    // Deeper than any path; the folder above the root is the root.
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

  /// What is in a folder and not hidden; nothing where there is no such folder, or it is a file.
  private static func names(_ folder: String) -> [String] {
    let names = (try? FileSystem.names(in: folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }
  }
}
