/// Views of the same storage: transposing, slicing and broadcasting change shape, strides and offset. Nothing is copied.
extension View {
  /// An axis that may count from the end, as one that counts from the front.
  static func axis(_ axis: Int, _ rank: Int, _ operation: @autoclosure () -> String) -> Int {
    let positive = axis < 0 ? axis + rank : axis
    require(positive >= 0 && positive < rank, "\(operation()): axis \(axis) is out of range for \(rank) axes")
    return positive
  }

  /// The axes in another order: axis k of the result is axis `order[k]` of this view.
  func permuted(_ order: [Int]) -> View {
    let axes = order.map { View.axis($0, shape.count, "permuted") }
    require(
      axes.count == shape.count && Set(axes).count == axes.count,
      "permuted: \(order) does not name each of the \(shape.count) axes of shape \(shape) once")
    let strides = strides
    return View(self, offset: offset, Shape(axes.map { shape[$0] }), strides: Shape(axes.map { strides[$0] }))
  }

  /// The positions `start`, `start + step`, … of an axis, `count` of them. The caller guarantees that they exist.
  func sliced(_ axis: Int, start: Int, count: Int, step: Int) -> View {
    var (shape, strides) = (shape, strides)
    // Products wrap only in an array without elements; the stride of an axis with one position is never used.
    let first = offset &+ (count > 0 ? start &* strides[axis] : 0)
    shape[axis] = count
    if count > 1 { strides[axis] &*= step }
    return View(self, offset: first, shape, strides: strides)
  }

  /// One position of an axis, which is removed.
  func selecting(_ axis: Int, _ index: Int) -> View {
    let extent = shape[axis]
    let position = index < 0 ? index + extent : index
    require(
      position >= 0 && position < extent, "subscript: index \(index) is out of range for axis \(axis) of shape \(shape)")
    let strides = strides
    return View(self, offset: offset + position * strides[axis], shape.removing(axis), strides: strides.removing(axis))
  }

  /// A range of an axis, clamped to the axis as in Python.
  func slicing(_ axis: Int, from start: Int?, to end: Int?, step: Int) -> View {
    require(step != 0, "subscript: a step of 0 selects nothing of axis \(axis)")
    let extent = shape[axis]
    func bound(_ value: Int?, _ whenMissing: Int) -> Int {
      guard let value else { return whenMissing }
      let position = value < 0 ? value + extent : value
      return step > 0 ? min(max(position, 0), extent) : min(max(position, -1), extent - 1)
    }
    let first = bound(start, step > 0 ? 0 : extent - 1)
    let last = bound(end, step > 0 ? extent : -1)
    let span = step > 0 ? last - first : first - last
    let count = span <= 0 ? 0 : (span - 1) / step.magnitudeAsInt + 1
    return sliced(axis, start: first, count: count, step: step)
  }

  func removingAxis(_ axis: Int) -> View {
    View(self, offset: offset, shape.removing(axis), strides: strides.removing(axis))
  }

  func insertingAxis(_ axis: Int) -> View {
    View(self, offset: offset, shape.inserting(1, at: axis), strides: strides.inserting(0, at: axis))
  }

  /// Applies the selections of a subscript in turn.
  package func selecting(_ selections: [AxisSelection]) -> View {
    let taking = selections.filter { $0 != .newAxis && $0 != .others }.count
    require(
      taking <= shape.count, "subscript: \(taking) selections are too many for the \(shape.count) axes of shape \(shape)")
    require(selections.filter { $0 == .others }.count <= 1, "subscript: .rest may appear only once")
    var result = self
    var axis = 0
    for selection in selections {
      switch selection {
      case .index(let index): result = result.selecting(axis, index)
      case .range(let start, let end, let step):
        result = result.slicing(axis, from: start, to: end, step: step)
        axis += 1
      case .newAxis:
        result = result.insertingAxis(axis)
        axis += 1
      case .others: axis += shape.count - taking
      }
    }
    return result
  }

  /// Repeats axes of extent one, and adds leading axes, to reach the given shape; nil where that is impossible.
  func broadcast(to target: Shape) -> View? {
    let added = target.count - shape.count
    if added < 0 || target.contains(where: { $0 < 0 }) { return nil }
    let strides = strides
    var steps = Shape(repeating: 0, count: target.count)
    for axis in shape.indices {
      if shape[axis] == target[axis + added] {
        steps[axis + added] = strides[axis]
      } else if shape[axis] != 1 {
        return nil
      }
    }
    return View(self, offset: offset, target, strides: steps)
  }

  /// The same elements in another shape of the same count; nil where that needs a copy.
  func reshaped(_ target: Shape) -> View? {
    if isContiguous || target.elementCount == 0 { return View(storage, offset: offset, target) }
    // Each run of axes that can be merged must be cut at boundaries of the target's axes.
    let joined = StridedLoop<1>(shape, [strides])
    var steps = Shape(repeating: 0, count: target.count)
    var axis = target.count - 1
    for run in joined.shape.indices.reversed() {
      var rest = joined.shape[run]
      var step = joined.strides[0][run]
      while axis >= 0 && (rest > 1 || target[axis] == 1) {
        if rest % target[axis] != 0 { return nil }
        steps[axis] = step
        step *= target[axis]
        rest /= target[axis]
        axis -= 1
      }
      if rest > 1 { return nil }
    }
    return View(self, offset: offset, target, strides: steps)
  }

  /// Whether two positions may share an element, so that writing through this view could write one element twice.
  var mayOverlapItself: Bool {
    if shape.elementCount <= 1 || isContiguous { return false }
    let strides = strides
    let axes = shape.indices.filter { shape[$0] > 1 }.sorted { Swift.abs(strides[$0]) < Swift.abs(strides[$1]) }
    var reach = 0
    for axis in axes {
      if Swift.abs(strides[axis]) <= reach { return true }
      reach += Swift.abs(strides[axis]) * (shape[axis] - 1)
    }
    return false
  }
}

extension Int {
  /// The magnitude of a number other than `Int.min`.
  fileprivate var magnitudeAsInt: Int { Int(clamping: magnitude) }
}

extension Shape {
  /// The shape without one of its extents.
  package func removing(_ axis: Int) -> Shape {
    var result: Shape = []
    for other in indices where other != axis { result.append(self[other]) }
    return result
  }

  /// The shape with an extent inserted before position `axis`.
  package func inserting(_ extent: Int, at axis: Int) -> Shape {
    var result: Shape = []
    for other in 0...count {
      if other == axis { result.append(extent) }
      if other < count { result.append(self[other]) }
    }
    return result
  }

  /// The extents of both shapes, concatenated.
  package func followed(by other: Shape) -> Shape {
    var result = self
    for extent in other { result.append(extent) }
    return result
  }
}
