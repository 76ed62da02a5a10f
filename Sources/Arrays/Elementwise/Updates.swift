package import UnrollKernelTemplates

/// Steps of optimizers on a parameter, in its own memory where nobody else holds it: once an array has been updated, its address
/// stays and no memory is taken, unless the gradient has gaps between its elements.
extension NDArray {
  /// A step that remembers nothing.
  package mutating func update(along gradient: NDArray, _ step: UpdateKernels.Step) {
    let slope = prepare(gradient, 0, step)
    fill { p in run(p, slope, p, p, p, step) }
  }

  /// A step that remembers one array.
  package mutating func update(along gradient: NDArray, _ a: inout NDArray, _ step: UpdateKernels.Step) {
    let slope = prepare(gradient, 1, step)
    a.prepare(for: self)
    fill { p in a.fill { a in run(p, slope, a, p, p, step) } }
  }

  /// A step that remembers two arrays.
  package mutating func update(
    along gradient: NDArray, _ a: inout NDArray, _ b: inout NDArray, _ step: UpdateKernels.Step
  ) {
    let slope = prepare(gradient, 2, step)
    a.prepare(for: self)
    b.prepare(for: self)
    fill { p in a.fill { a in b.fill { b in run(p, slope, a, b, p, step) } } }
  }

  /// A step that remembers three arrays.
  package mutating func update(
    along gradient: NDArray, _ a: inout NDArray, _ b: inout NDArray, _ c: inout NDArray, _ step: UpdateKernels.Step
  ) {
    let slope = prepare(gradient, 3, step)
    a.prepare(for: self)
    b.prepare(for: self)
    c.prepare(for: self)
    fill { p in a.fill { a in b.fill { b in c.fill { c in run(p, slope, a, b, c, step) } } } }
  }

  private func run(
    _ p: UnsafeMutableRawPointer, _ slope: NDArray, _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer,
    _ c: UnsafeMutableRawPointer, _ step: UpdateKernels.Step
  ) {
    let (kernel, size) = (kernels.updates.update, type.size)
    slope.read { g in
      parallel(count, grain: elementGrain) { run in
        let start = run.lowerBound * size
        kernel(p + start, g + start, a + start, b + start, c + start, run.count, step)
      }
    }
  }

  /// Makes the parameter ready for a step, and returns the gradient without gaps.
  private mutating func prepare(_ gradient: NDArray, _ memories: Int, _ step: UpdateKernels.Step) -> NDArray {
    require(step.memoryCount == memories, "update: \(memories) arrays for a step that remembers \(step.memoryCount)")
    requireFit(gradient, "gradient")
    let slope = gradient.contiguous()
    makeUpdatable()
    return slope
  }

  /// Makes what is remembered of a parameter ready for a step.
  private mutating func prepare(for parameter: NDArray) {
    parameter.requireFit(self, "memory")
    makeUpdatable()
  }

  /// Changes the element at a position of a contiguous array, and returns what it has become.
  package mutating func modify(at position: Int, _ change: (Double) -> Double) -> Double {
    require(position >= 0 && position < count, "modify: there is no element \(position) of \(count)")
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
