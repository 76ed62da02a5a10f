package import UnrollKernelTemplates

extension NDArray {
  /// f(x; a, b) of every element, in a new array.
  package func mapped(_ operation: UnaryOperation, _ a: Double = 0, _ b: Double = 0) -> NDArray {
    if let number = repeatedNumber { return number.mapped(operation, a, b).broadcast(to: shape) }
    let out = NDArray(uninitialized: shape, type)
    out.fill { NDArray.map(operation, self, a, b, into: $0) }
    return out
  }

  /// x ← f(x; a, b) for each element, in place where the storage is uniquely referenced.
  mutating func map(_ operation: UnaryOperation, _ a: Double = 0, _ b: Double = 0) {
    if isKnownUniquelyReferenced(&view.storage) && view.isContiguous {
      let pointer = view.storage.pointer + view.offset * type.size
      NDArray.map(operation, self, a, b, into: pointer)
    } else {
      self = mapped(operation, a, b)
    }
  }

  /// f(x; a, b) of every element, written to an array of the same shape and type, without allocating where possible.
  package static func map(
    _ operation: UnaryOperation, _ x: NDArray, _ a: Double = 0, _ b: Double = 0, into out: inout NDArray
  ) {
    require(x.type == out.type, "\(operation): a \(x.type) result does not fit a \(out.type) array")
    require(x.shape == out.shape, "\(operation): a result of shape \(x.shape) does not fit an array of shape \(out.shape)")
    if isKnownUniquelyReferenced(&out.view.storage) && out.view.isContiguous {
      out.fill { map(operation, x, a, b, into: $0) }
    } else {
      out = x.mapped(operation, a, b)
    }
  }

  /// The kernel of a function for an element type.
  @inline(__always)
  private static func kernel(_ operation: UnaryOperation, _ type: ElementType) -> UnaryKernel {
    type == .float32
      ? Machine.table.float32.elements.unary(operation) : Machine.table.float64.elements.unary(operation)
  }

  private static func map(
    _ operation: UnaryOperation, _ x: NDArray, _ a: Double, _ b: Double, into out: UnsafeMutableRawPointer
  ) {
    let kernel = kernel(operation, x.type)
    let size = x.type.size
    if x.view.isContiguous {
      let n = x.count
      x.read { pointer in
        if n <= elementGrain {
          kernel.run(pointer, out, n, a, b)
        } else {
          parallel(n, grain: elementGrain) { range in
            let start = range.lowerBound * size
            kernel.run(pointer + start, out + start, range.count, a, b)
          }
        }
      }
    } else {
      // The elements are gathered into the output, where the function then works in place.
      let target = NDArray.Gathered(x, out)
      parallel(target.walk.count, grain: elementGrain) { range in
        target.fill(range)
        kernel.run(out + range.lowerBound * size, out + range.lowerBound * size, range.count, a, b)
      }
    }
  }
}

extension NDArray {
  /// Gathers the elements of any array into contiguous memory.
  struct Gathered {
    let walk: ElementWalk
    private let x: NDArray
    private let out: UnsafeMutableRawPointer

    init(_ x: NDArray, _ out: UnsafeMutableRawPointer) {
      let none = Shape(repeating: 0, count: x.rank)
      walk = ElementWalk(x.shape, [x.view.strides, none, none])
      self.x = x
      self.out = out
    }

    func fill(_ range: Range<Int>) {
      let size = x.type.size
      x.read { source in
        walk.rows(range) { start, offsets, n in
          gatherRow(source + offsets[0] * size, walk.step(0), out + start * size, n, elementSize: size)
        }
      }
    }
  }
}

extension NDArray {
  /// The common number of all elements, where a large array is a broadcast of one; nil elsewhere. A function of such an array
  /// is again such an array: the probe of a parameter, while a rule is traced, must not take a parameter's memory.
  var repeatedNumber: NDArray? {
    if view.isContiguous || count < 1 << 12 { return nil }
    let (shape, strides) = (view.shape, view.strides)
    for axis in shape.indices where shape[axis] != 1 && strides[axis] != 0 { return nil }
    return NDArray(view: View(view, offset: view.offset, [], strides: []), type: type)
  }

  /// The number of an array that has only one element, or one number everywhere.
  var onlyNumber: NDArray? { count == 1 ? reshaped([]) : repeatedNumber }
}
