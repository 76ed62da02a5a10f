internal import UnrollKernelTemplates

/// Layer normalisation of the last axis: mean 0 and variance 1, then scaled and shifted, y = LN(x) s + b.
extension NDArray {
  /// The result, and the moments that the derivative needs: `[rows, 2]`, the mean and r of each row, with LN(x) = (x − mean) r
  /// and r = 1/√(variance + ε).
  ///
  /// A constant row gives b, or NaN where ε is zero, since r is infinite then.
  package func layerNorm(scale: NDArray?, shift: NDArray?, epsilon: Double) -> (values: NDArray, moments: NDArray) {
    let rows = LayerNormRows(self, scale, shift)
    require(epsilon >= 0 && epsilon.isFinite, "layerNorm: an epsilon of \(epsilon) is negative or not finite")
    let (values, moments) = (NDArray(uninitialized: shape, type), NDArray(uninitialized: [rows.count, 2], type))
    let (kernel, n, size) = (kernels.normalization.forward, rows.length, type.size)
    rows.read { x, scale, shift in
      values.fill { y in
        moments.fill { moments in
          parallel(rows.count, grain: rows.grain) { run in
            let start = run.lowerBound * size
            let result = NormalizationResult(y: y + start * n, moments: moments + 2 * start)
            kernel(x + start * n, scale, shift, epsilon, result, run.count, n)
          }
        }
      }
    }
    return (values, moments)
  }

  /// The derivative: the cotangents, given the cotangent g of `layerNorm` of this array and its moments.
  ///
  /// The cotangents of s and b are summed over blocks of rows, and the blocks in a fixed order: no bit depends on the number of
  /// threads.
  package func layerNormBackward(
    _ g: NDArray, scale: NDArray?, moments: NDArray, wanting wanted: LayerNormCotangents.Wanted
  ) -> LayerNormCotangents {
    let rows = LayerNormRows(self, scale, nil)
    require(
      g.has(shape) && g.type == type && moments.has([rows.count, 2]) && moments.type == type,
      "layerNorm: a cotangent of shape \(g.shape) and moments of shape \(moments.shape) do not fit shape \(shape)")
    let (g, moments) = (g.contiguous(), moments.contiguous())
    let byInput = wanted.input ? NDArray(uninitialized: shape, type) : nil
    let byScale = wanted.scale ? NDArray.zeros([rows.blocks, rows.length], type) : nil
    let byShift = wanted.shift ? NDArray.zeros([rows.blocks, rows.length], type) : nil
    rows.read { x, scale, _ in
      g.read { g in
        moments.read { moments in
          byInput.filling { byInput in
            byScale.filling { byScale in
              byShift.filling { byShift in
                rows.walkBack(
                  x, scale,
                  NormalizationCotangents(
                    moments: moments, byResult: g, byInput: byInput, byScale: byScale, byShift: byShift))
              }
            }
          }
        }
      }
    }
    return LayerNormCotangents(input: byInput, scale: byScale?.sum(axes: 0), shift: byShift?.sum(axes: 0))
  }
}

/// The cotangents of x, s and b.
package struct LayerNormCotangents {
  package let input: NDArray?
  package let scale: NDArray?
  package let shift: NDArray?

  /// The cotangents that are requested.
  package struct Wanted {
    let input: Bool
    let scale: Bool
    let shift: Bool

    package init(input: Bool = true, scale: Bool = true, shift: Bool = true) {
      self.input = input
      self.scale = scale
      self.shift = shift
    }
  }
}

/// The rows of an array, with one weight for each column.
private struct LayerNormRows {
  /// The number of rows per block whose contributions to the cotangents of s and b are summed first.
  static let block = 64

  let x: NDArray
  let scale: NDArray?
  let shift: NDArray?
  let count: Int
  let length: Int

  init(_ x: NDArray, _ scale: NDArray?, _ shift: NDArray?) {
    require(x.rank > 0, "layerNorm: a scalar has no rows")
    length = x.shape[x.rank - 1]
    count = x.shape.dropLast().reduce(1, *)
    for (name, weights) in [("scale", scale), ("shift", shift)] {
      guard let weights else { continue }
      require(
        weights.has([length]), "layerNorm: a \(name) of shape \(weights.shape) does not fit the rows of shape \(x.shape)")
      x.type.requireSame(as: weights.type, "layerNorm")
    }
    (self.x, self.scale, self.shift) = (x.contiguous(), scale?.contiguous(), shift?.contiguous())
  }

  var blocks: Int { (count + Self.block - 1) / Self.block }
  /// The number of rows that justifies another thread.
  var grain: Int { max(1, (1 << 13) / max(length, 1)) }

  func read(_ body: (_ x: UnsafeRawPointer, _ scale: UnsafeRawPointer?, _ shift: UnsafeRawPointer?) -> Void) {
    x.read { x in scale.reading { scale in shift.reading { shift in body(x, scale, shift) } } }
  }

  /// Runs the derivative block by block, each block with sums of its own.
  func walkBack(_ x: UnsafeRawPointer, _ scale: UnsafeRawPointer?, _ all: NormalizationCotangents) {
    let (kernel, row) = (self.x.kernels.normalization.backward, length * self.x.type.size)
    parallel(blocks, grain: max(1, grain / Self.block)) { run in
      for block in run {
        let first = block * Self.block
        let start = first * row
        let part = NormalizationCotangents(
          moments: all.moments + 2 * first * self.x.type.size, byResult: all.byResult + start,
          byInput: all.byInput.map { $0 + start }, byScale: all.byScale.map { $0 + block * row },
          byShift: all.byShift.map { $0 + block * row })
        kernel(x + start, scale, part, min(Self.block, count - first), length)
      }
    }
  }
}

extension NDArray? {
  /// Calls `body` with the memory of a new array, or with nil where there is no array.
  fileprivate func filling(_ body: (UnsafeMutableRawPointer?) -> Void) {
    if let self { self.fill { body($0) } } else { body(nil) }
  }
}
