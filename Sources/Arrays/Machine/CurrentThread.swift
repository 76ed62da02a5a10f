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

/// Facts about the calling thread: how much of its stack is left, and which objects it still has to release.
///
/// Neither affects a result.
package enum CurrentThread {
  private final class Notes {
    let stack = CurrentThread.stack()
    var isReleasing = false
    /// Objects to release once the release in progress has returned. Each is retained once.
    var waiting: [Unmanaged<AnyObject>] = []
  }

  #if os(WASI)
    /// There is one thread.
    private nonisolated(unsafe) static let notes = Notes()
  #else
    private static let key: pthread_key_t = {
      var key = pthread_key_t()
      #if canImport(Darwin)
        let failure = pthread_key_create(&key) { Unmanaged<Notes>.fromOpaque($0).release() }
      #else
        let failure = pthread_key_create(&key) { notes in
          if let notes { Unmanaged<Notes>.fromOpaque(notes).release() }
        }
      #endif
      require(failure == 0, "the system has no thread-specific key left")
      return key
    }()

    private static var notes: Notes {
      if let notes = pthread_getspecific(key) { return Unmanaged<Notes>.fromOpaque(notes).takeUnretainedValue() }
      let notes = Notes()
      pthread_setspecific(key, Unmanaged.passRetained(notes).toOpaque())
      return notes
    }
  #endif

  /// Releases an object. Objects that are released here meanwhile are queued and released one after another, not recursively.
  ///
  /// A long chain of objects that own each other would otherwise need a stack as deep as the chain is long.
  static func release(_ object: Unmanaged<AnyObject>) {
    let notes = notes
    if notes.isReleasing { return notes.waiting.append(object) }
    notes.isReleasing = true
    object.release()
    while let next = notes.waiting.popLast() { next.release() }
    notes.isReleasing = false
  }

  /// The bytes of stack left for calls from here; `Int.max` where unknown.
  package static var stackLeft: Int {
    let stack = notes.stack
    var mark: UInt8 = 0
    let here = withUnsafeMutablePointer(to: &mark) { Int(bitPattern: $0) }
    // A sanitizer may keep local variables outside the stack.
    return stack.contains(here) ? here - stack.lowerBound : .max
  }

  /// The addresses of the stack.
  private static func stack() -> Range<Int> {
    #if canImport(Darwin)
      let end = Int(bitPattern: pthread_get_stackaddr_np(pthread_self()))
      return (end - pthread_get_stacksize_np(pthread_self()))..<end
    #elseif os(WASI)
      return 0..<0
    #else
      // Looked up by name, because some compilers do not see its declaration in the headers.
      guard let address = dlsym(nil, "pthread_getattr_np") else { return 0..<0 }
      typealias Look = @convention(c) (pthread_t, UnsafeMutablePointer<pthread_attr_t>) -> Int32
      var attributes = pthread_attr_t()
      guard unsafeBitCast(address, to: Look.self)(pthread_self(), &attributes) == 0 else { return 0..<0 }
      defer { pthread_attr_destroy(&attributes) }
      var start: UnsafeMutableRawPointer?
      var size = 0
      guard pthread_attr_getstack(&attributes, &start, &size) == 0 else { return 0..<0 }
      return Int(bitPattern: start)..<(Int(bitPattern: start) + size)
    #endif
  }
}

/// A value, such as a closure, that may own others of its kind in a long chain. Releasing it does not recurse through the
/// chain.
package final class Deferred<Value: Sendable>: Sendable {
  private final class Box: Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
  }

  private let box: Unmanaged<Box>

  package init(_ value: Value) { box = .passRetained(Box(value)) }

  package var value: Value { box._withUnsafeGuaranteedRef { $0.value } }

  deinit { CurrentThread.release(Unmanaged<AnyObject>.fromOpaque(box.toOpaque())) }
}
