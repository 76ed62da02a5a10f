#if os(Linux)
  import Testing

  @testable import UnrollArrays

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #elseif canImport(Android)
    import Android
  #elseif canImport(WASILibc)
    import WASILibc
  #endif

  /// A process that forks while its other threads compute: the child has none of them, and finds nothing held by them.
  @Suite struct ForkTests {
    @Test func theChildComputes() async {
      await #expect(processExitsWith: .success) {
        Machine.threadCount = 4
        Machine.splitsEverything = true
        let expected = Self.product()
        for _ in 0..<4 {
          var thread = pthread_t()
          pthread_create(
            &thread, nil,
            { _ in
              while true { _ = ForkTests.product() }
            }, nil)
        }
        usleep(100_000)
        // Swift hides `fork`, since most libraries' children would hang.
        typealias Fork = @convention(c) () -> pid_t
        let fork = unsafeBitCast(try #require(dlsym(nil, "fork")), to: Fork.self)
        for _ in 0..<200 {
          let child = fork()
          if child == 0 { _exit(Self.product() == expected && Self.product() == expected ? 0 : 1) }
          let status = Self.status(of: child)
          try #require(status == 0)
        }
      }
    }

    /// Work that threads share, and that takes and gives back memory.
    private static func product() -> NDArray {
      let x = NDArray.range(128 * 128).reshaped([128, 128]) * 1e-4
      return x.matmul(x).matmul(x)
    }

    /// How a child ended; nil if it has not within some seconds, in which case it is ended.
    private static func status(of child: pid_t) -> Int32? {
      var status: Int32 = 0
      for _ in 0..<2000 {
        if waitpid(child, &status, WNOHANG) == child { return status }
        usleep(5000)
      }
      kill(child, SIGKILL)
      waitpid(child, &status, 0)
      return nil
    }
  }
#endif
