internal import UnrollArrays
internal import UnrollTraining

/// The commands of the lab.
enum Command: String, CaseIterable {
  case flow, wall, truncate, online, clip, cell, cure, inspect, text, reproduce

  var about: String {
    switch self {
    case .flow: "which networks carry a gradient back 100 steps, and in which it vanishes or explodes"
    case .wall: "the error surface that throws gradient descent off, and how clipping prevents it"
    case .truncate: "the part of the gradient that truncated backpropagation loses, by depth"
    case .online: "ways to estimate a gradient without going back through the sequence: bias and scatter of each"
    case .clip: "an exploding training run, with and without each kind of clipping"
    case .cell: "a walk through the steps of an LSTM that has learned to remember"
    case .cure: "what saves a gradient that vanishes or explodes: each cure, before and after training"
    case .inspect: "the contents of a safetensors or npz file or a checkpoint: inspect FILE"
    case .text: "a network that learns a text and continues it: text FILE, or this library's own sources"
    case .reproduce: "experiments on memory and state, over several seeds: reproduce NAME, or all of them"
    }
  }

  /// The flags in addition to those that all commands take.
  var flags: [Flag] {
    switch self {
    case .flow: [.steps, .hidden, .batch]
    case .wall: [.steps, .updates, .rate, .bound]
    case .truncate: [.steps, .hidden, .batch]
    case .online: [.steps, .hidden, .draws]
    case .clip: [.steps, .hidden, .batch, .updates, .rate, .bound]
    case .cell: [.steps, .hidden, .updates]
    case .cure: [.steps, .hidden, .updates]
    case .inspect: []
    case .text: [.hidden, .layers, .steps, .batch, .updates, .rate, .bound, .prompt, .length, .temperature, .fresh]
    case .reproduce: [.seeds, .updates, .text, .data, .fresh]
    }
  }

  /// The arguments after the command, in addition to flags.
  var operands: String {
    switch self {
    case .inspect: "FILE "
    case .text: "[FILE] "
    case .reproduce: "[NAME...] "
    default: ""
    }
  }

  /// The default output folder.
  var folder: String {
    switch self {
    case .text: "unroll-text"
    case .reproduce: "unroll-results"
    default: "unroll-lab"
    }
  }
}

extension Command {
  /// The default values of the numeric flags.
  var standards: [Flag: Double] {
    switch self {
    case .flow: [.steps: 100, .hidden: 32, .batch: 4, .seed: 1]
    case .wall: [.steps: 50, .updates: 200, .rate: 0.3, .bound: 0.3, .seed: 1]
    case .truncate: [.steps: 64, .hidden: 16, .batch: 4, .seed: 1]
    case .online: [.steps: 32, .hidden: 8, .draws: 128, .seed: 1]
    case .clip: [.steps: 50, .hidden: 16, .batch: 16, .updates: 300, .rate: 0.001, .bound: 0.3, .seed: 1]
    case .cell: [.steps: 32, .hidden: 2, .updates: 600, .seed: 1]
    case .cure: [.steps: 100, .hidden: 24, .updates: 300, .seed: 1]
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

  /// The default of a flag, in words; nil if it has none.
  func standard(_ flag: Flag) -> String? {
    if let number = standards[flag] { return number == number.rounded() ? "\(Int(number))" : "\(number)" }
    let seeds = Experiment.all.map(\.seedCount)
    switch (self, flag) {
    case (.inspect, .out): return nil
    case (_, .out): return folder
    case (_, .threads): return "\(Machine.threadCount), from the processors or UNROLL_THREADS"
    case (_, .prompt): return "the beginning of a line"
    case (_, .seeds): return "\(seeds.min() ?? 1) to \(seeds.max() ?? 1), depending on the experiment"
    case (.reproduce, .updates): return "depends on the experiment"
    case (_, .text): return "this library's own sources"
    default: return nil
    }
  }
}

/// The flags of the command line.
enum Flag: String, CaseIterable {
  case steps, hidden, layers, batch, draws, updates, rate, bound, prompt, length, temperature, text, data, fresh, seeds, seed,
    out,
    threads, json, help

  static let common: [Flag] = [.seed, .out, .threads, .json, .help]

  var about: String {
    switch self {
    case .steps: "--steps N      the length of sequences"
    case .hidden: "--hidden N     the number of units of a layer"
    case .layers: "--layers N     the number of layers"
    case .batch: "--batch N      the number of sequences in a batch"
    case .draws: "--draws N      the number of gradients that each random way draws"
    case .updates: "--updates N    the number of updates, or its maximum"
    case .rate: "--rate X       the learning rate"
    case .bound: "--bound X      the bound for clipping gradients"
    case .prompt: "--prompt TEXT  the beginning of the generated text"
    case .length: "--length N     the number of characters to generate"
    case .temperature: "--temperature X  below 1 for likely characters, 1 for learned probabilities, above 1 for more variety"
    case .text: "--text FILE    the text that the character model learns"
    case .data: "--data FILE    the series to classify: a .ts file of the UEA and UCR archives, or an npz file"
    case .fresh: "--fresh        starts over instead of resuming from the folder"
    case .seeds: "--seeds N      the number of seeds for each network"
    case .seed: "--seed N       the seed of the random numbers; the same seed gives the same result"
    case .out: "--out FOLDER   the folder for the output files"
    case .threads: "--threads N    the number of threads of an operation; results do not depend on it"
    case .json: "--json         prints only the findings, as JSON; writes pictures only with --out"
    case .help: "--help         this text"
    }
  }

  /// The largest valid integer; nil for flags that do not take integers.
  var largest: Int? {
    switch self {
    case .steps: 10_000
    case .hidden: 4096
    case .batch: 4096
    case .layers: 64
    case .draws: 100_000
    case .length: 1_000_000
    case .seeds: 1000
    case .updates: 1_000_000
    case .seed: Int.max
    case .threads: 256
    default: nil
    }
  }
}
