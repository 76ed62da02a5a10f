import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

@testable import unroll_lab

/// What a task says of who learns nothing, against thousands of drawn examples.
@Suite struct TaskBaselineTests {
  @Test func adding() {
    var generator = Generator(seed: 1)
    let batch = AddingTask(steps: 9).batch(20_000, using: &generator)
    #expect(batch.inputs.shape == [20_000, 9, 2] && batch.targets.shape == [20_000, 1])
    let error = meanSquaredError(batch.targets, Tensor.ones([20_000, 1])).item
    #expect(abs(error - AddingTask.baseline) < 0.005, "\(error)")
    let numbers = batch.inputs.array.scalars(as: Float.self)
    let sums = batch.targets.array.scalars(as: Float.self)
    for row in 0..<200 {
      let marked = (0..<9).filter { numbers[(row * 9 + $0) * 2 + 1] == 1 }
      #expect(marked.count == 2 && marked[0] < 4 && marked[1] >= 4)
      #expect(sums[row] == marked.reduce(0) { $0 + numbers[(row * 9 + $1) * 2] })
    }
  }

  @Test func copying() {
    var generator = Generator(seed: 2)
    let task = CopyTask(delay: 7)
    let batch = task.batch(50, using: &generator)
    #expect(batch.inputs.shape == [50, 27, 10] && batch.targets.shape == [50, 27])
    let (inputs, targets) = (batch.inputs.argmax().values, batch.targets.values)
    for row in 0..<50 {
      let (shown, said) = (inputs[row * 27..<(row + 1) * 27].map { $0 }, targets[row * 27..<(row + 1) * 27].map { $0 })
      #expect(
        shown[..<10].allSatisfy { (1...8).contains($0) } && shown[10...].enumerated().allSatisfy { $1 == ($0 == 6 ? 9 : 0) })
      #expect(said[..<17].allSatisfy { $0 == 0 } && Array(said[17...]) == Array(shown[..<10]))
    }
    // Who says blanks for certain, and each letter with the same probability, loses just the baseline.
    var logits = [Float](repeating: -1e4, count: 50 * 27 * 10)
    for step in 0..<50 * 27 {
      for letter in step % 27 < 17 ? 0...0 : 1...8 { logits[step * 10 + letter] = 0 }
    }
    #expect(abs(crossEntropy(Tensor(logits, shape: [50, 27, 10]), batch.targets).item - task.baseline) < 1e-6)
    #expect(abs(CopyTask(delay: 100).baseline - 0.173287) < 1e-6)
  }

  @Test func recalling() {
    var generator = Generator(seed: 2)
    let batch = RecallTask(delay: 4).batch(4000, using: &generator)
    #expect(batch.inputs.shape == [4000, 5, 2] && batch.targets.shape == [4000])
    let (inputs, signs) = (batch.inputs.scalars(as: Float.self), batch.targets.values)
    for row in 0..<4000 {
      #expect(inputs[row * 10] == (signs[row] == 1 ? 1 : -1))
      #expect((1..<5).allSatisfy { inputs[row * 10 + 2 * $0] == 0 && abs(inputs[row * 10 + 2 * $0 + 1]) <= 1 })
    }
    #expect(abs(Double(signs.count { $0 == 1 }) / 4000 - RecallTask.baseline) < 0.03)
  }

  @Test(arguments: [2, 3]) func temporalOrder(symbols: Int) {
    var generator = Generator(seed: 3)
    let task = TemporalOrderTask(symbols: symbols, steps: 50)
    let batch = task.batch(8000, using: &generator)
    #expect(Set(batch.lengths) == Set(50...55) && batch.inputs.shape == [8000, batch.lengths.max() ?? 0, 8])
    let (steps, labels, inputs) = (batch.inputs.shape[1], batch.targets.values, batch.inputs.argmax().values)
    for label in 0..<task.classes {
      let share = Double(labels.count { $0 == label }) / 8000
      #expect(abs(share - task.baseline) < 0.02, "\(label): \(share)")
    }
    for row in 0..<500 {
      let string = inputs[row * steps..<row * steps + batch.lengths[row]]
      let relevant = string.filter { $0 == 4 || $0 == 5 }
      #expect(relevant.count == symbols && relevant.reduce(0) { 2 * $0 + $1 - 4 } == labels[row])
      #expect(string.first == 6 && string.last == 7 && string.dropFirst().dropLast().allSatisfy { $0 < 6 })
    }
    #expect(batch.mask.trueCount == batch.lengths.reduce(0, +))
    #expect(Int(batch.inputs.sum().item) == batch.mask.trueCount)
  }
}
