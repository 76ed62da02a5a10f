/// Ends the program with one sentence, in release builds too (`precondition` prints nothing there). What was printed before comes out.
///
/// The message names the library instead of a file and a line: those of a check would lead away from the mistake. The sentence
/// names the operation and its values, and the trace that debug builds print behind it has the caller's line, of operators and
/// layers alike.
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
