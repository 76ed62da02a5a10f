package import UnrollKernelTemplates

/// Steps of optimizers on a parameter, in its own memory where nobody else holds it: once an array has been updated, its address
/// stays and no memory is taken, unless the gradient has gaps between its elements.
extension NDArray {
  /// p ← p − rate · (g + decay · p).
  package mutating func descend(along gradient: NDArray, rate: Double, decay: Double) {
    requireFit(gradient, "gradient")
    let slope = gradient.contiguous()
    makeUpdatable()
    let (kernel, size) = (kernels.updates.plainDescent, type.size)
    slope.read { g in
      fill { p in
        parallel(count, grain: elementGrain) { run in
          let start = run.lowerBound * size
          kernel(p + start, g + start, run.count, rate, decay)
        }
      }
    }
  }

  /// `UpdateKernels.Descent`, which remembers a velocity.
  package mutating func descend(along gradient: NDArray, velocity: inout NDArray, _ step: UpdateKernels.Descent) {
    requireFit(gradient, "gradient")
    requireFit(velocity, "velocity")
    let slope = gradient.contiguous()
    makeUpdatable()
    velocity.makeUpdatable()
    let (kernel, size) = (kernels.updates.descent, type.size)
    slope.read { g in
      fill { p in
        velocity.fill { v in
          parallel(count, grain: elementGrain) { run in
            let start = run.lowerBound * size
            kernel(p + start, g + start, v + start, run.count, step)
          }
        }
      }
    }
  }

  /// `UpdateKernels.Adam`, which remembers the means of the gradient and of its square.
  package mutating func descend(
    along gradient: NDArray, first: inout NDArray, second: inout NDArray, _ step: UpdateKernels.Adam
  ) {
    requireFit(gradient, "gradient")
    requireFit(first, "first moment")
    requireFit(second, "second moment")
    let slope = gradient.contiguous()
    makeUpdatable()
    first.makeUpdatable()
    second.makeUpdatable()
    let (kernel, size) = (kernels.updates.adam, type.size)
    slope.read { g in
      fill { p in
        first.fill { m in
          second.fill { v in
            parallel(count, grain: elementGrain) { run in
              let start = run.lowerBound * size
              kernel(p + start, g + start, m + start, v + start, run.count, step)
            }
          }
        }
      }
    }
  }

  /// Adds one to the element at a position of a contiguous array, and returns the sum.
  package mutating func increment(at position: Int) -> Double {
    require(position >= 0 && position < count, "increment: there is no element \(position) of \(count)")
    makeUpdatable()
    return fill { address in
      switch type {
      case .float32:
        let sum = address.load(fromByteOffset: 4 * position, as: Float.self) + 1
        address.storeBytes(of: sum, toByteOffset: 4 * position, as: Float.self)
        return Double(sum)
      case .float64:
        let sum = address.load(fromByteOffset: 8 * position, as: Double.self) + 1
        address.storeBytes(of: sum, toByteOffset: 8 * position, as: Double.self)
        return sum
      }
    }
  }

  /// Where the numbers lie, for tests that look whether they stay there.
  package var address: UInt { read { UInt(bitPattern: $0) } }

  /// Sees to it that nobody else holds the storage and that the elements lie in order without gaps; copies where it must.
  private mutating func makeUpdatable() {
    if isKnownUniquelyReferenced(&view.storage) && view.isContiguous { return }
    let copy = View(uninitialized: shape, elementSize: type.size)
    copy.take(from: view, type.size)
    view = copy
  }

  private func requireFit(_ other: NDArray, _ what: String) {
    require(
      other.type == type && hasShape(of: other),
      "update: a \(other.type) \(what) of shape \(other.shape) does not fit a \(type) parameter of shape \(shape)")
  }
}
