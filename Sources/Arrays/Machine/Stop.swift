/// Ends the program with one sentence, in release builds too (`precondition` prints nothing there).
@inline(never)
package func stop(_ sentence: String) -> Never {
  fatalError(sentence)
}

/// Stops with a sentence unless the condition holds. The sentence names the operation and the values that disagree.
@inline(__always)
package func require(_ condition: Bool, _ sentence: @autoclosure () -> String) {
  if !condition { stop(sentence()) }
}
