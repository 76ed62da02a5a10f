internal import UnrollArrays
internal import UnrollFiles
internal import UnrollTraining

/// The results of finished trainings, in a file as soon as they are there.
struct ResultsFile {
  let path: String
  /// Those of all experiments that were ever run in the folder.
  private(set) var results: [ExperimentResult] = []

  /// The file in a folder, with what it has; throws where it is damaged or something else.
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

  /// Takes a result in.
  mutating func add(_ result: ExperimentResult) throws(ArrayFileError) {
    results.append(result)
    try write()
  }

  /// Takes results out.
  mutating func removeAll(where isRemoved: (ExperimentResult) -> Bool) throws(ArrayFileError) {
    results.removeAll(where: isRemoved)
    try write()
  }

  private func write() throws(ArrayFileError) { try replaceFile(path, text: ExperimentResult.json(results)) }
}
