public import UnrollArrays

extension Tensor {
  /// All numbers in row-major order, rounded or widened to the requested type.
  ///
  ///     let numbers = Tensor.range(3).scalars(as: Double.self)  // [0, 1, 2]
  public func scalars<T: Element>(as: T.Type = T.self) -> [T] { array.scalars() }

  /// Calls `body` with all numbers in row-major order, where they lie in memory. A view whose numbers lie in another order is copied
  /// first. `T` must be the tensor's own type.
  ///
  ///     let x = Tensor([3, 1, 2] as [Float])
  ///     let sum = x.withSpan(of: Float.self) { numbers in
  ///       var sum: Float = 0
  ///       for i in numbers.indices { sum += numbers[i] }
  ///       return sum
  ///     }
  public func withSpan<T: Element, Result>(of type: T.Type, _ body: (Span<T>) throws -> Result) rethrows -> Result {
    try array.withSpan(of: type, body)
  }

  /// Whether both have the same type and shape and |a − b| ≤ absolute + relative·|b| for every pair. Two NaN are close; an
  /// infinity is close only to itself.
  ///
  ///     print(Tensor([0.1 + 0.2]).isClose(to: Tensor([0.3])))  // true
  public func isClose(to other: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8) -> Bool {
    array.isClose(to: other.array, relative: relative, absolute: absolute)
  }
}

extension Tensor: Equatable {
  /// Whether type, shape and every element are equal as numbers: NaN equals nothing, and 0 equals −0. Origins are not compared.
  public static func == (a: Tensor, b: Tensor) -> Bool { a.array == b.array }
}

extension Tensor: CustomStringConvertible, CustomDebugStringConvertible {
  /// The numbers in nested brackets; the middle of long axes is left out.
  ///
  ///     let x = Tensor([1.5, -2, 3, 0.25] as [Float], shape: [2, 2])
  ///     print(x)
  ///     // [[ 1.50, -2.00],
  ///     //  [ 3.00,  0.25]]
  public var description: String { array.description }

  /// Shape and type, and the numbers.
  ///
  ///     debugPrint(Tensor.ones([2]))
  ///     // Tensor([2], float32)
  ///     // [1., 1.]
  public var debugDescription: String { "Tensor(\(shape), \(type))\n\(description)" }
}

extension Mask {
  /// 1 where the mask is true, 0 elsewhere.
  ///
  ///     print(Mask([true, false]).cast(to: .float32))  // 1, 0
  public func cast(to type: ElementType) -> Tensor { Tensor(array(type)) }
}
