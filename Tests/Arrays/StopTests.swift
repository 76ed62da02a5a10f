@preconcurrency import Foundation
import Testing
import UnrollTestSupport

@testable import UnrollArrays

/// How the program ends where it is misused.
@Suite struct StopTests {
  /// What was printed before is not lost where standard output is a file or a pipe, and the message names no file of the library: the
  /// mistake is not there.
  @Test func whatWasPrintedComesOut() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardOutputContent, \.standardErrorContent]
    ) {
      // As it is for a program whose output is stored.
      setvbuf(stdout, nil, _IOFBF, 1 << 16)
      print("epoch 7: loss 0.25")
      _ = NDArray.ones([2, 3]).matmul(NDArray.ones([4, 5]))
    }
    let printed = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    #expect(printed.contains("epoch 7: loss 0.25\n"))
    let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    let line = said.split(separator: "\n").first { $0.contains("Fatal error") } ?? ""
    #expect(line == "Unroll:0: Fatal error: \(stopSentence(result))" && line.contains("matmul"), "\(said)")
  }

  /// Whoever waits for a line of input on another thread does not keep the program from ending.
  @Test func aThreadThatReadsDoesNotHoldIt() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var ends: [Int32] = [0, 0]
      pipe(&ends)
      dup2(ends[0], STDIN_FILENO)
      Thread.detachNewThread { _ = readLine() }
      usleep(50_000)
      stop("the end")
    }
    #expect(stopSentence(result) == "the end")
  }
}
