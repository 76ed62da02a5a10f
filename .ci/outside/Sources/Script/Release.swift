import Foundation
import Unroll

/// A mistake, and the parts of the sentence that must appear on standard error.
struct Mistake: Sendable {
  let sentence: [String]
  let make: @Sendable () -> Void

  static let all: [Mistake] = [
    Mistake(sentence: ["matmul", "[2, 3]", "[4, 2]"]) { _ = Tensor.ones([2, 3]).matmul(Tensor.ones([4, 2])) },
    Mistake(sentence: ["[2, 3]", "[2, 4]"]) { _ = Tensor.ones([2, 3]) + Tensor.ones([2, 4]) },
    Mistake(sentence: ["float32", "float64"]) { _ = Tensor.ones([2]) * Tensor.ones([2], .float64) },
    Mistake(sentence: ["reshaped", "[2, 3]", "[5]"]) { _ = Tensor.ones([2, 3]).reshaped([5]) },
    Mistake(sentence: ["item", "[2]"]) { _ = Tensor.ones([2]).item },
    Mistake(sentence: ["clipped", "2", "1"]) { _ = Tensor.ones([2]).clipped(minimum: 2, maximum: 1) },
    Mistake(sentence: ["threadCount", "0"]) { Machine.threadCount = 0 },
    Mistake(sentence: ["LSTMCell", "5", "3"]) {
      var generator = Generator(seed: 1)
      _ = LSTM(3, 4, using: &generator)(Tensor.ones([2, 7, 5])).outputs
    },
    Mistake(sentence: ["-1"]) {
      var generator = Generator(seed: 1)
      _ = Adam(for: Linear(2, 2, using: &generator), learningRate: -1)
    },
    Mistake(sentence: ["crossEntropy", "7"]) { _ = crossEntropy(Tensor.ones([1, 3]), Indices([7])) },
  ]
}

/// What a release build must do as a debug build does: a mistake ends with a sentence, since `precondition` would print nothing there;
/// products are right at the edges of tiles; a long graph does not exhaust the stack.
func checkThisBuild() throws {
  for (number, mistake) in Mistake.all.enumerated() {
    let (status, text) = try ran(["mistake", "\(number)"])
    let missing = mistake.sentence.filter { !text.contains($0) }
    guard status != 0, missing.isEmpty else {
      fatalError("mistake \(number) ended with \(status) and \"\(text)\", which lacks \(missing)")
    }
  }
  var generator = Generator(seed: 5)
  for (rows, depth, columns) in [(1, 1, 1), (1, 33, 65), (13, 7, 17), (29, 65, 31), (64, 64, 64), (97, 130, 49)] {
    for type in ElementType.allCases {
      let a = Tensor.normal([rows, depth], type, using: &generator)
      let b = Tensor.normal([depth, columns], type, using: &generator)
      let product = (a.expandingAxis(2) * b.expandingAxis(0)).sum(axes: 1)
      let bound = type == .float32 ? 1e-4 : 1e-12
      guard a.matmul(b).isClose(to: product, relative: bound, absolute: bound) else {
        fatalError("the \(type) product of [\(rows), \(depth)] and [\(depth), \(columns)] is wrong")
      }
    }
  }
  let thread = Thread {
    let slope = gradient(at: Tensor.full([4], 1.5, .float64)) { x in
      var y = x
      for _ in 0..<100_000 { y = (y * y).squareRoot() }
      return y.sum()
    }
    guard slope.isClose(to: Tensor.ones([4], .float64), relative: 1e-8) else { fatalError("a long gradient is \(slope)") }
    exit(0)
  }
  thread.stackSize = 512 << 10
  print("\(Mistake.all.count) mistakes end with a sentence; products and a long graph are right")
  thread.start()
  while true { sleep(1) }
}

/// This program run anew with arguments: its status, and what it wrote to standard error.
private func ran(_ arguments: [String]) throws -> (status: Int32, text: String) {
  let (process, pipe) = (Process(), Pipe())
  process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
  process.arguments = arguments
  process.standardError = pipe
  try process.run()
  let text = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: text, as: UTF8.self))
}
