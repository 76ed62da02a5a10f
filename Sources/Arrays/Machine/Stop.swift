/// Ends the program with one sentence, in release builds too (`precondition` prints nothing there). Standard output is flushed
/// first.
///
/// The message names the library instead of a file and a line, since the location of a check inside the library would mislead.
/// The sentence names the operation and its values. The backtrace that debug builds print contains the caller's line, for
/// operators and layers alike.
@inline(never)
package func stop(_ sentence: String) -> Never {
  _ = flushPrinted()
  fatalError(sentence, file: "Unroll", line: 0)
}

/// Stops with a sentence unless the condition holds. The sentence names the operation and the values that disagree.
@inline(__always)
package func require(_ condition: Bool, _ sentence: @autoclosure () -> String) {
  if !condition { stop(sentence()) }
}
