public import UnrollArrays

/// An array that knows its origin, if a derivative is requested: a value.
///
/// A tensor is *recorded* if it was computed from something that a gradient is requested for; then it remembers the operation.
/// All other tensors are plain arrays. There is no mode to switch: recording follows values.
///
///     let x = Tensor([1, 2, 3])
///     let slope = gradient(at: x) { x in (x * x).sum() }
///     print(slope)  // 2, 4, 6
public struct Tensor: Sendable {
  private(set) var numbers: Numbers
  /// The operation that computed the numbers, if it is recorded, and the index of this result.
  package let source: Edge?

  /// The numbers of an array, unrecorded.
  package init(_ array: NDArray) { self.init(Numbers(array), nil) }

  package init(_ array: NDArray, _ source: Edge?) { self.init(Numbers(array), source) }

  init(_ numbers: Numbers, _ source: Edge?) {
    self.numbers = numbers
    self.source = source
  }

  /// The numbers.
  package var array: NDArray {
    if let source, source.node.watch.contains(.traces) { source.node.noteReading() }
    return numbers.array
  }

  /// A scalar: a tensor of shape `[]`.
  public init(_ number: Double, _ type: ElementType = .float32) { self.init(NDArray(number, type)) }

  /// Numbers in row-major order.
  public init<T: Element>(_ elements: [T], shape: Shape) { self.init(NDArray(elements, shape: shape)) }

  /// A vector, of the type of its elements: a list of literals is a `[Double]`, and gives float64.
  public init<T: Element>(_ elements: [T]) { self.init(NDArray(elements)) }
}

extension Tensor {
  /// The extents, outermost first.
  public var shape: Shape { numbers.array.shape }

  /// The number of axes.
  public var rank: Int { numbers.array.rank }

  /// The number of elements.
  public var count: Int { numbers.array.count }

  /// float32 or float64; it never changes implicitly.
  public var type: ElementType { numbers.array.type }

  /// The only element.
  public var item: Double { array.item }

  /// Whether derivatives reach this tensor.
  public var isRecorded: Bool { source != nil }

  /// The same numbers, unrecorded: a constant to every gradient.
  public func detached() -> Tensor {
    guard let source else { return self }
    // While a step is traced, its numbers must not leave the trace: there, detaching is an operation without a derivative.
    return source.node.watch.contains(.traces) ? Detachment()(self) : Tensor(numbers, nil)
  }
}

extension Tensor {
  /// Changes the array of a tensor that is not recorded, in place where it is uniquely referenced and in a copy otherwise, so
  /// that other tensors and arrays kept for derivatives do not change.
  package mutating func modifyArray<Result>(_ body: (inout NDArray) -> Result) -> Result {
    require(source == nil, "modifyArray: the tensor of shape \(shape) is recorded, so it must not change")
    var array = numbers.array
    let isFrozen = numbers.isFrozen
    // If this tensor alone references the box, releasing it first leaves one reference to the array, so that it changes in
    // place.
    numbers = Numbers.none
    defer { numbers = Numbers(array, isFrozen: isFrozen) }
    return body(&array)
  }

  /// The same for up to 64 tensors at once: which of them are frozen is a bit mask.
  package static func modifyArrays<Result>(_ tensors: inout [Tensor], _ body: (inout [NDArray]) -> Result) -> Result {
    var arrays: [NDArray] = []
    arrays.reserveCapacity(tensors.count)
    var frozen: UInt64 = 0
    require(tensors.count <= 64, "modifyArrays: \(tensors.count) tensors are more than 64")
    for i in tensors.indices {
      require(
        tensors[i].source == nil, "modifyArrays: the tensor of shape \(tensors[i].shape) is recorded, so it must not change")
      arrays.append(tensors[i].numbers.array)
      if tensors[i].numbers.isFrozen { frozen |= 1 << UInt64(i) }
      tensors[i].numbers = Numbers.none
    }
    defer {
      for i in tensors.indices { tensors[i].numbers = Numbers(arrays[i], isFrozen: frozen >> UInt64(i) & 1 == 1) }
    }
    return body(&arrays)
  }
}

/// An array in a box: passing a tensor on, or keeping it for derivatives, counts one reference.
final class Numbers: Sendable {
  /// What a tensor holds while its array is changed.
  static let none = Numbers(NDArray(0, .float32))

  let array: NDArray
  /// Whether the numbers are a frozen parameter. Stored in the box, since it would make every tensor larger.
  let isFrozen: Bool

  init(_ array: NDArray) { (self.array, isFrozen) = (array, false) }

  init(_ array: NDArray, isFrozen: Bool) { (self.array, self.isFrozen) = (array, isFrozen) }
}

extension Tensor: ExpressibleByArrayLiteral {
  /// Nested lists of numbers, float32.
  ///
  ///     let x: Tensor = [[1, 2, 3], [4, 5, 6]]  // [2, 3]
  public init(arrayLiteral rows: LiteralRow...) { self.init(NDArray(rows: rows)) }
}
