internal import UnrollKernelTemplates

/// Scatter-add by index, the reverse of gathering. Values with equal indices are added in row-major order of the indices, so
/// results do not depend on the number of threads.
extension NDArray {
  /// This table with values added to rows by index, as in the gradient of an embedding.
  ///
  /// A table `[V, D…]`, ids `[S…]` and values `[S…, D…]` give `[V, D…]`: y[ids[s], d] += values[s, d].
  package func scatteredAdding(_ values: NDArray, rows ids: Indices) -> NDArray {
    var result = self
    result.scatterAdd("scatteredAdding(rows:)", values, positions: ids, axis: 0)
    return result
  }

  /// This array with values added at positions of an axis, the same ones for all other positions.
  ///
  /// `[a, b, c]` along axis 1 with positions `[S…]` and values `[a, S…, c]` gives `[a, b, c]`:
  /// y[i, positions[s], k] += values[i, s, k].
  package func scatteredAdding(_ values: NDArray, positions: Indices, axis: Int) -> NDArray {
    let operation = "scatteredAdding(positions:)"
    var result = self
    result.scatterAdd(operation, values, positions: positions, axis: View.axis(axis, rank, operation))
    return result
  }

  /// This array with one value added along an axis per index. Indices have as many axes as this array, and no other extent
  /// exceeds this array's.
  ///
  /// `[a, b]` along axis 1 with indices and values `[a, n]` gives `[a, b]`: y[i, indices[i, j]] += values[i, j].
  package func scatteredAdding(_ values: NDArray, elements indices: Indices, axis: Int) -> NDArray {
    let operation = "scatteredAdding(elements:)"
    var result = self
    result.scatterAdd(operation, values, elements: indices, axis: View.axis(axis, rank, operation))
    return result
  }

  /// Adds one value along an axis per index, in place where the storage is uniquely referenced.
  package mutating func scatterAdd(_ operation: String, _ values: NDArray, elements indices: Indices, axis: Int) {
    requireElementIndices(operation, indices, axis)
    requireValues(operation, values, indices.shape)
    makeWritable(keepingElements: true)
    var strides = view.strides
    strides[axis] = 0
    let loop = StridedLoop<3>(indices.shape, [indices.view.strides, values.view.strides, strides])
    let (run, steps) = loop.line
    let (size, along) = (type.size, view.strides[axis])
    let kernel = kernels.gathering.scatterLine
    indices.view.read(4) { positions in
      let positions = positions.assumingMemoryBound(to: Int32.self)
      values.read { x in
        fill { y in
          loop.forEach(inner: 1) { offsets in
            kernel(
              positions + offsets[0], steps[0], x + offsets[1] * size, steps[1], y + offsets[2] * size, steps[2], along, run)
          }
        }
      }
    }
  }

  /// Adds values at positions of an axis, in place where the storage is uniquely referenced.
  package mutating func scatterAdd(_ operation: String, _ values: NDArray, positions indices: Indices, axis: Int) {
    require(rank > 0, "\(operation): a scalar has no rows")
    let ids = indices.contiguous()
    ids.requireBelow(shape[axis], operation)
    let (outerShape, innerShape) = (Shape(shape[..<axis]), Shape(shape[(axis + 1)...]))
    requireValues(operation, values, outerShape.followed(by: indices.shape).followed(by: innerShape))
    if values.count == 0 { return }
    if !view.isContiguous { self = contiguous() }
    makeWritable(keepingElements: true)
    let source = values.contiguous()
    let (outer, inner, extent, many) = (outerShape.elementCount, innerShape.elementCount, shape[axis], ids.count)
    let kernel = kernels.gathering.addRow
    // Work is split by planes, or, within a single plane, by columns: one thread adds all values of an element, in order.
    let strip = outer > 1 ? inner : Swift.max(64, (1 << 15) / many / 64 * 64)
    ids.view.read(4) { ids in
      let ids = ids.assumingMemoryBound(to: Int32.self)
      source.read { x in
        fill { y in
          parallel(outer, grain: Swift.max(1, (1 << 15) / (many * inner))) { planes in
            parallel(inner, grain: strip) { columns in
              for i in planes {
                for s in 0..<many {
                  kernel(
                    x + ((i * many + s) * inner + columns.lowerBound) * type.size,
                    y + ((i * extent + Int(ids[s])) * inner + columns.lowerBound) * type.size, columns.count)
                }
              }
            }
          }
        }
      }
    }
  }

  private func requireValues(_ operation: String, _ values: NDArray, _ wanted: Shape) {
    type.requireSame(as: values.type, operation)
    require(values.shape == wanted, "\(operation): values have shape \(values.shape), not \(wanted)")
  }
}
