public import UnrollArrays

/// An array that knows where it came from, if someone asked for derivatives: a value.
///
/// A tensor is *recorded* if it was computed from something that a gradient was asked for, and remembers the operation then;
/// all others are an array and nothing else. There is no mode to switch: recording follows values.
///
///     let x = Tensor([1, 2, 3])
///     let slope = gradient(at: x) { x in (x * x).sum() }
///     print(slope)  // 2, 4, 6
public struct Tensor: Sendable {
  private(set) var numbers: Numbers
  /// The operation that made the numbers, if it is recorded, and which of its results this is.
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

  /// One number: a tensor of shape `[]`.
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

  /// float32 or float64; it never changes by itself.
  public var type: ElementType { numbers.array.type }

  /// The only element.
  public var item: Double { array.item }

  /// Whether derivatives reach this tensor.
  public var isRecorded: Bool { source != nil }

  /// The same numbers, unrecorded: a constant to every gradient.
  public func detached() -> Tensor {
    guard let source else { return self }
    // While a step is traced its numbers must not leave the trace: the constant is an operation without a derivative there.
    return source.node.watch.contains(.traces) ? Detachment()(self) : Tensor(numbers, nil)
  }
}

extension Tensor {
  /// Changes the array of a tensor that is not recorded: in its own memory where nobody else holds it, else in a copy, so that
  /// other tensors and what derivatives have kept stay as they are.
  package mutating func modifyArray<Result>(_ body: (inout NDArray) -> Result) -> Result {
    require(source == nil, "modifyArray: the tensor of shape \(shape) is recorded, so its numbers must stay")
    var array = numbers.array
    let isFrozen = numbers.isFrozen
    // The box, if this tensor alone holds it, goes before the array is changed, so that the array is held once.
    numbers = Numbers.none
    defer { numbers = Numbers(array, isFrozen: isFrozen) }
    return body(&array)
  }

  /// The same for several tensors at once; a few of them, since what is frozen is noted in a word.
  package static func modifyArrays<Result>(_ tensors: inout [Tensor], _ body: (inout [NDArray]) -> Result) -> Result {
    var arrays: [NDArray] = []
    arrays.reserveCapacity(tensors.count)
    var frozen: UInt64 = 0
    require(tensors.count <= 64, "modifyArrays: \(tensors.count) tensors are more than 64")
    for i in tensors.indices {
      require(
        tensors[i].source == nil, "modifyArrays: the tensor of shape \(tensors[i].shape) is recorded, so its numbers must stay")
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

/// An array in a box: a tensor is handed on, and kept for derivatives, by counting references to it.
final class Numbers: Sendable {
  /// What a tensor has while its array is changed.
  static let none = Numbers(NDArray(0, .float32))

  let array: NDArray
  /// Whether they are a parameter that training leaves alone. It stands here, and not in the tensor, which would be larger by it.
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
