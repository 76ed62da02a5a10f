internal import UnrollArrays
internal import UnrollFiles
internal import UnrollTraining

/// A file with the results of finished trainings, written as soon as they arrive.
struct ResultsFile {
  let path: String
  /// The results of all experiments that were ever run in the folder.
  private(set) var results: [ExperimentResult] = []

  /// Reads the file in a folder; throws if it is damaged or not a results file.
  init(in folder: String) throws {
    path = "\(folder)/results.json"
    guard try FileSystem.names(in: folder)?.contains("results.json") == true else { return }
    do throws(DataFileError) {
      results = try ExperimentResult.results(json: TextFile.read(path))
    } catch {
      let place = error.offset.map { ", byte \($0)" } ?? ""
      throw Options.Misuse(
        description: "\(path)\(place): \(error.reason); move the file away, or name another folder: --out FOLDER")
    }
  }

  /// Adds a result.
  mutating func add(_ result: ExperimentResult) throws(ArrayFileError) {
    results.append(result)
    try write()
  }

  /// Removes results.
  mutating func removeAll(where isRemoved: (ExperimentResult) -> Bool) throws(ArrayFileError) {
    results.removeAll(where: isRemoved)
    try write()
  }

  private func write() throws(ArrayFileError) { try replaceFile(path, text: ExperimentResult.json(results)) }
}
