internal import UnrollKernelTemplates

/// A reduction along some axes of an array, and its walk through memory.
///
/// Work is split by results only, and long reductions into parts of a fixed length, so no bit depends on the thread count.
struct AxisReduction {
  let source: NDArray
  /// The axes that are reduced, in ascending order.
  let axes: [Int]
  let kept: [Int]

  /// Reduces the given axes, or all where the list is empty.
  init(_ operation: String, _ source: NDArray, _ axes: [Int]) {
    let positive = axes.map { View.axis($0, source.rank, operation) }
    for (position, axis) in positive.enumerated() where positive[..<position].contains(axis) {
      stop("\(operation): axis \(axes[position]) of shape \(source.shape) is listed twice")
    }
    self.source = source
    self.axes = axes.isEmpty ? Array(0..<source.rank) : positive.sorted()
    kept = (0..<source.rank).filter { [axes = self.axes] in !axes.contains($0) }
  }

  /// The number of elements per result.
  var length: Int { Shape(axes.map { source.shape[$0] }).elementCount }

  var outputShape: Shape { Shape(kept.map { source.shape[$0] }) }

  /// The shape of the result; `keeps` leaves reduced axes with extent one.
  func shape(keepingAxes keeps: Bool) -> Shape {
    keeps ? Shape(source.shape.indices.map { axes.contains($0) ? 1 : source.shape[$0] }) : outputShape
  }

  /// The source with the remaining axes in front.
  var rows: NDArray { source.permuted(kept + axes) }

  /// The reduction, divided by `divisor`; `parameters` are contiguous, one per result.
  func reduce(_ reduction: Reduction, parameters: NDArray? = nil, divisor: Double = 1) -> NDArray {
    let shape = outputShape
    let length = length
    if length == 0 { return NDArray.full(shape, reduction.identity / divisor, source.type) }
    let result = NDArray(uninitialized: shape, source.type)
    if shape.elementCount == 0 { return result }
    // The order of elements within a result is free, so axes that are adjacent in memory can be merged.
    let order = axes.sorted { abs(source.view.strides[$0]) > abs(source.view.strides[$1]) }
    let view = source.view
    let inner = StridedLoop<1>(Shape(order.map { view.shape[$0] }), [Shape(order.map { view.strides[$0] })])
    let outer = StridedLoop<1>(shape, [Shape(kept.map { view.strides[$0] })])
    let last = outer.shape.count - 1
    let step = inner.shape.isEmpty ? 1 : inner.strides[0][0]
    if inner.shape.count <= 1 && step == 1 {
      reduceRows(reduction, source, outer, length, parameters, divisor, result)
    } else if inner.shape.count == 1 && last >= 0 && outer.strides[0][last] == 1 {
      reduceColumns(reduction, outer, length, step, parameters, divisor, result)
    } else {
      let copy = rows.contiguous()
      let loop = StridedLoop<1>([shape.elementCount], [[length]])
      reduceRows(reduction, copy, loop, length, parameters, divisor, result)
    }
    return result
  }

  /// Reduces where the elements of each result are contiguous.
  private func reduceRows(
    _ reduction: Reduction, _ source: NDArray, _ loop: StridedLoop<1>, _ length: Int, _ parameters: NDArray?,
    _ divisor: Double, _ result: NDArray
  ) {
    let size = source.type.size
    let fold = source.kernels.reductions.foldRows(reduction)
    let (rows, row) = loop.shape.last.map { ($0, loop.strides[0][loop.shape.count - 1]) } ?? (1, length)
    let isLong = length >= 4 * Self.part && result.count < 8
    var done = 0
    source.read { x in
      parameters.reading { parameters in
        result.fill { y in
          loop.forEach(inner: 1) { offsets in
            let (x, y) = (x + offsets[0] * size, y + done * size)
            let parameters = parameters.map { $0 + done * size }
            done += rows
            if isLong {
              for i in 0..<rows {
                reduceLong(
                  reduction, x + i * row * size, length, parameters.map { $0 + i * size }, divisor, y + i * size)
              }
              return
            }
            parallel(rows, grain: Swift.max(1, Self.part / length)) { run in
              let start = run.lowerBound
              fold(
                x + start * row * size, row, run.count, length, parameters.map { $0 + start * size }, divisor,
                y + start * size)
            }
          }
        }
      }
    }
  }

  /// The number of elements that justifies another thread.
  private static let part = 1 << 15

  /// Reduces very many contiguous elements to one result: parts of a fixed length, then their results.
  private func reduceLong(
    _ reduction: Reduction, _ x: UnsafeRawPointer, _ length: Int, _ parameter: UnsafeRawPointer?, _ divisor: Double,
    _ y: UnsafeMutableRawPointer
  ) {
    let size = source.type.size
    let folds = source.kernels.reductions.foldRows
    let parts = (length - 1) / Self.part + 1
    withScratch(byteCount: parts * size) { partial in
      parallel(parts, grain: 1) { run in
        for i in run {
          let start = i * Self.part
          folds(reduction)(
            x + start * size, 0, 1, Swift.min(Self.part, length - start), parameter, 1, partial + i * size)
        }
      }
      folds(reduction.ofParts)(partial, 0, 1, parts, nil, divisor, y)
    }
  }

  /// Reduces where neighbours belong to different results and the elements of one result lie `step` apart.
  private func reduceColumns(
    _ reduction: Reduction, _ loop: StridedLoop<1>, _ length: Int, _ step: Int, _ parameters: NDArray?, _ divisor: Double,
    _ result: NDArray
  ) {
    let size = source.type.size
    let fold = source.kernels.reductions.foldColumns(reduction)
    let last = loop.shape.count - 1
    let columns = loop.shape[last]
    // Several planes are shared among threads as wholes, a single one as strips of columns.
    let (planes, plane) = last > 0 ? (loop.shape[last - 1], loop.strides[0][last - 1]) : (1, 0)
    let strip = planes > 1 ? columns : Swift.max(64, Self.part / length / 64 * 64)
    var done = 0
    source.read { x in
      parameters.reading { parameters in
        result.fill { y in
          loop.forEach(inner: 2) { offsets in
            let (x, y) = (x + offsets[0] * size, y + done * size)
            let parameters = parameters.map { $0 + done * size }
            done += planes * columns
            parallel(planes, grain: Swift.max(1, Self.part / (length * columns))) { run in
              for i in run {
                parallel(columns, grain: strip) { part in
                  let start = part.lowerBound
                  let target = i * columns + start
                  fold(
                    x + (i * plane + start) * size, step, length, part.count, parameters.map { $0 + target * size }, divisor,
                    y + target * size)
                }
              }
            }
          }
        }
      }
    }
  }
}

extension Optional where Wrapped == NDArray {
  /// Calls `body` with the address of the first element, or with nil where there is no array.
  func reading<R>(_ body: (UnsafeRawPointer?) -> R) -> R {
    guard let self else { return body(nil) }
    return self.read { body($0) }
  }
}
