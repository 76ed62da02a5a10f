public import Testing

/// The sentence with which the process of an exit test stopped: what follows "Fatal error: " on standard error.
///
///     let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { MemoryPool.limit = -1 }
///     #expect(stopSentence(result) == "MemoryPool.limit: -1 is negative")
public func stopSentence(_ result: ExitTest.Result?) -> String {
  guard let bytes = result?.standardErrorContent else { return "" }
  let text = String(decoding: bytes, as: UTF8.self)
  guard let range = text.firstRange(of: "Fatal error: ") else { return text }
  return String(text[range.upperBound...].prefix { $0 != "\n" })
}
