/// Integers in a rectangular arrangement: ids, labels, positions. A value, never differentiable.
///
///     let ids: Indices = [3, 1, 4, 1]
///     ids.reshaped([2, 2]).values  // [3, 1, 4, 1]
public struct Indices: Sendable {
  /// Four bytes an element.
  package var view: View

  package init(view: View) { self.view = view }

  /// Indices whose elements the caller must all write.
  init(uninitialized shape: Shape) { view = View(uninitialized: shape, elementSize: 4) }

  /// The given numbers, in row-major order.
  public init(_ values: [Int32], shape: Shape) {
    require(
      shape.allSatisfy { $0 >= 0 } && values.count == shape.elementCount,
      "Indices: \(values.count) numbers do not fill shape \(shape)")
    self.init(uninitialized: shape)
    view.fill(4) { target in
      values.withUnsafeBytes { source in
        if let address = source.baseAddress { target.copyMemory(from: address, byteCount: source.count) }
      }
    }
  }

  /// The given numbers, in row-major order; each must fit 32 bits.
  public init(_ values: [Int], shape: Shape) {
    if let large = values.first(where: { Int32(exactly: $0) == nil }) { stop("Indices: \(large) does not fit 32 bits") }
    self.init(values.map { Int32(truncatingIfNeeded: $0) }, shape: shape)
  }

  /// A vector of the given numbers.
  public init(_ values: [Int]) { self.init(values, shape: [values.count]) }
}

extension Indices {
  /// The extents, outermost first.
  public var shape: Shape { view.shape }

  /// The number of axes.
  public var rank: Int { view.shape.count }

  /// The number of elements.
  public var count: Int { view.shape.elementCount }

  /// All numbers in row-major order.
  public var values: [Int] {
    let source = view.contiguous(4)
    return source.read(4) { UnsafeBufferPointer(start: $0.assumingMemoryBound(to: Int32.self), count: count).map(Int.init) }
  }

  /// The selected indices, as for `NDArray`.
  public subscript(_ selectors: any AxisSelector...) -> Indices {
    Indices(view: view.selecting(selectors.map(\.selection)))
  }

  /// The same numbers in another shape; one extent may be -1.
  public func reshaped(_ shape: Shape) -> Indices { Indices(view: view.reshapedOrCopied(shape, 4)) }

  /// The axes in another order.
  public func permuted(_ order: [Int]) -> Indices { Indices(view: view.permuted(order)) }

  /// Two axes exchanged: `[batch, time]` gives `[time, batch]`.
  public func transposed(_ first: Int = 0, _ second: Int = 1) -> Indices {
    var order = Array(shape.indices)
    order.swapAt(View.axis(first, rank, "transposed"), View.axis(second, rank, "transposed"))
    return permuted(order)
  }

  /// Repeats axes of extent one, and adds leading axes, to reach the given shape.
  public func broadcast(to shape: Shape) -> Indices {
    guard let result = view.broadcast(to: shape) else { stop("broadcast: shape \(self.shape) does not broadcast to \(shape)") }
    return Indices(view: result)
  }

  /// The numbers in row-major order without gaps.
  package func contiguous() -> Indices { Indices(view: view.contiguous(4)) }
}

extension Indices: Equatable {
  public static func == (a: Indices, b: Indices) -> Bool { a.shape == b.shape && a.values == b.values }
}

extension Indices: ExpressibleByArrayLiteral {
  public init(arrayLiteral values: Int...) { self.init(values) }
}
