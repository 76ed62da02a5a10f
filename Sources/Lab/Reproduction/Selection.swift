internal import UnrollFiles
internal import UnrollTraining

/// The experiments to run.
struct Selection {
  private(set) var experiments: [Experiment] = []
  /// The experiments that were not asked for by name and have no file, and how to provide one.
  private(set) var notRun: [(name: String, reason: String)] = []

  /// The experiments that the options name; the search for this library's sources starts in `workingFolder`.
  init(_ options: Options, workingFolder: String) throws {
    let names = try Selection.names(options)
    experiments = Experiment.all.filter { names.contains($0.name) }
    if names.contains(Experiment.textName) {
      try addText(options, workingFolder)
    } else if options.text != nil {
      throw Options.Misuse(description: "--text is for the experiment text, which is not among those named")
    }
    if names.contains(Experiment.seriesName) {
      try addSeries(options)
    } else if options.data != nil {
      throw Options.Misuse(description: "--data is for the experiment series, which is not among those named")
    }
  }

  private mutating func addText(_ options: Options, _ workingFolder: String) throws {
    guard let (name, text) = try OwnText.text(options.text, from: workingFolder) else {
      let advice = "name a text to learn: unroll-lab reproduce text --text FILE"
      if !options.operands.isEmpty {
        throw Options.Misuse(description: "this library's sources are not above the current folder; \(advice)")
      }
      notRun.append((Experiment.textName, advice))
      return
    }
    do throws(UnfitText) {
      experiments.append(try .characters(of: text, about: "\(name) (\(text.count) characters)"))
    } catch {
      throw Options.Misuse(description: "\(name): \(error.reason); try a longer text: --text FILE")
    }
  }

  private mutating func addSeries(_ options: Options) throws {
    guard let path = options.data else {
      let advice = "name a file of series to classify: unroll-lab reproduce --data FILE"
      if !options.operands.isEmpty { throw Options.Misuse(description: advice) }
      notRun.append((Experiment.seriesName, advice))
      return
    }
    experiments.append(.classification(of: try SeriesData(contentsOf: path)))
  }

  /// All names, as they can be typed.
  static var names: [String] { all.map(typable) }

  private static var all: [String] { Experiment.all.map(\.name) + [Experiment.textName, Experiment.seriesName] }

  /// The names that the options ask for. Who brings series and names nothing wants those alone.
  private static func names(_ options: Options) throws(Options.Misuse) -> [String] {
    if options.operands.isEmpty, options.text == nil, options.data != nil { return [Experiment.seriesName] }
    return try names(matching: options.operands)
  }

  /// The names that contain one of the given texts; all names if there are none.
  static func names(matching parts: [String]) throws(Options.Misuse) -> [String] {
    if parts.isEmpty { return all }
    for part in parts where !all.contains(where: { matches($0, part) }) {
      let known = names.flatMap { [$0] + $0.split(separator: " ").map { String($0.filter { $0 != "," }) } }
      let advice = nearestName(part, among: known).map { "try \($0)" } ?? "there are \(names.joined(separator: "; "))"
      throw Options.Misuse(description: "there is no experiment \(part); \(advice)")
    }
    return all.filter { name in parts.contains { matches(name, $0) } }
  }

  private static func matches(_ name: String, _ part: String) -> Bool {
    typable(name).lowercased().contains(typable(part).lowercased())
  }

  /// A name with characters that keyboards have.
  private static func typable(_ name: String) -> String {
    name.map { $0 == "ⁿ" ? "n" : $0 == "≤" ? "<=" : String($0) }.joined()
  }
}
