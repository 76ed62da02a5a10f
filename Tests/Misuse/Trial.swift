import Foundation
import UnrollArrays
import UnrollTestSupport

/// One call of one entrance with the arguments of one seed, in a process of its own, since the library ends the process where it is
/// misused.
struct Trial {
  /// How a trial ended.
  enum Ending: Equatable {
    /// It came to its end, and what came out is right.
    case result
    /// The library stopped, with this sentence.
    case sentence(String)
    /// Neither: what is wrong with the end.
    case failure(String)
  }

  let seed: UInt64
  let entrance: Entrance
  /// What the trial said.
  let text: String
  let ending: Ending

  /// The entrance of a seed: all have their turn.
  static func entrance(of seed: UInt64) -> Entrance { Entrance.all[Int(seed % UInt64(Entrance.all.count))] }

  /// Runs the trial in a copy of this process, which must have no other threads at work.
  init(seed: UInt64) {
    self.seed = seed
    entrance = Trial.entrance(of: seed)
    let entrance = entrance
    let (said, status) = ForkedProcess.run(seconds: 20, bytes: 4 << 30) {
      var mischief = Mischief(seed: seed)
      entrance.act(&mischief)
    }
    text = said
    ending = Trial.ending(said, status)
  }

  static func ending(_ text: String, _ status: ForkedProcess.Status) -> Ending {
    let lines = text.split(separator: "\n")
    switch status {
    case .exited(0): return .result
    case .exited(3): return .failure(lines.last { $0.hasPrefix("? ") }.map(String.init) ?? "it failed without a reason")
    case .exited(let code): return .failure("it left with code \(code)")
    case .signalled(let number):
      guard let stop = text.firstRange(of: #/(?:UnrollArrays/Stop\.swift|Unroll):\d+: Fatal error: /#) else {
        let other = lines.last { $0.contains("Fatal error") }.map(String.init) ?? "no message"
        return .failure(
          number == SIGALRM ? "it takes too long" : "signal \(number) without a sentence of the library's: \(other)")
      }
      let sentence = String(text[stop.upperBound...].prefix { $0 != "\n" })
      if !sentence.contains(#/^[^\s:]+(?:\(\S*\))?: /#) && !sentence.contains(#/^(?:an array|the system) /#) {
        return .failure("the sentence names no operation: \(sentence)")
      }
      if !lines.contains(where: { $0.hasPrefix("! ") }) { return .failure("it stops although nothing is wrong: \(sentence)") }
      if lines.contains(where: { $0.hasPrefix("= ") }) {
        return .failure("it accepts the arguments and then refuses them: \(sentence)")
      }
      return .sentence(sentence)
    }
  }
}
