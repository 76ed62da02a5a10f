package import UnrollKernelTemplates

extension BinaryOperation {
  /// Its name in messages.
  var verb: String {
    switch self {
    case .addition: "add"
    case .subtraction: "subtract"
    case .multiplication: "multiply"
    case .division: "divide"
    case .power: "pow"
    case .minimum: "minimum"
    case .maximum: "maximum"
    case .sigmoidSlope: "sigmoidSlope"
    case .tanhSlope: "tanhSlope"
    }
  }
}

extension NDArray {
  /// f(x, y) of every pair of elements, in a new array of the shape that both broadcast to.
  static func combined(_ operation: BinaryOperation, _ x: NDArray, _ y: NDArray) -> NDArray {
    if x.type == y.type && x.view.isContiguous && y.view.isContiguous && x.hasShape(of: y) {
      // The common case needs no broadcasting.
      let out = NDArray(uninitialized: x.view.shape, x.type)
      x.read { x in y.read { y in out.fill { run(kernel(operation, out.type), x, 1, y, 1, $0, out.count, out.type.size) } } }
      return out
    }
    let shape = commonShape(operation.verb, x, y)
    if Swift.max(x.count, y.count) > 1, let a = x.onlyNumber, let b = y.onlyNumber {
      return combined(operation, a, b).broadcast(to: shape)
    }
    let out = NDArray(uninitialized: shape, x.type)
    out.fill { combine(operation, x, y, shape, into: $0) }
    return out
  }

  /// x ← f(x, y), in place where x keeps its shape and its storage is uniquely referenced.
  static func combine(_ operation: BinaryOperation, into x: inout NDArray, _ y: NDArray) {
    let shape = commonShape(operation.verb, x, y)
    require(shape == x.shape, "\(operation.verb): a result of shape \(shape) does not fit an array of shape \(x.shape)")
    if isKnownUniquelyReferenced(&x.view.storage) && x.view.isContiguous {
      let pointer = x.view.storage.pointer + x.view.offset * x.type.size
      combine(operation, x, y, shape, into: pointer)
    } else {
      x = combined(operation, x, y)
    }
  }

  /// f(x, y) of every pair of elements, written to an array of the result's shape and type, without allocating where possible.
  package static func combine(_ operation: BinaryOperation, _ x: NDArray, _ y: NDArray, into out: inout NDArray) {
    let shape = commonShape(operation.verb, x, y)
    require(x.type == out.type, "\(operation.verb): a \(x.type) result does not fit a \(out.type) array")
    require(shape == out.shape, "\(operation.verb): a result of shape \(shape) does not fit an array of shape \(out.shape)")
    if isKnownUniquelyReferenced(&out.view.storage) && out.view.isContiguous {
      out.fill { combine(operation, x, y, shape, into: $0) }
    } else {
      out = combined(operation, x, y)
    }
  }

  /// The shape of a result; stops where types differ or shapes do not broadcast.
  static func commonShape(_ verb: String, _ x: NDArray, _ y: NDArray) -> Shape {
    x.type.requireSame(as: y.type, verb)
    guard let shape = x.shape.broadcast(with: y.shape) else {
      stop("\(verb): shapes \(x.shape) and \(y.shape) do not broadcast")
    }
    return shape
  }

  @inline(__always)
  private static func kernel(_ operation: BinaryOperation, _ type: ElementType) -> BinaryKernel {
    type == .float32
      ? Machine.table.float32.elements.binary(operation) : Machine.table.float64.elements.binary(operation)
  }

  private static func combine(
    _ operation: BinaryOperation, _ x: NDArray, _ y: NDArray, _ shape: Shape, into out: UnsafeMutableRawPointer
  ) {
    let kernel = kernel(operation, x.type)
    let n = shape.elementCount
    // One operand may be a single number; contiguous operands of the result's shape are one row.
    let xStep = x.shape == shape ? 1 : x.count == 1 ? 0 : -1
    let yStep = y.shape == shape ? 1 : y.count == 1 ? 0 : -1
    x.read { xs in
      y.read { ys in
        if xStep >= 0 && yStep >= 0 && x.view.isContiguous && y.view.isContiguous {
          run(kernel, xs, xStep, ys, yStep, out, n, x.type.size)
        } else {
          walk(kernel, xs, x, ys, y, out, shape)
        }
      }
    }
  }

  /// Runs a kernel where both operands are contiguous or single numbers.
  private static func run(
    _ kernel: BinaryKernel, _ x: UnsafeRawPointer, _ dx: Int, _ y: UnsafeRawPointer, _ dy: Int,
    _ out: UnsafeMutableRawPointer, _ n: Int, _ size: Int
  ) {
    if n <= elementGrain {
      kernel.run(x, dx, y, dy, out, n)
    } else {
      parallel(n, grain: elementGrain) { range in
        let start = range.lowerBound * size
        kernel.run(x + start * dx, dx, y + start * dy, dy, out + start, range.count)
      }
    }
  }

  /// Runs a kernel over rows: in place where kernels can read them and they are long enough, gathered otherwise.
  private static func walk(
    _ kernel: BinaryKernel, _ xs: UnsafeRawPointer, _ x: NDArray, _ ys: UnsafeRawPointer, _ y: NDArray,
    _ out: UnsafeMutableRawPointer, _ shape: Shape
  ) {
    let size = x.type.size
    let walk = ElementWalk(
      shape, [x.view.strides(in: shape), y.view.strides(in: shape), Shape(repeating: 0, count: shape.count)])
    let (dx, dy) = (walk.step(0), walk.step(1))
    parallel(walk.count, grain: elementGrain) { range in
      if walk.readsRows(0) && walk.readsRows(1) && walk.rowCount >= 16 {
        walk.rows(range) { start, offsets, n in
          kernel.run(xs + offsets[0] * size, dx, ys + offsets[1] * size, dy, out + start * size, n)
        }
        return
      }
      withGatherBuffer(operands: 2) { buffer in
        let (xRow, yRow) = (buffer, buffer + gatheredCount * size)
        var first = range.lowerBound
        while first < range.upperBound {
          let end = Swift.min(first + gatheredCount, range.upperBound)
          walk.rows(first..<end) { start, offsets, n in
            let place = (start - first) * size
            gatherRow(xs + offsets[0] * size, dx, xRow + place, n, elementSize: size)
            gatherRow(ys + offsets[1] * size, dy, yRow + place, n, elementSize: size)
          }
          kernel.run(xRow, 1, yRow, 1, out + first * size, end - first)
          first = end
        }
      }
    }
  }
}

extension NDArray {
  /// f(x, number) of every element; with `reversed`, f(number, x).
  func combined(_ operation: BinaryOperation, _ number: Double, reversed: Bool = false) -> NDArray {
    if let one = repeatedNumber { return one.combined(operation, number, reversed: reversed).broadcast(to: shape) }
    let out = NDArray(uninitialized: shape, type)
    let source = contiguous()
    source.read { x in
      out.fill { out in combine(operation, x, number, reversed, into: out) }
    }
    return out
  }

  /// x ← f(x, number), in place where the storage is uniquely referenced.
  mutating func combine(_ operation: BinaryOperation, _ number: Double) {
    if isKnownUniquelyReferenced(&view.storage) && view.isContiguous {
      let pointer = view.storage.pointer + view.offset * type.size
      combine(operation, UnsafeRawPointer(pointer), number, false, into: pointer)
    } else {
      self = combined(operation, number)
    }
  }

  private func combine(
    _ operation: BinaryOperation, _ x: UnsafeRawPointer, _ number: Double, _ reversed: Bool, into out: UnsafeMutableRawPointer
  ) {
    let kernel = NDArray.kernel(operation, type)
    let (n, size) = (count, type.size)
    withUnsafeTemporaryAllocation(byteCount: 8, alignment: 8) { bytes in
      guard let place = bytes.baseAddress else { stop("no stack space is left for a number") }
      if type == .float32 {
        place.storeBytes(of: Float(number), as: Float.self)
      } else {
        place.storeBytes(of: number, as: Double.self)
      }
      if reversed {
        NDArray.run(kernel, UnsafeRawPointer(place), 0, x, 1, out, n, size)
      } else {
        NDArray.run(kernel, x, 1, UnsafeRawPointer(place), 0, out, n, size)
      }
    }
  }
}

extension NDArray {
  /// x · y + z of corresponding elements, rounded once where the kernels have a fused multiply-add; shapes broadcast: `[2, 3]`,
  /// `[3]` and `[2, 1]` give `[2, 3]`.
  package func multiplied(by y: NDArray, adding z: NDArray) -> NDArray {
    let product = NDArray.commonShape("multiplied", self, y)
    type.requireSame(as: z.type, "multiplied")
    guard let shape = product.broadcast(with: z.shape) else {
      stop("multiplied: shapes \(product) and \(z.shape) do not broadcast")
    }
    let operands = [self, y, z].map { $0.count == 1 ? $0 : $0.broadcast(to: shape).contiguous() }
    let steps = operands.map { $0.count == 1 ? 0 : 1 }
    let kernel = kernels.elements.ternary(.multiplyAdd)
    let out = NDArray(uninitialized: shape, type)
    let size = type.size
    operands[0].read { a in
      operands[1].read { b in
        operands[2].read { c in
          out.fill { out in
            parallel(shape.elementCount, grain: elementGrain) { range in
              let start = range.lowerBound * size
              kernel.runRows(
                OperandRows(a + start * steps[0], steps[0]), OperandRows(b + start * steps[1], steps[1]),
                OperandRows(c + start * steps[2], steps[2]), out + start, 0, 1, range.count)
            }
          }
        }
      }
    }
    return out
  }
}

/// In-place updates of uniquely referenced arrays.
extension NDArray {
  /// Changes the element at a position of a contiguous array, and returns its new value.
  package mutating func modify(at position: Int, _ change: (Double) -> Double) -> Double {
    require(position >= 0 && position < count, "modify: position \(position) is out of range for \(count) elements")
    makeUpdatable()
    return fill { address in
      switch type {
      case .float32:
        let value = Float(change(Double(address.load(fromByteOffset: 4 * position, as: Float.self))))
        address.storeBytes(of: value, toByteOffset: 4 * position, as: Float.self)
        return Double(value)
      case .float64:
        let value = change(address.load(fromByteOffset: 8 * position, as: Double.self))
        address.storeBytes(of: value, toByteOffset: 8 * position, as: Double.self)
        return value
      }
    }
  }

  /// The array with subnormal numbers replaced by 0.
  package func withoutSubnormals() -> NDArray {
    let least = type == .float32 ? Double(Float.leastNormalMagnitude) : Double.leastNormalMagnitude
    return (magnitude() .< least).select(NDArray(0, type), self)
  }

  /// The address of the elements, for tests that check that they do not move.
  package var address: UInt { read { UInt(bitPattern: $0) } }

  /// Makes the storage uniquely referenced and contiguous, copying where necessary.
  mutating func makeUpdatable() {
    if isKnownUniquelyReferenced(&view.storage) && view.isContiguous { return }
    let copy = View(uninitialized: shape, elementSize: type.size)
    copy.take(from: view, type.size)
    view = copy
  }
}
