/// Truth values in a rectangular arrangement: what comparisons give and selections take. A value, never differentiable.
///
///     let valid: Mask = [true, true, false]
///     valid.values  // [true, true, false]
public struct Mask: Sendable {
  /// One byte an element, 0 or 1.
  var view: View

  init(view: View) { self.view = view }

  /// A mask whose elements the caller must all write, as bytes 0 or 1.
  init(uninitialized shape: Shape) { view = View(uninitialized: shape, elementSize: 1) }

  /// A mask of the given values, in row-major order.
  public init(_ values: [Bool], shape: Shape) {
    require(
      shape.allSatisfy { $0 >= 0 } && values.count == shape.elementCount,
      "Mask: \(values.count) values do not fill shape \(shape)")
    self.init(uninitialized: shape)
    view.fill(1) { target in
      for (i, value) in values.enumerated() { target.storeBytes(of: value ? 1 : 0, toByteOffset: i, as: UInt8.self) }
    }
  }

  /// A vector of the given values.
  public init(_ values: [Bool]) { self.init(values, shape: [values.count]) }

  /// The same value everywhere.
  public init(repeating value: Bool, shape: Shape) {
    require(shape.allSatisfy { $0 >= 0 }, "Mask: shape \(shape) has a negative extent")
    self.init(uninitialized: shape)
    view.fill(1) { _ = $0.initializeMemory(as: UInt8.self, repeating: value ? 1 : 0, count: shape.elementCount) }
  }
}

extension Mask {
  /// The extents, outermost first.
  public var shape: Shape { view.shape }

  /// The number of axes.
  public var rank: Int { view.shape.count }

  /// The number of elements.
  public var count: Int { view.shape.elementCount }

  /// All values in row-major order.
  public var values: [Bool] {
    let source = view.contiguous(1)
    return source.read(1) { address in (0..<count).map { address.load(fromByteOffset: $0, as: UInt8.self) != 0 } }
  }

  /// How many values are true.
  public var trueCount: Int { values.reduce(0) { $0 + ($1 ? 1 : 0) } }

  /// Whether every value is true.
  public var allTrue: Bool { values.allSatisfy { $0 } }

  /// Whether any value is true.
  public var anyTrue: Bool { values.contains(true) }

  /// What the selections take of this mask, as for `NDArray`.
  public subscript(_ selectors: any AxisSelector...) -> Mask { Mask(view: view.selecting(selectors.map(\.selection))) }

  /// The same values under another shape; one extent may be -1.
  public func reshaped(_ shape: Shape) -> Mask { Mask(view: view.reshapedOrCopied(shape, 1)) }

  /// The axes in another order.
  public func permuted(_ order: [Int]) -> Mask { Mask(view: view.permuted(order)) }

  /// Repeats extents of one, and adds axes in front, until the shape is the given one.
  public func broadcast(to shape: Shape) -> Mask {
    guard let result = view.broadcast(to: shape) else { stop("broadcast: shape \(self.shape) does not broadcast to \(shape)") }
    return Mask(view: result)
  }

  /// 1 where true, 0 where false.
  public func cast(to type: ElementType) -> NDArray { NDArray(values.map { $0 ? Float(1) : 0 }, shape: shape).cast(to: type) }

  /// Where either is true.
  public static func | (a: Mask, b: Mask) -> Mask { combined("|", a, b) { $0 | $1 } }

  /// Where both are true.
  public static func & (a: Mask, b: Mask) -> Mask { combined("&", a, b) { $0 & $1 } }

  /// Where it is false.
  public static prefix func ! (a: Mask) -> Mask { combined("!", a, Mask([true])) { $0 ^ $1 } }

  private static func combined(_ name: String, _ a: Mask, _ b: Mask, _ operation: (UInt8, UInt8) -> UInt8) -> Mask {
    guard let shape = a.shape.broadcast(with: b.shape) else {
      stop("\(name): shapes \(a.shape) and \(b.shape) do not broadcast")
    }
    let (x, y) = (a.broadcast(to: shape).view.contiguous(1), b.broadcast(to: shape).view.contiguous(1))
    let result = Mask(uninitialized: shape)
    x.read(1) { x in
      y.read(1) { y in
        result.view.fill(1) { out in
          for i in 0..<shape.elementCount {
            let value = operation(x.load(fromByteOffset: i, as: UInt8.self), y.load(fromByteOffset: i, as: UInt8.self))
            out.storeBytes(of: value, toByteOffset: i, as: UInt8.self)
          }
        }
      }
    }
    return result
  }
}

extension Mask: Equatable {
  public static func == (a: Mask, b: Mask) -> Bool { a.shape == b.shape && a.values == b.values }
}

extension Mask: ExpressibleByArrayLiteral {
  public init(arrayLiteral values: Bool...) { self.init(values) }
}
