import Unroll

/// The examples.
enum Example: String, CaseIterable {
  case classify, tagging, translate, sharing, forecast, distributed, export
  case awdLSTM = "awd-lstm"

  var about: String {
    switch self {
    case .classify: "one class for each series of any length, from a .ts file: masks, early stopping, checkpoints that resume"
    case .tagging: "a tag for each word; some depend on later words, which takes both directions"
    case .translate: "number words to digits: encoder, attention, decoder, beam search"
    case .sharing: "trained on 20 words, tried on up to 1000: the same parameters at every step"
    case .distributed: "one model on several ranks under mpirun, or on one without: shards, means, checkpoints that resume"
    case .awdLSTM: "a text word by word, with all that keeps a model from knowing it by heart: dropped weights, averages"
    case .export: "the models of four others as ONNX files, with what a runtime must give"
    case .forecast: "several numbers at a time, eight steps ahead, against the last value and least squares"
    }
  }
}

/// The parsed command line.
struct Request: Equatable {
  /// The example; nil to list all examples.
  var example: Example?
  var seed = 1
  var isQuick = false
  var file: String?

  /// A description of what is wrong with the command line, and what to type instead.
  struct Misuse: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  static let list = """
    unroll-examples NAME shows one use of recurrent networks; read its file in Sources/Examples along with it.

    \(Example.allCases.map { "  " + $0.rawValue + String(repeating: " ", count: 12 - $0.rawValue.count) + $0.about }
      .joined(separator: "\n"))

      --seed N    the seed of the random numbers; the same seed gives the same result
      --data FILE the text for awd-lstm
      --quick     a very small run, to check that the example works
    """

  init(_ arguments: some Sequence<String>) throws(Misuse) {
    var rest = Array(arguments)[...]
    guard let name = rest.popFirst(), !["help", "--help", "-h"].contains(name) else { return }
    example = try Request.example(name)
    while let argument = rest.popFirst() {
      switch argument {
      case "--quick": isQuick = true
      case "--data":
        guard example == .awdLSTM, let path = rest.popFirst() else {
          throw Misuse(description: "--data needs a file, and is for awd-lstm: unroll-examples awd-lstm --data verses.txt")
        }
        file = path
      case "--seed":
        guard let number = rest.popFirst().flatMap({ Int($0) }), number >= 0 else {
          throw Misuse(description: "--seed needs an integer of at least 0: unroll-examples \(name) --seed 2")
        }
        seed = number
      case "--help", "-h": example = nil
      default:
        guard example == .classify, file == nil, !argument.hasPrefix("-") else {
          let data = example == .awdLSTM ? "--data FILE, " : ""
          throw Misuse(description: "\(argument) is not an argument of \(name); there are \(data)--seed N and --quick")
        }
        file = argument
      }
    }
  }

  private static func example(_ name: String) throws(Misuse) -> Example {
    if let example = Example(rawValue: name) { return example }
    let names = Example.allCases.map(\.rawValue)
    let advice =
      nearestName(name, among: names).map { "try unroll-examples \($0)" } ?? "there are \(names.joined(separator: ", "))"
    throw Misuse(description: "there is no example \(name); \(advice)")
  }
}

/// Runs an example.
func show(_ request: Request) throws {
  let (seed, isQuick) = (request.seed, request.isQuick)
  switch request.example {
  case nil: print(Request.list)
  case .classify: try showClassification(request)
  case .tagging: tagging(seed: seed, updates: isQuick ? 5 : 400)
  case .translate: translate(seed: seed, updates: isQuick ? 3 : 1200, hidden: isQuick ? 8 : 64)
  case .sharing: sharing(seed: seed, updates: isQuick ? 5 : 6000, lengths: isQuick ? [50] : [50, 100, 200, 500, 1000])
  case .forecast: forecast(seed: seed, steps: isQuick ? 300 : 6000, epochs: isQuick ? 1 : 20)
  case .export:
    for folder in ["unroll-examples", "unroll-examples/onnx"] { try FileSystem.system.ensureFolder(folder) }
    try export(to: "unroll-examples/onnx", seed: seed)
  case .awdLSTM:
    let size = isQuick ? 8 : 128
    try awdLSTM(
      request.file, seed: seed, epochs: isQuick ? 1 : 25, features: size / 2, hidden: size, sentences: isQuick ? 200 : 2000)
  case .distributed:
    try inFolder("distributed-\(seed)", isQuick) { folder in
      try distributed(in: folder, seed: seed, epochs: isQuick ? 2 : 12, length: isQuick ? 2000 : 20_000)
    }
  }
}

/// Each combination of seed, size and file has its own checkpoints.
private func showClassification(_ request: Request) throws {
  let name = (request.file?.split(separator: "/").last).map(String.init) ?? "gestures"
  try inFolder("classify-\(name)-\(request.seed)", request.isQuick) { folder in
    try classify(request.file, in: folder, seed: request.seed, epochs: request.isQuick ? 2 : 60)
  }
}

/// Runs an example that keeps checkpoints in a folder.
private func inFolder(_ name: String, _ isQuick: Bool, _ run: (_ folder: String) throws -> Void) throws {
  let folder = "unroll-examples/\(name)" + (isQuick ? "-quick" : "")
  try FileSystem.system.ensureFolder("unroll-examples")
  do {
    try run(folder)
  } catch let error as LoadingError {
    throw Request.Misuse(description: "\(error)\nTo start over, remove the folder \(folder).")
  }
}
