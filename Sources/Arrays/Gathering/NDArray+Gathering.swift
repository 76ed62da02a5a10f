internal import UnrollKernelTemplates

/// Gathering by index. Indices count from zero; a negative or too large one stops.
extension NDArray {
  /// Rows of a table by index, as in an embedding.
  ///
  /// A table `[V, D…]` and ids of any shape `[S…]` give `[S…, D…]`: y[s, d] = x[ids[s], d].
  package func gathered(rows ids: Indices) -> NDArray { taking("gathered(rows:)", ids, 0) }

  /// Positions of an axis by index, the same ones for all other positions.
  ///
  /// `[a, b, c]` along axis 1 with positions of any shape `[S…]` gives `[a, S…, c]`: y[i, s, k] = x[i, positions[s], k].
  package func gathered(positions: Indices, axis: Int) -> NDArray {
    taking("gathered(positions:)", positions, View.axis(axis, rank, "gathered(positions:)"))
  }

  /// One element along an axis per index. Indices have as many axes as this array, and no other extent exceeds this array's.
  ///
  /// `[a, b]` along axis 1 with indices `[a, n]` gives `[a, n]`: y[i, j] = x[i, indices[i, j]].
  package func gathered(elements indices: Indices, axis: Int) -> NDArray {
    let operation = "gathered(elements:)"
    let axis = View.axis(axis, rank, operation)
    requireElementIndices(operation, indices, axis)
    let result = NDArray(uninitialized: indices.shape, type)
    var strides = view.strides
    strides[axis] = 0
    let loop = StridedLoop<3>(indices.shape, [indices.view.strides, strides, result.view.strides])
    let (run, steps) = loop.line
    let (size, along) = (type.size, view.strides[axis])
    let kernel = kernels.gathering.gatherLine
    indices.view.read(4) { positions in
      let positions = positions.assumingMemoryBound(to: Int32.self)
      read { x in
        result.fill { y in
          loop.forEach(inner: 1) { offsets in
            kernel(
              positions + offsets[0], steps[0], x + offsets[1] * size, steps[1], along, y + offsets[2] * size, steps[2], run)
          }
        }
      }
    }
    return result
  }

  private func taking(_ operation: String, _ indices: Indices, _ axis: Int) -> NDArray {
    require(rank > 0, "\(operation): a scalar has no rows")
    let ids = indices.contiguous()
    ids.requireBelow(shape[axis], operation)
    let (outerShape, innerShape) = (Shape(shape[..<axis]), Shape(shape[(axis + 1)...]))
    let result = NDArray(uninitialized: outerShape.followed(by: indices.shape).followed(by: innerShape), type)
    if result.count == 0 { return result }
    let source = contiguous()
    let rowBytes = innerShape.elementCount * type.size
    let (extent, many) = (shape[axis], ids.count)
    ids.view.read(4) { ids in
      let ids = ids.assumingMemoryBound(to: Int32.self)
      source.read { x in
        result.fill { y in
          parallel(outerShape.elementCount * many, grain: Swift.max(1, (1 << 17) / rowBytes)) { run in
            for row in run {
              let (i, s) = row.quotientAndRemainder(dividingBy: many)
              (y + row * rowBytes).copyMemory(from: x + (i * extent + Int(ids[s])) * rowBytes, byteCount: rowBytes)
            }
          }
        }
      }
    }
    return result
  }

  func requireElementIndices(_ operation: String, _ indices: Indices, _ axis: Int) {
    let fits = indices.rank == rank && shape.indices.allSatisfy { $0 == axis || indices.shape[$0] <= shape[$0] }
    require(fits, "\(operation): indices of shape \(indices.shape) do not fit shape \(shape) along axis \(axis)")
    indices.contiguous().requireBelow(shape[axis], operation)
  }
}

extension StridedLoop {
  /// The innermost run: its count, and its step in each array.
  var line: (count: Int, steps: InlineArray<arrays, Int>) {
    var steps = InlineArray<arrays, Int>(repeating: 0)
    guard let count = shape.last else { return (1, steps) }
    for array in 0..<arrays { steps[array] = strides[array][shape.count - 1] }
    return (count, steps)
  }
}

extension Indices {
  /// Stops at the first index, in row-major order, that is negative or not below the extent. These indices must be contiguous.
  func requireBelow(_ extent: Int, _ operation: String) {
    let count = count
    let outside = view.read(4) { address in
      let indices = address.assumingMemoryBound(to: Int32.self)
      var i = 0
      while i < count && indices[i] >= 0 && Int(indices[i]) < extent { i += 1 }
      return i
    }
    if outside == count { return }
    var rest = outside
    var position = Shape(repeating: 0, count: rank)
    for axis in shape.indices.reversed() {
      position[axis] = rest % shape[axis]
      rest /= shape[axis]
    }
    stop("\(operation): index \(values[outside]) at position \(position) is out of range for extent \(extent)")
  }
}
