internal import UnrollTraining

/// The parsed command line.
struct Options: Equatable {
  var command = Command.flow
  var numbers: [Flag: Int] = [:]
  var rate: Double?
  var bound: Double?
  var temperature: Double?
  var prompt: String?
  /// The file with the text for the character model.
  var text: String?
  /// The file with series to classify.
  var data: String?
  var folder: String?
  /// The arguments apart from flags: a file, or names of experiments.
  var operands: [String] = []
  var isFresh = false
  var isJSON = false
  var wantsHelp = false
  /// Whether no command was given, so that the reader may not know the others.
  var isDefault = true

  var file: String? { operands.first }

  /// The integer value of a flag, or the command's default.
  func number(_ flag: Flag) -> Int { numbers[flag] ?? Int(command.standards[flag] ?? 0) }

  /// The value of a flag, or the command's default.
  func amount(_ flag: Flag) -> Double {
    let wish =
      switch flag {
      case .rate: rate
      case .bound: bound
      case .temperature: temperature
      default: numbers[flag].map(Double.init)
      }
    return wish ?? command.standards[flag] ?? 0
  }

  /// A description of what is wrong with the command line, and what to type instead.
  struct Misuse: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  init(_ arguments: some Sequence<String>) throws(Misuse) {
    var rest = Array(arguments)[...]
    if let first = rest.first, first == "help" || !first.hasPrefix("-") {
      rest.removeFirst()
      let name = first == "help" ? rest.popFirst() : first
      wantsHelp = first == "help"
      isDefault = name == nil
      if let name { command = try Self.command(name) }
    }
    while let argument = rest.popFirst() { try read(argument, &rest) }
    if command == .inspect, file == nil, !wantsHelp {
      throw Misuse(description: "inspect needs a file: unroll-lab inspect model.safetensors")
    }
  }

  private static func command(_ text: String) throws(Misuse) -> Command {
    if let command = Command(rawValue: text) { return command }
    let names = Command.allCases.map(\.rawValue)
    let advice = nearestName(text, among: names).map { "try unroll-lab \($0)" } ?? "there are \(names.joined(separator: ", "))"
    throw Misuse(description: "there is no command \(text); \(advice)")
  }

  private mutating func read(_ argument: String, _ rest: inout ArraySlice<String>) throws(Misuse) {
    if argument == "-h" {
      wantsHelp = true
      return
    }
    guard argument.hasPrefix("-") else {
      guard command == .reproduce || !command.operands.isEmpty && operands.isEmpty else {
        throw Misuse(description: "unexpected argument \(argument); see unroll-lab help \(command.rawValue)")
      }
      operands.append(argument)
      return
    }
    let parts = argument.drop { $0 == "-" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts.first ?? "")
    let flags = command.flags + Flag.common
    guard argument.hasPrefix("--"), let flag = Flag(rawValue: name), flags.contains(flag) else {
      let advice =
        nearestName(name, among: flags.map(\.rawValue)).map { "try --\($0)" } ?? "see unroll-lab help \(command.rawValue)"
      throw Misuse(description: "\(argument) is not a flag of \(command.rawValue); \(advice)")
    }
    if [.json, .help, .fresh].contains(flag) {
      if parts.count > 1 { throw Misuse(description: "--\(name) takes no value") }
      switch flag {
      case .json: isJSON = true
      case .fresh: isFresh = true
      default: wantsHelp = true
      }
      return
    }
    guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst(), !value.isEmpty else {
      throw Misuse(description: "--\(name) needs a value: \(flag.about.prefix { $0 != " " }) \(Self.example(flag))")
    }
    try set(flag, value)
  }

  private mutating func set(_ flag: Flag, _ value: String) throws(Misuse) {
    switch flag {
    case .out: folder = value
    case .prompt: prompt = value
    case .text: text = value
    case .data: data = value
    case .rate, .bound, .temperature:
      guard let number = Double(value), number.isFinite, number > 0 else {
        throw Misuse(description: "--\(flag.rawValue) needs a number above 0, not \(value)")
      }
      switch flag {
      case .rate: rate = number
      case .bound: bound = number
      default: temperature = number
      }
    default:
      let largest = flag.largest ?? 0
      let least = flag == .seed ? 0 : flag == .steps ? 2 : 1
      guard let number = Int(value), (least...largest).contains(number) else {
        let range = flag == .seed ? "of at least 0" : "from \(least) to \(largest)"
        throw Misuse(description: "--\(flag.rawValue) needs an integer \(range), not \(value)")
      }
      numbers[flag] = number
    }
  }

  private static func example(_ flag: Flag) -> String {
    switch flag {
    case .out: "pictures"
    case .prompt: "'To be'"
    case .text: "verses.txt"
    case .data: "Gestures_TRAIN.ts"
    case .rate: "0.1"
    case .bound, .temperature: "1"
    default: "10"
    }
  }
}
