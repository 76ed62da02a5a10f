internal import Synchronization
internal import UnrollArrays

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(WASILibc)
  import WASILibc
#endif

/// The ranks of an MPI job, by a library that is loaded at run time: building needs no MPI, and a program without a launcher never
/// touches one.
final class MPI: Communicator {
  let rank: Int
  let count: Int
  private let abi: ABI
  private let functions: Functions
  private let world: Int

  private typealias Buffer = UnsafeMutableRawPointer
  private typealias Reading = UnsafeRawPointer
  private typealias Number = UnsafeMutablePointer<Int32>

  /// MPI's functions. Handles are `Int`s in all ABIs: see `ABI`.
  private struct Functions {
    let start: @Sendable @convention(c) (Buffer?, Buffer?, Int32, Number) -> Int32
    let rank, size: @Sendable @convention(c) (Int, Number) -> Int32
    let setErrorHandler: @Sendable @convention(c) (Int, Int) -> Int32
    let allGather, allToAll: @Sendable @convention(c) (Reading, Int32, Int, Buffer, Int32, Int, Int) -> Int32
    let broadcast: @Sendable @convention(c) (Buffer, Int32, Int, Int32, Int) -> Int32
    let allReduce: @Sendable @convention(c) (Reading?, Buffer, Int32, Int, Int, Int) -> Int32
    let errorText: @Sendable @convention(c) (Int32, UnsafeMutablePointer<CChar>, Number) -> Int32
    let version: @Sendable @convention(c) (UnsafeMutablePointer<CChar>, Number) -> Int32
    let abort: @Sendable @convention(c) (Int, Int32) -> Int32
    let finish: @Sendable @convention(c) () -> Int32

    init(_ library: DynamicLibrary) throws(RanksError) {
      func find<Function>(_ name: String) throws(RanksError) -> Function {
        guard let function = library.function("MPI_\(name)", as: Function.self) else {
          throw RanksError(.missing, "\(library.path) has no function MPI_\(name), so it is no MPI library")
        }
        return function
      }
      (start, rank, size) = (try find("Init_thread"), try find("Comm_rank"), try find("Comm_size"))
      (setErrorHandler, allGather, allToAll) = (try find("Comm_set_errhandler"), try find("Allgather"), try find("Alltoall"))
      (broadcast, allReduce, errorText) = (try find("Bcast"), try find("Allreduce"), try find("Error_string"))
      (version, abort, finish) = (try find("Get_library_version"), try find("Abort"), try find("Finalize"))
    }

    /// The text that a function writes into a buffer.
    func text(_ write: (UnsafeMutablePointer<CChar>, Number) -> Int32) -> String {
      var (letters, length) = ([CChar](repeating: 0, count: 16384), Int32(0))
      if write(&letters, &length) != 0 { return "unknown" }
      let bytes = letters.prefix(Int(length)).map { UInt8(bitPattern: $0) }
      return String(decoding: bytes.prefix { $0 >= 32 && $0 != UInt8(ascii: ",") }, as: UTF8.self)
    }
  }

  /// Joins the ranks that a launcher has started.
  private init(_ launcher: Launcher) throws(RanksError) {
    let library = try MPI.library(launcher)
    functions = try Functions(library)
    guard let abi = ABI(of: library) else {
      throw RanksError(.missing, "\(library.path) is an Open MPI without the objects of its interface")
    }
    if !launcher.abis.contains(abi.name) {
      // Its start would end the process with a message of its own.
      throw RanksError(.foreign, "\(library.path) is for \(abi.name.rawValue), and another launcher has started the ranks")
    }
    (self.abi, world) = (abi, abi.world)
    var (level, rank, count) = (Int32(0), Int32(0), Int32(0))
    let failure = functions.start(nil, nil, abi.serialized, &level)
    if failure != 0 || level < abi.serialized {
      let reason = failure == 0 ? "it allows one thread alone to call it" : "it fails with code \(failure)"
      throw RanksError(.refused, "\(library.path) does not start: \(reason)")
    }
    // From here on failures are reported to this code, which says a sentence.
    _ = functions.setErrorHandler(world, abi.errorsReturn)
    _ = (functions.rank(world, &rank), functions.size(world, &count))
    (self.rank, self.count) = (Int(rank), Int(count))
    if let wanted = launcher.count, wanted != Int(count) {
      let version = functions.text(functions.version)
      if count == 1 { _ = functions.finish() }
      throw RanksError(
        .foreign,
        "the launcher has started \(wanted) ranks, and \(library.path) (\(version)) counts \(count): it belongs to another launcher; "
          + "start with its own mpirun, or name the launcher's library in UNROLL_MPI")
    }
  }

  /// The library that `UNROLL_MPI` names, or else the first that is there.
  private static func library(_ launcher: Launcher) throws(RanksError) -> DynamicLibrary {
    let wish = Environment.value("UNROLL_MPI")
    var reasons: [String] = []
    for path in wish.map({ [$0] }) ?? launcher.abis.map(\.library) {
      var reason = ""
      if let library = DynamicLibrary(path, failure: &reason) { return library }
      reasons.append(reason)
    }
    throw RanksError(
      .missing,
      "a launcher has started \(launcher.count.map { "\($0)" } ?? "several") ranks, and there is no MPI library to join them "
        + "(\(reasons.joined(separator: "; "))); name it in UNROLL_MPI, or its folder in LD_LIBRARY_PATH")
  }
}

/// The collective operations.
extension MPI {
  func gather(_ own: UnsafeRawPointer, into all: UnsafeMutableRawPointer, byteCount: Int) {
    let count = Int32(byteCount)
    check(functions.allGather(own, count, abi.byte, all, count, abi.byte, world), "MPI_Allgather")
  }

  func exchange(_ parts: UnsafeRawPointer, into received: UnsafeMutableRawPointer, byteCount: Int) {
    let count = Int32(byteCount)
    check(functions.allToAll(parts, count, abi.byte, received, count, abi.byte, world), "MPI_Alltoall")
  }

  func broadcast(_ bytes: UnsafeMutableRawPointer, byteCount: Int, from root: Int) {
    check(functions.broadcast(bytes, Int32(byteCount), abi.byte, Int32(root), world), "MPI_Bcast")
  }

  func sum(_ numbers: UnsafeMutableRawPointer, _ type: ElementType, count: Int) {
    let (here, type) = (UnsafeRawPointer(bitPattern: abi.inPlace), type == .float32 ? abi.float : abi.double)
    check(functions.allReduce(here, numbers, Int32(count), type, abi.sum, world), "MPI_Allreduce")
  }

  private func check(_ code: Int32, _ name: String) {
    if code == 0 { return }
    let reason = functions.text { functions.errorText(code, $0, $1) }
    end("rank \(rank): \(name) fails, probably because another rank has ended: \(reason)", isKnownToAll: false)
  }
}

/// The end.
extension MPI {
  /// Whether the ranks are being ended, so that a handler of the exit does not wait for them.
  private static let isEnding = Atomic(false)

  func end(_ sentence: String, isKnownToAll: Bool) -> Never {
    MPI.isEnding.store(true, ordering: .relaxed)
    _ = flushPrinted()
    if isKnownToAll && rank != 0 {
      // The abort of one rank ends the others, perhaps before rank 0 has spoken.
      sleep(5)
    } else {
      Environment.complain(sentence)
      // A launcher that aborts drops what it has not passed on yet.
      usleep(300_000)
    }
    _ = functions.abort(world, 1)
    _exit(1)
  }

  /// The ranks of this process, joined at first use; nil without a launcher.
  static let joined: Result<MPI?, RanksError> = {
    guard let launcher = Launcher(Environment.value) else { return .success(nil) }
    do throws(RanksError) {
      let mpi = try MPI(launcher)
      mpi.takeShareOfProcessors(launcher)
      atexit { MPI.leave() }
      return .success(mpi)
    } catch {
      // The others may wait for this rank to join them, and some launchers end them for nothing less than a signal.
      atexit {
        _ = flushPrinted()
        kill(getpid(), SIGTERM)
      }
      return .failure(error)
    }
  }()

  /// Runs at the exit. All ranks leave together; one that leaves alone, as when it has caught an error, ends the others with a sentence.
  private static func leave() {
    guard !isEnding.load(ordering: .relaxed), case .success(let mpi?) = joined else { return }
    mpi.agree(Notice(.end))
    _ = mpi.functions.finish()
  }

  /// Ranks of one machine share its processors, unless the launcher or the user has divided them.
  private func takeShareOfProcessors(_ launcher: Launcher) {
    guard let ranks = launcher.localCount, Environment.value("UNROLL_THREADS") == nil else { return }
    Machine.threadCount = min(Machine.threadCount, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / ranks))
  }
}
