internal import UnrollKernelTemplates

extension NDArray {
  /// The comparison of corresponding elements, in the shape that both broadcast to. False where either is NaN, except that NaN
  /// is unequal to everything.
  static func compared(_ operation: ComparisonOperation, _ x: NDArray, _ y: NDArray) -> Mask {
    let shape = commonShape("compare", x, y)
    let out = Mask(uninitialized: shape)
    let kernel =
      x.type == .float32
      ? Machine.table.float32.elements.comparison(operation) : Machine.table.float64.elements.comparison(operation)
    let walk = ElementWalk(
      shape, [x.view.strides(in: shape), y.view.strides(in: shape), Shape(repeating: 0, count: shape.count)])
    let size = x.type.size
    x.read { xs in
      y.read { ys in
        out.view.fill(1) { bytes in
          parallel(walk.count, grain: elementGrain) { range in
            walk.rows(range) { start, offsets, n in
              kernel.run(
                xs + offsets[0] * size, walk.step(0), ys + offsets[1] * size, walk.step(1), bytes + start, n)
            }
          }
        }
      }
    }
    return out
  }

  /// Elements of x where the mask's bytes are not 0 and of y elsewhere, in the shape that all three broadcast to.
  static func selected(_ mask: View, _ x: NDArray, _ y: NDArray) -> NDArray {
    let operands = commonShape("select", x, y)
    guard let shape = operands.broadcast(with: mask.shape) else {
      stop("select: a mask of shape \(mask.shape) and arrays of shape \(operands) do not broadcast")
    }
    let out = NDArray(uninitialized: shape, x.type)
    let kernel = x.type == .float32 ? Machine.table.float32.elements.selection : Machine.table.float64.elements.selection
    let walk = ElementWalk(
      shape, [mask.strides(in: shape), x.view.strides(in: shape), y.view.strides(in: shape)])
    let size = x.type.size
    x.read { xs in
      y.read { ys in
        out.fill { out in
          withExtendedLifetime(mask.storage) {
            let bytes = UnsafeRawPointer(mask.storage.pointer + mask.offset)
            parallel(walk.count, grain: elementGrain) { range in
              walk.rows(range) { start, offsets, n in
                let mask = (bytes + offsets[0]).assumingMemoryBound(to: UInt8.self)
                let (a, b) = (xs + offsets[1] * size, ys + offsets[2] * size)
                kernel.run(mask, walk.step(0), a, walk.step(1), b, walk.step(2), out + start * size, n)
              }
            }
          }
        }
      }
    }
    return out
  }
}

extension NDArray {
  /// Where corresponding elements of x are below those of y; shapes broadcast; false where either is NaN.
  package static func .< (x: NDArray, y: NDArray) -> Mask { compared(.less, x, y) }

  /// Where corresponding elements of x are at most those of y; shapes broadcast; false where either is NaN.
  package static func .<= (x: NDArray, y: NDArray) -> Mask { compared(.lessOrEqual, x, y) }

  /// Where corresponding elements of x are above those of y; shapes broadcast; false where either is NaN.
  package static func .> (x: NDArray, y: NDArray) -> Mask { compared(.less, y, x) }

  /// Where corresponding elements of x are at least those of y; shapes broadcast; false where either is NaN.
  package static func .>= (x: NDArray, y: NDArray) -> Mask { compared(.lessOrEqual, y, x) }

  /// Where corresponding elements are equal; shapes broadcast; false where either is NaN.
  package static func .== (x: NDArray, y: NDArray) -> Mask { compared(.equal, x, y) }

  /// Where corresponding elements differ; shapes broadcast; true where either is NaN.
  package static func .!= (x: NDArray, y: NDArray) -> Mask { compared(.notEqual, x, y) }

  /// Where elements are below a number.
  package static func .< (x: NDArray, number: Double) -> Mask { x .< NDArray(number, x.type) }

  /// Where elements are at most a number.
  package static func .<= (x: NDArray, number: Double) -> Mask { x .<= NDArray(number, x.type) }

  /// Where elements are above a number.
  package static func .> (x: NDArray, number: Double) -> Mask { x .> NDArray(number, x.type) }

  /// Where elements are at least a number.
  package static func .>= (x: NDArray, number: Double) -> Mask { x .>= NDArray(number, x.type) }

  /// Where elements equal a number.
  package static func .== (x: NDArray, number: Double) -> Mask { x .== NDArray(number, x.type) }

  /// Where elements differ from a number.
  package static func .!= (x: NDArray, number: Double) -> Mask { x .!= NDArray(number, x.type) }
}

extension Mask {
  /// Elements of x where this mask is true and of y elsewhere, in the shape that all three broadcast to.
  package func select(_ x: NDArray, _ y: NDArray) -> NDArray { NDArray.selected(view, x, y) }
}
