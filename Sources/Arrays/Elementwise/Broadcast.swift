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
