extension NDArray {
  /// Arrays concatenated along an axis; all other extents must agree.
  ///
  /// `[2, 3]` and `[4, 3]` along axis 0 give `[6, 3]`.
  package static func concatenate(_ arrays: [NDArray], axis: Int) -> NDArray {
    guard let first = arrays.first else { stop("concatenate: there are no arrays") }
    let axis = View.axis(axis, first.rank, "concatenate")
    var shape = first.shape
    shape[axis] = 0
    for array in arrays {
      first.type.requireSame(as: array.type, "concatenate")
      require(
        array.rank == first.rank && array.shape.removing(axis) == first.shape.removing(axis),
        "concatenate: shapes \(first.shape) and \(array.shape) differ in more than axis \(axis)")
      shape[axis] += array.shape[axis]
    }
    let result = NDArray(uninitialized: shape, first.type)
    var start = 0
    for array in arrays {
      let extent = array.shape[axis]
      result.view.sliced(axis, start: start, count: extent, step: 1).take(from: array.view, first.type.size)
      start += extent
    }
    return result
  }

  /// Arrays of one shape as the positions of a new axis: n arrays `[a, b]` along axis 0 give `[n, a, b]`.
  package static func stack(_ arrays: [NDArray], axis: Int = 0) -> NDArray {
    guard let first = arrays.first else { stop("stack: there are no arrays") }
    for array in arrays {
      require(array.shape == first.shape, "stack: shapes \(first.shape) and \(array.shape) differ")
    }
    let axis = View.axis(axis, first.rank + 1, "stack")
    return concatenate(arrays.map { $0.expandingAxis(axis) }, axis: axis)
  }

  /// Parts of the given extents along an axis, as views.
  package func split(_ extents: [Int], axis: Int) -> [NDArray] {
    let axis = View.axis(axis, rank, "split")
    require(
      extents.allSatisfy { $0 >= 0 && $0 <= shape[axis] } && extents.reduce(0, &+) == shape[axis],
      "split: parts of \(extents) do not make up the extent \(shape[axis]) of axis \(axis)")
    var start = 0
    return extents.map { extent in
      defer { start += extent }
      return NDArray(view: view.sliced(axis, start: start, count: extent, step: 1), type: type)
    }
  }

  /// `count` equal parts along an axis, as views; the last may be shorter.
  package func chunks(_ count: Int, axis: Int) -> [NDArray] {
    require(count > 0, "chunks: count \(count) is not positive")
    let extent = shape[View.axis(axis, rank, "chunks")]
    let length = Swift.max(1, extent / count + (extent % count > 0 ? 1 : 0))
    return split(stride(from: 0, to: extent, by: length).map { Swift.min(length, extent - $0) }, axis: axis)
  }

  /// The positions of an axis as arrays of their own, without that axis: views.
  package func unstacked(axis: Int = 0) -> [NDArray] {
    let axis = View.axis(axis, rank, "unstacked")
    return (0..<shape[axis]).map { NDArray(view: view.selecting(axis, $0), type: type) }
  }

  /// The array repeated as a whole, `counts[k]` times along axis k; further counts add leading axes.
  ///
  /// `[2, 3]` repeated `[2, 1]` gives `[4, 3]`.
  package func tiled(_ counts: [Int]) -> NDArray {
    require(counts.allSatisfy { $0 >= 0 }, "tiled: \(counts) has negative counts")
    let padded = [Int](repeating: 1, count: Swift.max(0, rank - counts.count)) + counts
    let base = reshaped(Shape(repeating: 1, count: padded.count - rank).followed(by: shape))
    let tiled = base.shape.multiplied(by: padded, "tiled")
    if tiled.elementCount == 0 { return NDArray(uninitialized: tiled, type) }
    var result = base
    for axis in tiled.indices where padded[axis] > 1 { result = result.repeated(padded[axis], along: axis) }
    return result
  }

  /// The array concatenated with itself along an axis.
  private func repeated(_ count: Int, along axis: Int) -> NDArray {
    var shape = shape
    let extent = shape[axis]
    shape[axis] *= count
    let result = NDArray(uninitialized: shape, type)
    for i in 0..<count {
      result.view.sliced(axis, start: i * extent, count: extent, step: 1).take(from: view, type.size)
    }
    return result
  }

  /// The array with a constant margin: `(before, after)` for every axis, the first axis first.
  package func padded(_ margins: [(before: Int, after: Int)], with value: Double = 0) -> NDArray {
    require(margins.count == rank, "padded: \(margins.count) margins do not fit the \(rank) axes of shape \(shape)")
    require(margins.allSatisfy { $0.before >= 0 && $0.after >= 0 }, "padded: margins \(margins) are negative")
    var extents = shape
    for axis in shape.indices {
      let (before, early) = extents[axis].addingReportingOverflow(margins[axis].before)
      let (extent, late) = before.addingReportingOverflow(margins[axis].after)
      require(!early && !late, "padded: extents of shape \(shape) with margins exceed Int")
      extents[axis] = extent
    }
    let result = NDArray.full(extents, value, type)
    var target = result.view
    for axis in shape.indices {
      target = target.sliced(axis, start: margins[axis].before, count: shape[axis], step: 1)
    }
    target.take(from: view, type.size)
    return result
  }

  /// The array with the positions of an axis shifted by `shift`, cyclically.
  package func rolled(_ shift: Int, axis: Int) -> NDArray {
    let axis = View.axis(axis, rank, "rolled")
    let extent = shape[axis]
    if extent == 0 { return self }
    let start = (extent - shift % extent) % extent
    return NDArray.concatenate(split([start, extent - start], axis: axis).reversed(), axis: axis)
  }
}
