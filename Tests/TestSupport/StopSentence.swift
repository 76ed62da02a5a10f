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

/// The sentence with which an operation stops on a float32 and a float64 operand.
public func mixing(_ operation: String) -> String {
  operation + ": float32 and float64 do not mix; cast one of them (a literal such as [1, 2] is float32, but Tensor([1, 2]) "
    + "takes a [Double] and is float64)"
}
