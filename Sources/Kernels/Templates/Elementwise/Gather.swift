/// buffer[i] ← x[i · stride] for n elements of 4 or 8 bytes.
public func gatherRow(
  _ x: UnsafeRawPointer, _ stride: Int, _ buffer: UnsafeMutableRawPointer, _ n: Int, elementSize: Int
) {
  if elementSize == 4 {
    gatherRow(x.assumingMemoryBound(to: UInt32.self), stride, buffer.assumingMemoryBound(to: UInt32.self), n)
  } else {
    gatherRow(x.assumingMemoryBound(to: UInt64.self), stride, buffer.assumingMemoryBound(to: UInt64.self), n)
  }
}

@inline(__always)
private func gatherRow<Word>(_ x: UnsafePointer<Word>, _ stride: Int, _ buffer: UnsafeMutablePointer<Word>, _ n: Int) {
  var i = 0
  while i < n {
    buffer[i] = x[i &* stride]
    i &+= 1
  }
}
