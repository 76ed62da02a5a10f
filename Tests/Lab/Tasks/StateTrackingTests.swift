import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

@testable import unroll_lab

/// Answers against those of another program, and what is drawn.
@Suite struct StateTrackingTests {
  /// The rule of a file's task.
  private static func task(_ file: Fixture) throws -> StateTrackingTask {
    let name = file.string("task").replacing("_", with: " ")
    let task = StateTrackingTask(rule: try #require(StateTrackingTask.Rule(rawValue: name)))
    #expect(try Double(task.answerCount) == file.number("modulus"))
    return task
  }

  /// Every sequence of every file: its answer, and where the file has them those of its beginnings.
  @Test(arguments: Fixture.names(in: "tasks", of: .module)) func golden(_ name: String) throws {
    let file = try Fixture("tasks/\(name)", of: .module)
    let (task, names) = (try Self.task(file), file.strings("symbols"))
    let (tokens, labels) = (try file.indices("tokens"), try file.indices("out.label").values)
    let (rows, steps) = (tokens.shape[0], tokens.shape[1])
    let sequences = (0..<rows).map { Array(tokens.values[$0 * steps..<($0 + 1) * steps]) }
    if file.string("format") == "classification" {
      #expect(task.symbols == names)
      let answers = sequences.map { task.answers(to: $0).map { $0 ?? StateTrackingTask.noAnswer } }
      #expect(try answers.flatMap { $0 } == file.indices("out.prefix_label").values)
      #expect(answers.map { $0[steps - 1] } == labels)
      return
    }
    // The answer is the last symbol of a sequence, after an equals sign in arithmetic.
    let lengths = try file.indices("lengths").values
    for (row, length) in lengths.enumerated() {
      let words = sequences[row][..<(length - 1)].map { names[$0] }.filter { $0 != "=" }
      let answer = task.answers(to: words.compactMap { word in task.symbols.firstIndex(of: word) }).last ?? nil
      let said = names[labels[row]].split(separator: " ").last.map(String.init)
      #expect(answer.map(String.init) == said && sequences[row][length - 1] == labels[row], "\(name), row \(row)")
    }
  }

  /// All eight files are there.
  @Test func everyFile() { #expect(Fixture.names(in: "tasks", of: .module).count == 8) }

  @Test(arguments: StateTrackingTask.Rule.allCases) func drawn(_ rule: StateTrackingTask.Rule) {
    var generator = Generator(seed: 1)
    let task = StateTrackingTask(rule: rule)
    let (count, steps) = (2000, 21)
    let batch = task.batch(count, steps: steps, using: &generator)
    #expect(batch.inputs.shape == [count, steps, task.symbols.count] && batch.targets.shape == [count, steps])
    #expect(batch.inputs.sum(axes: 2).isClose(to: Tensor.ones([count, steps])))
    let (symbols, targets) = (batch.inputs.argmax().values, batch.targets.values)
    for row in 0..<50 {
      let sequence = Array(symbols[row * steps..<(row + 1) * steps])
      #expect(task.answers(to: sequence).map { $0 ?? -1 } == Array(targets[row * steps..<(row + 1) * steps]))
      if rule == .modularArithmetic {
        #expect(sequence.enumerated().allSatisfy { ($1 < 5) == ($0 % 2 == 0) })
      }
    }
    // All answers to whole sequences are about as frequent; a product is 0 more often than anything else.
    let last = (0..<count).map { targets[($0 + 1) * steps - 1] }
    for answer in 0..<task.answerCount {
      let share = Double(last.count { $0 == answer }) / Double(count)
      #expect(abs(share - task.baseline) < (rule == .modularArithmetic ? 0.06 : 0.04), "\(answer): \(share)")
    }
  }

  /// Solved is who is right beyond the lengths of training, whoever is right within them.
  @Test(arguments: StateTrackingTask.Rule.allCases) func measured(_ rule: StateTrackingTask.Rule) throws {
    let task = StateTrackingTask(rule: rule, trained: 5, tested: 60)
    let problem = task.problem
    /// Answers that are right up to a length, and 0 beyond it.
    func answers(upTo length: Int) -> (TaskBatch<Indices>) -> Tensor {
      { batch in
        let (steps, symbols) = (batch.inputs.shape[1], batch.inputs.argmax().values)
        let said = (0..<batch.lengths.count).map { row in
          let all = task.answers(to: Array(symbols[row * steps..<(row + 1) * steps]))
          return all.enumerated().map { $0 < length ? $1 ?? 0 : 0 }
        }
        return oneHot(said, symbols: task.answerCount)
      }
    }
    var generator = Generator(seed: 2)
    #expect(problem.measure(answers(upTo: 60), &generator) == 1 && problem.isSolved(1) && !problem.isSolved(0.98))
    let asTrained = try #require(problem.measureAsTrained)
    #expect(asTrained(answers(upTo: 5), &generator) == 1 && asTrained(answers(upTo: 4), &generator) < 1)
    let chance = problem.measure(answers(upTo: 5), &generator)
    #expect(abs(chance - task.baseline) < 0.08, "\(chance)")
    #expect(problem.draw(3, &generator).inputs.shape == [3, 5, task.symbols.count])
  }
}
