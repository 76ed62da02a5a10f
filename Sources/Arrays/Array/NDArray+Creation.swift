extension NDArray {
  /// An array of the given numbers, in row-major order. The element type is that of the numbers.
  package init<T: Element>(_ elements: [T], shape: Shape) {
    require(shape.allSatisfy { $0 >= 0 }, "NDArray: shape \(shape) has a negative extent")
    require(
      elements.count == shape.elementCount,
      "NDArray: \(elements.count) numbers do not fill shape \(shape), which has \(shape.elementCount) elements")
    self.init(uninitialized: shape, T.elementType)
    fill { target in
      elements.withUnsafeBytes { source in
        if let address = source.baseAddress { target.copyMemory(from: address, byteCount: source.count) }
      }
    }
  }

  /// A vector of the given numbers.
  package init<T: Element>(_ elements: [T]) { self.init(elements, shape: [elements.count]) }

  /// A scalar: an array without axes.
  package init<T: Element>(_ element: T) { self.init([element], shape: []) }

  /// A number as a scalar of the given type.
  package init(_ element: Double, _ type: ElementType) {
    self = type == .float32 ? NDArray(Float(element)) : NDArray(element)
  }

  /// The same number everywhere.
  package static func full(_ shape: Shape, _ value: Double, _ type: ElementType = .float32) -> NDArray {
    require(shape.allSatisfy { $0 >= 0 }, "full: shape \(shape) has a negative extent")
    let result = NDArray(uninitialized: shape, type)
    let count = shape.elementCount
    result.fill { target in
      parallel(count, grain: 1 << 18) { run in
        let start = target + run.lowerBound * type.size
        switch type {
        case .float32: start.initializeMemory(as: Float.self, repeating: Float(value), count: run.count)
        case .float64: start.initializeMemory(as: Double.self, repeating: value, count: run.count)
        }
      }
    }
    return result
  }

  /// Zeros.
  package static func zeros(_ shape: Shape, _ type: ElementType = .float32) -> NDArray { full(shape, 0, type) }

  /// Ones.
  package static func ones(_ shape: Shape, _ type: ElementType = .float32) -> NDArray { full(shape, 1, type) }

  /// 0, 1, 2, … up to, not including, `count`.
  package static func range(_ count: Int, _ type: ElementType = .float32) -> NDArray {
    require(count >= 0, "range: a count of \(count) is negative")
    return range(from: 0, to: Double(count), by: 1, type)
  }

  /// `start`, `start + step`, … up to, not including, `end`.
  package static func range(from start: Double, to end: Double, by step: Double, _ type: ElementType = .float32) -> NDArray {
    require(step != 0 && step.isFinite, "range: a step of \(step) is zero or not finite")
    let count = ((end - start) / step).rounded(.up)
    require(count < 1e15, "range: from \(start) to \(end) by \(step) gives \(count) numbers, too many for an array")
    return sequence(Int(Swift.max(0, count)), type) { start + Double($0) * step }
  }

  /// `count` numbers at equal distances from `start` to `end`, both included.
  package static func linearSpace(_ start: Double, _ end: Double, count: Int, _ type: ElementType = .float32) -> NDArray {
    require(count >= 0, "linearSpace: count \(count) is negative")
    return sequence(count, type) {
      $0 == count - 1 && count > 1 ? end : start + (end - start) * Double($0) / Double(Swift.max(count - 1, 1))
    }
  }

  /// The identity matrix: ones on the diagonal of `[n, n]`.
  package static func identity(_ n: Int, _ type: ElementType = .float32) -> NDArray {
    require(n >= 0, "identity: size \(n) is negative")
    let result = zeros([n, n], type)
    result.fill { target in
      for i in 0..<n {
        switch type {
        case .float32: target.storeBytes(of: 1, toByteOffset: (i * n + i) * 4, as: Float.self)
        case .float64: target.storeBytes(of: 1, toByteOffset: (i * n + i) * 8, as: Double.self)
        }
      }
    }
    return result
  }

  private static func sequence(_ count: Int, _ type: ElementType, _ value: (Int) -> Double) -> NDArray {
    let result = NDArray(uninitialized: [count], type)
    result.fill { target in
      for i in 0..<count {
        switch type {
        case .float32: target.storeBytes(of: Float(value(i)), toByteOffset: 4 * i, as: Float.self)
        case .float64: target.storeBytes(of: value(i), toByteOffset: 8 * i, as: Double.self)
        }
      }
    }
    return result
  }
}

/// An element of an array literal: a number, or a list of them. A number alone does not make an array, so that the 2 in `x * 2`
/// is a number of whatever element type x has.
public struct LiteralRow: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  let array: NDArray

  /// A float32 number.
  public init(floatLiteral value: Double) { array = NDArray(Float(value)) }

  /// A float32 number.
  public init(integerLiteral value: Int) { array = NDArray(Float(value)) }

  /// A list of rows.
  public init(arrayLiteral rows: LiteralRow...) { array = NDArray(rows: rows) }
}

extension NDArray: ExpressibleByArrayLiteral {
  /// Nested lists of numbers, float32: `[[1, 2], [3, 4]]` has shape `[2, 2]`.
  package init(arrayLiteral rows: LiteralRow...) { self.init(rows: rows) }

  package init(rows: [LiteralRow]) {
    if rows.isEmpty {
      self.init([] as [Float])
    } else {
      self = NDArray.stack(rows.map(\.array), axis: 0)
    }
  }
}
