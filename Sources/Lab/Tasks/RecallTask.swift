internal import UnrollArrays
internal import UnrollAutograd

/// Recall over a delay: a sign is shown in the first step, noise follows, and the sign is asked for after the last.
///
/// Inputs `[batch, delay + 1, 2]`: 1 or −1 in the first step and 0 later; noise, uniform in −1..<1, in every step. Targets `[batch]`: 1
/// for a positive sign, 0 for a negative one. Between the sign and the loss lie `delay` steps, so that a gradient that is cut on the
/// way says nothing about the sign.
struct RecallTask: Sendable {
  /// The number of steps between the sign and the answer.
  let delay: Int

  /// The fraction of signs that a guess gets right.
  static let baseline = 0.5

  /// A task with the given delay.
  init(delay: Int) {
    require(delay >= 1, "RecallTask: a delay of \(delay) steps asks for the sign while it is shown")
    self.delay = delay
  }

  /// A batch of `count` sequences and their signs, `[count]`.
  func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Indices> {
    requireRows("RecallTask", count)
    let steps = delay + 1
    let signs = (0..<count).map { _ in Int.random(in: 0...1, using: &generator) }
    let noise = NDArray.uniform([count * steps], in: -1..<1, using: &generator).scalars(as: Float.self)
    var inputs = noise.flatMap { [Float(0), $0] }
    for (row, sign) in signs.enumerated() { inputs[2 * row * steps] = sign == 1 ? 1 : -1 }
    return TaskBatch(
      inputs: Tensor(inputs, shape: [count, steps, 2]), targets: Indices(signs),
      lengths: Array(repeating: steps, count: count))
  }
}
