import Testing
import UnrollTestSupport

@testable import UnrollArrays

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(WASILibc)
  import WASILibc
#else
  import Darwin
#endif

/// What environment variables ask for is obeyed where it can be, and otherwise named and ignored.
@Suite struct MachineTests {
  struct Wish: Sendable {
    let name: String
    let value: String
    let answer: String
  }

  static let hostile = [
    Wish(name: "UNROLL_KERNELS", value: "avx513", answer: "unroll: UNROLL_KERNELS=avx513 is ignored: not a kernel table"),
    Wish(name: "UNROLL_KERNELS", value: "", answer: "unroll: UNROLL_KERNELS= is ignored: not a kernel table"),
    Wish(name: "UNROLL_KERNELS", value: "AVX2\u{1B}[2J", answer: "is ignored: not a kernel table"),
    Wish(
      name: "UNROLL_THREADS", value: "0", answer: "unroll: UNROLL_THREADS=0 is ignored: it is not a whole number from 1 to 256"),
    Wish(name: "UNROLL_THREADS", value: "-3", answer: "unroll: UNROLL_THREADS=-3 is ignored"),
    Wish(name: "UNROLL_THREADS", value: "two", answer: "unroll: UNROLL_THREADS=two is ignored"),
    Wish(name: "UNROLL_THREADS", value: "99999999999999999999", answer: "UNROLL_THREADS=99999999999999999999 is ignored"),
  ]

  @Test(arguments: hostile.indices)
  func hostileWishesAreNamedAndIgnored(_ index: Int) async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) { [index] in
      unsetenv("UNROLL_KERNELS")
      unsetenv("UNROLL_THREADS")
      setenv(Self.hostile[index].name, Self.hostile[index].value, 1)
      let report = Machine.report
      let works = NDArray.ones([2, 3]).matmul(NDArray.ones([3, 2])) == NDArray.full([2, 2], 3)
      exit(works && report.threads >= 1 && report.kernels == report.availableKernels.last ? 0 : 1)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains(Self.hostile[index].answer))
    #expect(!text.contains("\u{1B}"), "control characters are not passed on to the terminal")
  }

  @Test func availableTablesCanBeForced() async {
    for index in 0..<Machine.availableTables.count {
      await #expect(processExitsWith: .success) { [index = index as Int] in
        let names = ["portable", "avx2", "avx512"]
        setenv("UNROLL_KERNELS", names[index], 1)
        setenv("UNROLL_THREADS", "3", 1)
        exit(Machine.report.kernels == names[index] && Machine.report.threads == 3 ? 0 : 1)
      }
    }
  }

  @Test func aTableThatTheMachineLacksIsSaidToBeLacking() {
    #expect(Machine.refusal(of: "avx512", available: ["portable"]).contains("lacks those kernels (it has portable)"))
    #expect(Machine.refusal(of: "sse", available: ["portable"]).contains("not a kernel table"))
  }

  @Test func levelsNeedEveryFlag() {
    #expect(Processor.level3.count == Set(Processor.level3).count)
    for missing in Processor.level4 {
      let flags = Set(Processor.level3 + Processor.level4).subtracting([missing])
      #expect(!flags.isSuperset(of: Processor.level4))
    }
    #expect(Processor.current.availableCores >= 1)
    #expect(Processor.current.caches.allSatisfy { $0 > 0 })
  }

  @Test func theReportCanBePrinted() {
    let text = Machine.report.description
    #expect(text.contains("kernels  \(Machine.report.kernels)"))
    #expect(text.contains("threads  \(Machine.threadCount) of"))
  }
}
