internal import UnrollKernelTemplates

/// Numbers in a rectangular arrangement, float32 or float64. A value with copy-on-write storage.
///
/// An array is a view of its storage. Transposing, slicing and broadcasting make new views and copy nothing.
package struct NDArray: Sendable {
  package var view: View
  /// float32 or float64.
  package let type: ElementType

  package init(view: View, type: ElementType) {
    self.view = view
    self.type = type
  }

  /// A contiguous array, all elements of which the caller must write.
  package init(uninitialized shape: Shape, _ type: ElementType) {
    self.init(view: View(uninitialized: shape, elementSize: type.size), type: type)
  }
}

extension NDArray {
  /// The extents, outermost first.
  package var shape: Shape { view.shape }

  /// Whether the shape is this one, compared without copying a shape.
  package func has(_ shape: Shape) -> Bool { view.shape == shape }

  /// Whether both have the same extents.
  package func hasShape(of other: NDArray) -> Bool { view.shape == other.view.shape }

  /// The number of axes.
  package var rank: Int { view.shape.count }

  /// The number of elements.
  package var count: Int { view.shape.elementCount }

  /// The kernels for this array's element type.
  var kernels: Kernels { Machine.kernels(for: type) }

  /// Calls `body` with the address of the first element; the memory is read-only and valid during the call.
  func read<R>(_ body: (UnsafeRawPointer) throws -> R) rethrows -> R {
    try withExtendedLifetime(view.storage) {
      try body(UnsafeRawPointer(view.storage.pointer) + view.offset * type.size)
    }
  }

  /// Calls `body` with the address of the first element of a new array, to fill it. Only for a storage that nothing else
  /// references; see `Storage.pointer`.
  func fill<R>(_ body: (UnsafeMutableRawPointer) throws -> R) rethrows -> R {
    try withExtendedLifetime(view.storage) { try body(view.storage.pointer + view.offset * type.size) }
  }
}

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

  /// Calls `body` with all elements in row-major order, in place where they lie so.
  package func withSpan<T: Element, R>(of _: T.Type, _ body: (Span<T>) throws -> R) rethrows -> R {
    require(T.elementType == type, "withSpan: the numbers are \(type), not \(T.elementType)")
    let source = contiguous()
    return try source.read { try body(UnsafeBufferPointer(start: $0.assumingMemoryBound(to: T.self), count: count).span) }
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

extension NDArray {
  /// The selected part of this array, with one selection for each axis from the first on; further axes stay whole.
  ///
  /// Reading gives a view and copies nothing. Assigning writes in place where the storage is uniquely referenced, and to a copy
  /// otherwise; the assigned value broadcasts to the selected shape. See `AxisSelection`.
  package subscript(_ selectors: any AxisSelector...) -> NDArray {
    get { NDArray(view: view.selecting(selectors.map(\.selection)), type: type) }
    set { assign(newValue, to: selectors.map(\.selection)) }
  }

  /// Writes one number to all selected elements, in place where the storage is uniquely referenced.
  package mutating func fill(_ value: Double, at selectors: any AxisSelector...) {
    assign(NDArray(value, type), to: selectors.map(\.selection))
  }

  /// The part that a list of selections selects, like the subscript.
  package func selecting(_ selections: [AxisSelection]) -> NDArray { NDArray(view: view.selecting(selections), type: type) }

  /// Adds to the selected elements, in place where the storage is uniquely referenced.
  package mutating func add(_ value: NDArray, to selections: [AxisSelection]) {
    makeWritable(keepingElements: true)
    let target = view.selecting(selections)
    target.take(from: (NDArray(view: target, type: type) + value).view, type.size)
  }

  private mutating func assign(_ value: NDArray, to selections: [AxisSelection]) {
    require(value.type == type, "subscript: \(value.type) cannot be assigned into \(type); cast it")
    let selected = view.selecting(selections).shape
    guard let source = value.view.broadcast(to: selected) else {
      stop("subscript: shape \(value.shape) does not broadcast to the selected shape \(selected)")
    }
    // A value that is a view of this array shares its storage: then this array is copied, and the value does not change.
    makeWritable(keepingElements: true)
    view.selecting(selections).take(from: source, type.size)
  }

  /// Makes the storage uniquely referenced and every element distinct, copying where necessary.
  mutating func makeWritable(keepingElements keeps: Bool) {
    if isKnownUniquelyReferenced(&view.storage) && !view.mayOverlapItself { return }
    let copy = View(uninitialized: shape, elementSize: type.size)
    if keeps { copy.take(from: view, type.size) }
    view = copy
  }
}
