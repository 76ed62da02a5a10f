import UnrollKernelTemplates

/// A walk over up to three operands along a contiguous output. Adjacent axes that are contiguous in every operand are merged,
/// so that kernels get rows as long as possible.
struct ElementWalk {
  let count: Int
  /// The coalesced extents; at least one axis.
  private let extents: Shape
  private let strides: InlineArray<3, Shape>

  init(_ shape: Shape, _ strides: InlineArray<3, Shape>) {
    let loop = StridedLoop<3>(shape, strides)
    count = shape.elementCount
    let single = loop.shape.count == 0
    extents = single ? [1] : loop.shape
    self.strides = single ? [[0], [0], [0]] : loop.strides
  }

  /// Elements in a row.
  var rowCount: Int { extents[extents.count - 1] }

  /// The distance between an operand's neighbours in a row.
  func step(_ operand: Int) -> Int { strides[operand][extents.count - 1] }

  /// Whether kernels can read an operand's rows in place.
  func readsRows(_ operand: Int) -> Bool { step(operand) == 0 || step(operand) == 1 }

  /// Calls `body` for each row, or part of one, in a range of output elements: its start in the output, its offset in each
  /// operand, and its length.
  func rows(_ range: Range<Int>, _ body: (_ start: Int, _ offsets: InlineArray<3, Int>, _ n: Int) -> Void) {
    let last = extents.count - 1
    var position = extents
    var offsets: InlineArray<3, Int> = [0, 0, 0]
    var rest = range.lowerBound
    for axis in stride(from: last, through: 0, by: -1) {
      position[axis] = rest % extents[axis]
      rest /= extents[axis]
      for operand in 0..<3 { offsets[operand] += position[axis] * strides[operand][axis] }
    }
    var start = range.lowerBound
    while start < range.upperBound {
      let n = Swift.min(extents[last] - position[last], range.upperBound - start)
      body(start, offsets, n)
      start += n
      // Back to the beginning of the row, then to the next row.
      for operand in 0..<3 { offsets[operand] -= position[last] * strides[operand][last] }
      position[last] = 0
      var axis = last - 1
      while axis >= 0 {
        position[axis] += 1
        for operand in 0..<3 { offsets[operand] += strides[operand][axis] }
        if position[axis] < extents[axis] { break }
        for operand in 0..<3 { offsets[operand] -= extents[axis] * strides[operand][axis] }
        position[axis] = 0
        axis -= 1
      }
    }
  }
}

/// The number of elements that justifies another thread.
let elementGrain = 1 << 14

/// The number of elements gathered at a time from operands whose rows kernels cannot read.
let gatheredCount = 256

/// Calls `body` with a buffer for gathered elements of one or more operands.
func withGatherBuffer<R>(operands: Int, _ body: (UnsafeMutableRawPointer) -> R) -> R {
  withUnsafeTemporaryAllocation(byteCount: operands * gatheredCount * 8, alignment: 64) { bytes in
    guard let base = bytes.baseAddress else { stop("no stack space is left to gather elements") }
    return body(base)
  }
}

extension Shape {
  /// The shape that two shapes broadcast to: aligned at the last axis, extents of 1 are stretched. nil where they do not
  /// broadcast.
  package func broadcast(with other: Shape) -> Shape? {
    if self == other { return self }
    let rank = Swift.max(count, other.count)
    var result = Shape(repeating: 1, count: rank)
    for axis in 0..<rank {
      let (a, b) = (extent(axis, ofRank: rank), other.extent(axis, ofRank: rank))
      if a != b && a != 1 && b != 1 { return nil }
      result[axis] = a == 1 ? b : a
    }
    return result
  }

  /// The extent of an axis after leading axes of extent 1 are added to reach the rank.
  private func extent(_ axis: Int, ofRank rank: Int) -> Int {
    let own = axis - (rank - count)
    return own < 0 ? 1 : axes[own]
  }
}

extension View {
  /// The strides that read this view in a shape that it broadcasts to: 0 along stretched axes.
  func strides(in target: Shape) -> Shape {
    var result = Shape(repeating: 0, count: target.count)
    let missing = target.count - shape.count
    for axis in 0..<shape.count where shape[axis] != 1 { result[axis + missing] = strides[axis] }
    return result
  }
}
