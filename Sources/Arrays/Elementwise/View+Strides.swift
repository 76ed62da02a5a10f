extension View {
  /// The strides with which this view is read in a shape that it broadcasts to: 0 along stretched axes.
  func strides(in target: Shape) -> Shape {
    var result = Shape(repeating: 0, count: target.count)
    let missing = target.count - shape.count
    for axis in 0..<shape.count where shape[axis] != 1 { result[axis + missing] = strides[axis] }
    return result
  }
}
