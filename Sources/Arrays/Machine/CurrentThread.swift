#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What belongs to the thread that asks: how much of its stack is left, and what it has still to let go of.
///
/// None of it can be seen in a result.
package enum CurrentThread {
  private final class Notes {
    let stack = CurrentThread.stack()
    var isReleasing = false
    /// What waits until the release that is under way has returned; each is held once.
    var waiting: [Unmanaged<AnyObject>] = []
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    #if canImport(Darwin)
      let failure = pthread_key_create(&key) { Unmanaged<Notes>.fromOpaque($0).release() }
    #else
      let failure = pthread_key_create(&key) { notes in
        if let notes { Unmanaged<Notes>.fromOpaque(notes).release() }
      }
    #endif
    require(failure == 0, "the system has no key left under which a thread keeps its notes")
    return key
  }()

  private static var notes: Notes {
    if let notes = pthread_getspecific(key) { return Unmanaged<Notes>.fromOpaque(notes).takeUnretainedValue() }
    let notes = Notes()
    pthread_setspecific(key, Unmanaged.passRetained(notes).toOpaque())
    return notes
  }

  /// Releases an object; while that lets go of others that end up here too, one after the other, not each within the last.
  ///
  /// Objects that hold each other in a long chain would otherwise take a stack as deep as the chain is long.
  static func release(_ object: Unmanaged<AnyObject>) {
    let notes = notes
    if notes.isReleasing { return notes.waiting.append(object) }
    notes.isReleasing = true
    object.release()
    while let next = notes.waiting.popLast() { next.release() }
    notes.isReleasing = false
  }

  /// How many bytes of the stack are left for calls from here; more than any where that cannot be known.
  package static var stackLeft: Int {
    let stack = notes.stack
    var mark: UInt8 = 0
    let here = withUnsafeMutablePointer(to: &mark) { Int(bitPattern: $0) }
    // A sanitizer may keep local variables elsewhere.
    return stack.contains(here) ? here - stack.lowerBound : .max
  }

  /// The addresses of the stack.
  private static func stack() -> Range<Int> {
    #if canImport(Darwin)
      let end = Int(bitPattern: pthread_get_stackaddr_np(pthread_self()))
      return (end - pthread_get_stacksize_np(pthread_self()))..<end
    #else
      // Looked up by name: the headers show it to some compilers only.
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

/// A value, such as a closure, that may hold others of its kind in a long chain: letting go of it takes no stack for those.
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
