internal import UnrollKernelTemplates

extension NDArray {
  /// Bytes 1 and 0 in the shape that both broadcast to: whether corresponding elements compare so. False where either is NaN,
  /// except that NaN is unequal to everything.
  static func compared(_ operation: ComparisonOperation, _ x: NDArray, _ y: NDArray) -> View {
    let shape = commonShape("compare", x, y)
    let out = View(uninitialized: shape, elementSize: 1)
    let kernel =
      x.type == .float32
      ? Machine.table.float32.elements.comparison(operation) : Machine.table.float64.elements.comparison(operation)
    let walk = ElementWalk(
      shape, x.view.strides(broadcastTo: shape), y.view.strides(broadcastTo: shape), Shape(repeating: 0, count: shape.count))
    let size = x.type.size
    x.read { xs in
      y.read { ys in
        withExtendedLifetime(out.storage) {
          let bytes = out.storage.pointer
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
      shape, mask.strides(broadcastTo: shape), x.view.strides(broadcastTo: shape), y.view.strides(broadcastTo: shape))
    let size = x.type.size
    x.read { xs in
      y.read { ys in
        out.fill { out in
          withExtendedLifetime(mask.storage) {
            let bytes = UnsafeRawPointer(mask.storage.pointer + mask.offset)
            parallel(walk.count, grain: elementGrain) { range in
              walk.rows(range) { start, offsets, n in
                kernel.run(
                  (bytes + offsets[0]).assumingMemoryBound(to: UInt8.self), walk.step(0), xs + offsets[1] * size, walk.step(1),
                  ys + offsets[2] * size, walk.step(2), out + start * size, n)
              }
            }
          }
        }
      }
    }
    return out
  }
}
