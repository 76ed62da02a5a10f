internal import UnrollKernelTemplates

extension NDArray {
  /// All elements in row-major order, rounded or widened to the requested type.
  package func scalars<T: Element>(as: T.Type = T.self) -> [T] {
    let source = contiguous()
    return source.read { address in
      switch type {
      case .float32: UnsafeBufferPointer(start: address.assumingMemoryBound(to: Float.self), count: count).map { T($0) }
      case .float64: UnsafeBufferPointer(start: address.assumingMemoryBound(to: Double.self), count: count).map { T($0) }
      }
    }
  }

  /// The only element of an array that has one.
  package var item: Double {
    require(count == 1, "item: an array of shape \(shape) has \(count) elements, not one")
    return read { address in
      switch type {
      case .float32: Double(address.load(as: Float.self))
      case .float64: address.load(as: Double.self)
      }
    }
  }

  /// The same numbers as another element type, rounded to nearest.
  package func cast(to type: ElementType) -> NDArray {
    if type == self.type { return self }
    let source = contiguous()
    let result = NDArray(uninitialized: shape, type)
    let (count, convert) = (count, result.kernels.movement.convert)
    source.read { x in
      result.fill { y in
        parallel(count, grain: 1 << 16) { run in
          convert(x + run.lowerBound * self.type.size, y + run.lowerBound * type.size, run.count)
        }
      }
    }
    return result
  }

  /// Whether both have the same type and shape and |a - b| ≤ absolute + relative·|b| for every pair. Two NaN are close; an
  /// infinity is close only to itself.
  package func isClose(to other: NDArray, relative: Double = 1e-5, absolute: Double = 1e-8) -> Bool {
    if type != other.type || shape != other.shape { return false }
    return zip(scalars(as: Double.self), other.scalars(as: Double.self)).allSatisfy { a, b in
      if a == b || (a.isNaN && b.isNaN) { return true }
      return b.isFinite && Swift.abs(a - b) <= absolute + relative * Swift.abs(b)
    }
  }
}

extension NDArray: Equatable {
  /// Whether type, shape and every element are equal, as numbers: NaN equals nothing, 0 equals -0.
  package static func == (a: NDArray, b: NDArray) -> Bool {
    if a.type != b.type || a.shape != b.shape { return false }
    return zip(a.scalars(as: Double.self), b.scalars(as: Double.self)).allSatisfy { $0 == $1 }
  }
}
