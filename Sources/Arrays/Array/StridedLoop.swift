/// A loop over the positions of a shape for several arrays at once, each with its own strides. Axes of extent one are dropped,
/// and axes that are contiguous in every array are merged, so that the remaining runs are as few and as long as possible.
struct StridedLoop<let arrays: Int> {
  /// The extents that remain, outermost first; none for a single position.
  private(set) var shape: Shape = []
  /// The strides of each array along the remaining axes, in elements.
  private(set) var strides: InlineArray<arrays, Shape>
  private(set) var isEmpty = false

  init(_ shape: Shape, _ strides: InlineArray<arrays, Shape>) {
    self.strides = InlineArray(repeating: [])
    for axis in shape.indices where shape[axis] != 1 {
      isEmpty = isEmpty || shape[axis] == 0
      let last = self.shape.count - 1
      if last >= 0 && follows(axis, of: strides, extent: shape[axis]) {
        self.shape[last] *= shape[axis]
        for array in 0..<arrays { self.strides[array][last] = strides[array][axis] }
      } else {
        self.shape.append(shape[axis])
        for array in 0..<arrays { self.strides[array].append(strides[array][axis]) }
      }
    }
  }

  /// Whether one step along the last axis kept so far is `extent` steps along this one, in every array.
  private func follows(_ axis: Int, of strides: InlineArray<arrays, Shape>, extent: Int) -> Bool {
    let last = shape.count - 1
    for array in 0..<arrays where self.strides[array][last] != strides[array][axis] * extent { return false }
    return true
  }

  /// Calls `body` with every array's offset at each position of all but the last `inner` axes.
  func forEach(inner: Int, _ body: (InlineArray<arrays, Int>) -> Void) {
    if isEmpty { return }
    let outer = max(0, shape.count - inner)
    var position = Shape(repeating: 0, count: outer)
    var offsets = InlineArray<arrays, Int>(repeating: 0)
    while true {
      body(offsets)
      var axis = outer - 1
      while axis >= 0 {
        position[axis] += 1
        for array in 0..<arrays { offsets[array] += strides[array][axis] }
        if position[axis] < shape[axis] { break }
        for array in 0..<arrays { offsets[array] -= strides[array][axis] * shape[axis] }
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
