/// Gathering and scattering by index, at one width. The caller has checked the indices.
public struct GatherKernels: Sendable {
  /// y[i] += x[i] for contiguous elements.
  public let addRow: @Sendable (_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ count: Int) -> Void

  /// y[i·yStep] = x[i·xStep + index[i·indexStep]·xAxis].
  public let gatherLine:
    @Sendable (
      _ indices: UnsafePointer<Int32>, _ indexStep: Int, _ x: UnsafeRawPointer, _ xStep: Int, _ xAxis: Int,
      _ y: UnsafeMutableRawPointer, _ yStep: Int, _ count: Int
    ) -> Void

  /// y[i·yStep + index[i·indexStep]·yAxis] += x[i·xStep], in the order of i.
  public let scatterLine:
    @Sendable (
      _ indices: UnsafePointer<Int32>, _ indexStep: Int, _ x: UnsafeRawPointer, _ xStep: Int,
      _ y: UnsafeMutableRawPointer, _ yStep: Int, _ yAxis: Int, _ count: Int
    ) -> Void

  @inlinable @inline(__always)
  public init<V: Vector>(_: V.Type) {
    addRow = { x, y, count in
      let x = x.assumingMemoryBound(to: V.Scalar.self)
      let y = y.assumingMemoryBound(to: V.Scalar.self)
      var i = 0
      while i &+ V.scalarCount <= count {
        (V.load(y + i) + V.load(x + i)).store(y + i)
        i &+= V.scalarCount
      }
      while i < count {
        y[i] += x[i]
        i &+= 1
      }
    }
    gatherLine = { indices, indexStep, x, xStep, xAxis, y, yStep, count in
      let x = x.assumingMemoryBound(to: V.Scalar.self)
      let y = y.assumingMemoryBound(to: V.Scalar.self)
      for i in 0..<count { y[i &* yStep] = x[i &* xStep &+ Int(indices[i &* indexStep]) &* xAxis] }
    }
    scatterLine = { indices, indexStep, x, xStep, y, yStep, yAxis, count in
      let x = x.assumingMemoryBound(to: V.Scalar.self)
      let y = y.assumingMemoryBound(to: V.Scalar.self)
      for i in 0..<count { y[i &* yStep &+ Int(indices[i &* indexStep]) &* yAxis] += x[i &* xStep] }
    }
  }
}

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
