public import UnrollArrays
public import UnrollAutograd

/// Two of many numbers are marked; their sum is to be said after the last (Hochreiter and Schmidhuber 1997, as Le and others draw it).
///
/// Inputs `[batch, steps, 2]`: a number uniform in 0 ..< 1, and a mark that is 1 at one place in each half and 0 elsewhere. Targets
/// `[batch, 1]`: the sum of the marked numbers. Who always says 1 has the mean squared error 2 · 1/12 = 1/6.
///
///     let task = AddingTask(steps: 100)
///     let batch = task.batch(32, using: &generator)
public struct AddingTask: Sendable, Hashable {
  /// How many numbers a sequence has.
  public let steps: Int

  /// The mean squared error of the best answer that is always the same.
  public static let baseline = 1.0 / 6

  /// Sequences of so many numbers.
  public init(steps: Int) {
    require(steps >= 2, "AddingTask: two numbers cannot be marked among \(steps)")
    self.steps = steps
  }

  /// So many sequences and their sums, `[count, 1]`.
  public func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Tensor> {
    requireRows("AddingTask", count)
    let numbers = NDArray.uniform([count * steps], using: &generator).scalars(as: Float.self)
    var (inputs, sums): ([Float], [Float]) = (numbers.flatMap { [$0, Float(0)] }, [])
    for row in 0..<count {
      let first = row * steps + Int.random(in: 0..<steps / 2, using: &generator)
      let second = row * steps + Int.random(in: steps / 2..<steps, using: &generator)
      inputs[2 * first + 1] = 1
      inputs[2 * second + 1] = 1
      sums.append(numbers[first] + numbers[second])
    }
    return TaskBatch(
      inputs: Tensor(inputs, shape: [count, steps, 2]), targets: Tensor(sums, shape: [count, 1]),
      lengths: Array(repeating: steps, count: count))
  }
}
