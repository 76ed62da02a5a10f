import Testing

@testable import unroll_lab

/// What the command line understands, and what it says to type instead.
@Suite struct OptionTests {
  @Test func nothingIsTheMainDemonstration() throws {
    let options = try Options([])
    #expect(options.command == .flow && options.isDefault && !options.wantsHelp)
    #expect(try Options(["--seed", "3"]).numbers == [.seed: 3])
  }

  @Test func flagsOfAllSorts() throws {
    let options = try Options(["wall", "--steps=20", "--rate", "0.5", "--bound", "2", "--out", "there", "--json"])
    #expect(options.command == .wall && options.numbers == [.steps: 20])
    #expect(options.rate == 0.5 && options.bound == 2 && options.folder == "there" && options.isJSON)
    #expect(try Options(["inspect", "a.safetensors"]).file == "a.safetensors")
    #expect(try Options(["help"]).wantsHelp)
    #expect(try Options(["help", "cell"]).command == .cell)
    #expect(try Options(["clip", "-h"]).wantsHelp)
  }

  static let misuses: [(arguments: [String], sentence: String)] = [
    (["flwo"], "there is no command flwo; try unroll-lab flow"),
    (["trunc"], "there is no command trunc; try unroll-lab truncate"),
    (
      ["paint"], "there is no command paint; there are flow, wall, truncate, online, clip, cell, cure, inspect, text, reproduce"
    ),
    (["help", "wal"], "there is no command wal; try unroll-lab wall"),
    (["flow", "--step", "5"], "--step is not a flag of flow; try --steps"),
    (["flow", "--rate", "5"], "--rate is not a flag of flow; see unroll-lab help flow"),
    (["wall", "--hidden", "5"], "--hidden is not a flag of wall; see unroll-lab help wall"),
    (["flow", "-q"], "-q is not a flag of flow; see unroll-lab help flow"),
    (["flow", "--steps"], "--steps needs a value: --steps 10"),
    (["flow", "--steps="], "--steps needs a value: --steps 10"),
    (["flow", "--steps", "many"], "--steps needs an integer from 2 to 10000, not many"),
    (["flow", "--steps", "1"], "--steps needs an integer from 2 to 10000, not 1"),
    (["flow", "--hidden", "0"], "--hidden needs an integer from 1 to 4096, not 0"),
    (["flow", "--threads", "1000"], "--threads needs an integer from 1 to 256, not 1000"),
    (["flow", "--seed", "-1"], "--seed needs an integer of at least 0, not -1"),
    (["wall", "--rate", "nan"], "--rate needs a number above 0, not nan"),
    (["wall", "--bound", "-2"], "--bound needs a number above 0, not -2"),
    (["flow", "--json=yes"], "--json takes no value"),
    (["flow", "more"], "unexpected argument more; see unroll-lab help flow"),
    (["inspect"], "inspect needs a file: unroll-lab inspect model.safetensors"),
    (["text", "a", "b"], "unexpected argument b; see unroll-lab help text"),
    (["text", "--updates", "0"], "--updates needs an integer from 1 to 1000000, not 0"),
    (["text", "--temperature", "0"], "--temperature needs a number above 0, not 0"),
    (["text", "--fresh=no"], "--fresh takes no value"),
    (["text", "--prompt"], "--prompt needs a value: --prompt 'To be'"),
    (["text", "--hiden", "5"], "--hiden is not a flag of text; try --hidden"),
    (["inspect", "a", "b"], "unexpected argument b; see unroll-lab help inspect"),
  ]

  @Test(arguments: misuses) func whatIsWrong(_ misuse: (arguments: [String], sentence: String)) {
    let error = #expect(throws: Options.Misuse.self) { try Options(misuse.arguments) }
    #expect(error?.description == misuse.sentence)
  }

  /// Help names every command and every flag that a command takes.
  @Test func helpIsWhole() throws {
    for command in Command.allCases {
      #expect(Help.general.contains("  \(command.rawValue)"))
      for flag in command.flags + Flag.common { #expect(Help.of(command).contains("--\(flag.rawValue)")) }
    }
    // What holds without a flag stands beside it, and is what the command takes.
    #expect(
      Help.of(.clip).contains("--rate X       the learning rate (0.001)")
        && Help.of(.flow).contains("--steps N      the length of sequences (100)"))
    for command in Command.allCases {
      for (flag, number) in command.standards {
        #expect(try Options([command.rawValue, "--help"]).amount(flag) == number)
        let text = number == number.rounded() ? "\(Int(number))" : "\(number)"
        #expect(Help.of(command).contains("\(flag.about) (\(text))"), "\(command) \(flag)")
      }
    }
    #expect(Help.of(.reproduce).contains("the number of seeds for each network (3 to 10, depending on the experiment)"))
    let lines = ([Help.general] + Command.allCases.map(Help.of)).flatMap { $0.split(separator: "\n") }
    #expect(lines.allSatisfy { $0.count <= 132 })
  }
}
