internal import UnrollArrays
internal import UnrollTraining

/// What the lab can show.
enum Command: String, CaseIterable {
  case flow, wall, truncate, clip, cell, inspect, text, reproduce

  var about: String {
    switch self {
    case .flow: "which networks let a gradient travel back 100 steps, and which lose it or blow it up"
    case .wall: "the error surface on which gradient descent is thrown off, and clipping that prevents it"
    case .truncate: "what truncated backpropagation throws away, by depth"
    case .clip: "an exploding training run, with and without each kind of clipping"
    case .cell: "a walk through the steps of an LSTM that has learned to remember"
    case .inspect: "what is in a safetensors file or checkpoint: inspect FILE"
    case .text: "a network that learns a text and writes more of it: text FILE, or this library's own sources"
    case .reproduce: "the classic experiments on long memory, over several seeds: reproduce NAME, or all of them"
    }
  }

  /// The flags beyond those that all commands take.
  var flags: [Flag] {
    switch self {
    case .flow: [.steps, .hidden, .batch]
    case .wall: [.steps, .updates, .rate, .bound]
    case .truncate: [.steps, .hidden, .batch]
    case .clip: [.steps, .hidden, .batch, .updates, .rate, .bound]
    case .cell: [.steps, .hidden, .updates]
    case .inspect: []
    case .text: [.hidden, .layers, .steps, .batch, .updates, .rate, .bound, .prompt, .length, .temperature, .fresh]
    case .reproduce: [.seeds, .updates, .text, .fresh]
    }
  }

  /// What is typed after the command beside flags.
  var operands: String {
    switch self {
    case .inspect: "FILE "
    case .text: "[FILE] "
    case .reproduce: "[NAME...] "
    default: ""
    }
  }

  /// The folder that is written to unless another is asked for.
  var folder: String {
    switch self {
    case .text: "unroll-text"
    case .reproduce: "unroll-results"
    default: "unroll-lab"
    }
  }
}

extension Command {
  /// The numbers that hold where no others are asked for.
  var standards: [Flag: Double] {
    switch self {
    case .flow: [.steps: 100, .hidden: 32, .batch: 4, .seed: 1]
    case .wall: [.steps: 50, .updates: 200, .rate: 0.3, .bound: 0.3, .seed: 1]
    case .truncate: [.steps: 64, .hidden: 16, .batch: 4, .seed: 1]
    case .clip: [.steps: 50, .hidden: 16, .batch: 16, .updates: 300, .rate: 0.001, .bound: 0.3, .seed: 1]
    case .cell: [.steps: 32, .hidden: 2, .updates: 600, .seed: 1]
    case .inspect: [:]
    case .text: Command.standards(of: CharacterSettings())
    case .reproduce: [.seed: 1]
    }
  }

  private static func standards(of usual: CharacterSettings) -> [Flag: Double] {
    [
      .hidden: Double(usual.hidden), .layers: Double(usual.layers), .steps: Double(usual.steps), .batch: Double(usual.batch),
      .updates: 2000, .rate: usual.learningRate, .bound: usual.clip, .length: 300, .temperature: 0.8, .seed: Double(usual.seed),
    ]
  }

  /// What holds where a flag is not given, in words; nil for what is then simply not done.
  func standard(_ flag: Flag) -> String? {
    if let number = standards[flag] { return number == number.rounded() ? "\(Int(number))" : "\(number)" }
    let seeds = Experiment.all.map(\.seedCount)
    switch (self, flag) {
    case (.inspect, .out): return nil
    case (_, .out): return folder
    case (_, .threads): return "\(Machine.threadCount), by processors or UNROLL_THREADS"
    case (_, .prompt): return "the beginning of a line"
    case (_, .seeds): return "\(seeds.min() ?? 1) to \(seeds.max() ?? 1), by experiment"
    case (.reproduce, .updates): return "by experiment"
    case (_, .text): return "this library's own sources"
    default: return nil
    }
  }
}

/// What can be asked for on the command line.
enum Flag: String, CaseIterable {
  case steps, hidden, layers, batch, updates, rate, bound, prompt, length, temperature, text, fresh, seeds, seed, out, threads,
    json,
    help

  static let common: [Flag] = [.seed, .out, .threads, .json, .help]

  var about: String {
    switch self {
    case .steps: "--steps N      how long sequences are"
    case .hidden: "--hidden N     how many units a network has"
    case .layers: "--layers N     how many layers it has"
    case .batch: "--batch N      how many sequences there are at once"
    case .updates: "--updates N    how many updates training makes, or at most makes"
    case .rate: "--rate X       the learning rate"
    case .bound: "--bound X      what gradients are clipped to"
    case .prompt: "--prompt TEXT  what the written text goes on from"
    case .length: "--length N     how many characters are written"
    case .temperature: "--temperature X  low for what is likely, 1 as learned, high for what is not"
    case .text: "--text FILE    the text that the character model learns"
    case .fresh: "--fresh        begins anew where a folder has what could be gone on from"
    case .seeds: "--seeds N      how many seeds each network gets"
    case .seed: "--seed N       another number, other random numbers; the same number, the same result"
    case .out: "--out FOLDER   where files are written"
    case .threads: "--threads N    how many threads one operation may use; results do not depend on it"
    case .json: "--json         the findings as JSON, and nothing else; pictures only with --out"
    case .help: "--help         this text"
    }
  }

  /// The largest whole number that makes sense; nil for flags that take none.
  var largest: Int? {
    switch self {
    case .steps: 10_000
    case .hidden: 4096
    case .batch: 4096
    case .layers: 64
    case .length: 1_000_000
    case .seeds: 1000
    case .updates: 1_000_000
    case .seed: Int.max
    case .threads: 256
    default: nil
    }
  }
}
