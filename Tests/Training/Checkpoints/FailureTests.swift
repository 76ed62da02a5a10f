import Foundation
import Synchronization
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

#if canImport(Glibc)
  import Glibc
#endif

/// Counts the calls of a file system, and lets some of them fail.
private final class Faults: Sendable {
  private let calls = Mutex(0)
  private let isFailing: @Sendable (Int) -> Bool

  init(_ isFailing: @escaping @Sendable (Int) -> Bool) { self.isFailing = isFailing }

  var count: Int { calls.withLock { $0 } }

  private func call<Result: FixedWidthInteger>(_ body: () -> Result) -> Result {
    let number = calls.withLock { calls in
      defer { calls += 1 }
      return calls
    }
    if !isFailing(number) { return body() }
    errno = ENOSPC
    return -1
  }

  var system: FileSystem {
    let real = FileSystem.system
    var system = FileSystem()
    system.create = { path in self.call { real.create(path) } }
    // Writes that take only a part are as the system may do.
    system.write = { file, bytes, count in self.call { real.write(file, bytes, min(count, 100)) } }
    system.flush = { file in self.call { real.flush(file) } }
    // A file is closed even where that says that it failed.
    system.close = { file in
      let result = real.close(file)
      return self.call { result }
    }
    system.rename = { old, new in self.call { real.rename(old, new) } }
    system.remove = { path in self.call { real.remove(path) } }
    system.openFolder = { path in self.call { real.openFolder(path) } }
    system.flushFolder = { file in self.call { real.flushFolder(file) } }
    system.makeFolder = { path in self.call { real.makeFolder(path) } }
    return system
  }
}

/// Whatever fails, and wherever a process ends, what was safe stays safe.
@Suite struct FailureTests {
  private static func checkpoint(_ step: Int) -> Checkpoint {
    Checkpoint(step: step, ["tensor": Tensor.full([50], Double(step), .float64), "text": "x"])
  }

  private static func check(_ folder: String, atLeast step: Int) throws {
    let latest = try #require(try Checkpoint.latest(in: folder) { Issue.record("\($0)") })
    #expect(latest.step >= step)
    #expect(try latest.value("tensor", as: NDArray.self) == NDArray.full([50], Double(latest.step), .float64))
  }

  /// One call fails, or all calls from one on, as when the process has ended there.
  @Test(arguments: [false, true]) func everyCallMayFail(_ forGood: Bool) async throws {
    var failures = 0
    for number in 0..<100 {
      let faults = Faults { forGood ? $0 >= number : $0 == number }
      let failed = try await withFolder { folder in
        for step in [1, 2] { try FailureTests.checkpoint(step).save(to: folder, keeping: 2) }
        do {
          try FailureTests.checkpoint(3).save(to: folder, keeping: 2, on: faults.system)
          try FailureTests.check(folder, atLeast: 3)
          return false
        } catch {
          #expect((error as? ArrayFileError)?.kind == .system(ENOSPC))
          try FailureTests.check(folder, atLeast: 2)
          try FailureTests.checkpoint(4).save(to: folder, keeping: 1)
          try FailureTests.check(folder, atLeast: 4)
          #expect(try names(in: folder) == ["checkpoint-000000004.safetensors"])
          return true
        }
      }
      if failed { failures += 1 }
      if faults.count <= number { break }
    }
    // Folder, create, six or more writes, flush, close, rename, open and flush the folder, remove.
    #expect(failures >= 13, "\(failures)")
  }

  @Test func placesWhereNothingCanBeWritten() async throws {
    try await withFolder { folder in
      func message(_ folder: String) -> String? {
        (#expect(throws: ArrayFileError.self) { try FailureTests.checkpoint(1).save(to: folder, keeping: 1) })?.description
      }
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      #expect(message(folder + "/file") == "\(folder)/file/checkpoint-000000001.safetensors: Not a directory")
      #expect(message(folder + "/file/x") == "\(folder)/file/x: Not a directory")
      #expect(message(folder + "/a/b") == "\(folder)/a/b: No such file or directory")
      #expect(message("/dev/full")?.hasSuffix("Not a directory") == true)
      #expect(throws: LoadingError.self) { try Checkpoint.latest(in: folder + "/file") }
      // A folder that was deleted meanwhile is made again.
      let run = folder + "/run"
      try FailureTests.checkpoint(1).save(to: run, keeping: 1)
      try FileManager.default.removeItem(atPath: run)
      try FailureTests.checkpoint(2).save(to: run, keeping: 1)
      try FailureTests.check(run, atLeast: 2)
    }
  }

  /// What the system itself says when a file may not grow.
  @Test func aLimitOnTheSizeOfFiles() async throws {
    try await withFolder { folder in
      try FailureTests.checkpoint(1).save(to: folder, keeping: 1)
      await #expect(processExitsWith: .success) { [folder = folder as String] in
        signal(SIGXFSZ, SIG_IGN)
        for limit in [0, 1, 8, 100, 500] {
          var old = rlimit()
          let resource = __rlimit_resource_t(UInt32(RLIMIT_FSIZE.rawValue))
          getrlimit(resource, &old)
          var new = rlimit(rlim_cur: rlim_t(limit), rlim_max: old.rlim_max)
          setrlimit(resource, &new)
          let error = #expect(throws: ArrayFileError.self) { try FailureTests.checkpoint(2).save(to: folder, keeping: 1) }
          setrlimit(resource, &old)
          #expect(error?.kind == .system(EFBIG))
          try FailureTests.check(folder, atLeast: 1)
          #expect(try names(in: folder) == ["checkpoint-000000001.safetensors"])
        }
      }
    }
  }

  /// A training is killed at random moments and goes on each time; in the end it is the training that nobody killed.
  @Test func aKilledTrainingGoesOn() async throws {
    let end = 300
    var straight = LanguageTraining.adam()
    straight.advance(to: end)
    try await withFolder { folder in
      var (kills, generator) = (0, Generator(seed: 5))
      while kills < 50 {
        // The delay counts from the first save, so that every process takes a step, however busy the machine is; the end must not
        // come before the last kill.
        let delay = Int.random(in: 0...30_000, using: &generator)
        let last = end * (kills + 1) / 50
        await #expect(processExitsWith: .signal(SIGKILL)) {
          [folder = folder as String, delay = delay as Int, last = last as Int] in
          var training = LanguageTraining.adam(seed: 2)
          if let checkpoint = try Checkpoint.latest(in: folder, reporting: { Issue.record("\($0)") }) {
            try training.restore(checkpoint)
          } else {
            training = LanguageTraining.adam()
          }
          func saveNext() throws {
            if training.step < last { training.advance(to: training.step + 1) }
            try training.checkpoint.save(to: folder, keeping: 2)
          }
          try saveNext()
          Thread.detachNewThread {
            usleep(UInt32(delay))
            kill(getpid(), SIGKILL)
          }
          while true { try saveNext() }
        }
        kills += 1
      }
      var rest = LanguageTraining.adam()
      let checkpoint = try #require(try Checkpoint.latest(in: folder) { Issue.record("\($0)") })
      #expect(checkpoint.step > 0, "no process came to save anything")
      try rest.restore(checkpoint)
      rest.advance(to: end)
      #expect(bits(rest.model) == bits(straight.model))
      #expect(bits(rest.optimizer) == bits(straight.optimizer))
      try rest.checkpoint.save(to: folder, keeping: 1)
      #expect(try names(in: folder) == ["checkpoint-000000300.safetensors"], "what was begun is cleared away")
    }
  }
}
