import Testing
import Unroll

@testable import unroll_examples

/// What the command line understands, and what it says to type instead.
@Suite struct RequestTests {
  @Test func nothingListsTheExamples() throws {
    for arguments in [[], ["help"], ["-h"], ["tagging", "--help"]] { #expect(try Request(arguments).example == nil) }
    for example in Example.allCases { #expect(Request.list.contains("  \(example.rawValue) ")) }
    #expect(Request.list.split(separator: "\n").allSatisfy { $0.count <= 128 })
  }

  @Test func whatIsUnderstood() throws {
    let request = try Request(["tagging", "--quick", "--seed", "7"])
    #expect(request.example == .tagging && request.isQuick && request.seed == 7 && request.file == nil)
    #expect(try Request(["classify", "data.ts"]).file == "data.ts")
    let text = try Request(["awd-lstm", "--data", "verses.txt"])
    #expect(text.example == .awdLSTM && text.file == "verses.txt")
  }

  static let misuses: [(arguments: [String], sentence: String)] = [
    (["taging"], "there is no example taging; try unroll-examples tagging"),
    (["class"], "there is no example class; try unroll-examples classify"),
    (
      ["poetry"],
      "there is no example poetry; there are classify, tagging, translate, sharing, forecast, distributed, export, awd-lstm"
    ),
    (["sharing", "--seed"], "--seed needs an integer of at least 0: unroll-examples sharing --seed 2"),
    (["sharing", "--seed", "-1"], "--seed needs an integer of at least 0: unroll-examples sharing --seed 2"),
    (["sharing", "--quik"], "--quik is not an argument of sharing; there are --seed N and --quick"),
    (["forecast", "data.csv"], "data.csv is not an argument of forecast; there are --seed N and --quick"),
    (["awd-lstm", "--data"], "--data needs a file, and is for awd-lstm: unroll-examples awd-lstm --data verses.txt"),
    (["tagging", "--data", "a.txt"], "--data needs a file, and is for awd-lstm: unroll-examples awd-lstm --data verses.txt"),
    (["awd-lstm", "a.txt"], "a.txt is not an argument of awd-lstm; there are --data FILE, --seed N and --quick"),
    (["classify", "a.ts", "b.ts"], "b.ts is not an argument of classify; there are --seed N and --quick"),
  ]

  @Test(arguments: misuses) func whatIsWrong(_ misuse: (arguments: [String], sentence: String)) {
    let error = #expect(throws: Request.Misuse.self) { try Request(misuse.arguments) }
    #expect(error?.description == misuse.sentence)
  }
}
