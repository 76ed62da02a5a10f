internal import UnrollTraining

/// The experiments to run.
struct Selection {
  private(set) var experiments: [Experiment] = []
  /// How to provide a text to learn, if all experiments were requested and there is none.
  private(set) var textAdvice: String?

  /// The experiments that the options name; the search for this library's sources starts in `workingFolder`.
  init(_ options: Options, workingFolder: String) throws {
    let names = try Selection.names(matching: options.operands)
    experiments = Experiment.all.filter { names.contains($0.name) }
    guard names.contains(Experiment.textName) else {
      if options.text == nil { return }
      throw Options.Misuse(description: "--text is for the experiment text, which is not among those named")
    }
    guard let (name, text) = try OwnText.text(options.text, from: workingFolder) else {
      let advice = "name a text to learn: unroll-lab reproduce text --text FILE"
      if !options.operands.isEmpty {
        throw Options.Misuse(description: "this library's sources are not above the current folder; \(advice)")
      }
      textAdvice = advice
      return
    }
    do throws(UnfitText) {
      experiments.append(try .characters(of: text, about: "\(name) (\(text.count) characters)"))
    } catch {
      throw Options.Misuse(description: "\(name): \(error.reason); try a longer text: --text FILE")
    }
  }

  /// All names, as they can be typed.
  static var names: [String] { (Experiment.all.map(\.name) + [Experiment.textName]).map(typable) }

  /// The names that contain one of the given texts; all names if there are none.
  static func names(matching parts: [String]) throws(Options.Misuse) -> [String] {
    let all = Experiment.all.map(\.name) + [Experiment.textName]
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
