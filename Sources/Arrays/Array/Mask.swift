internal import UnrollKernelTemplates

/// Truth values in a rectangular arrangement: the results of comparisons and the conditions of selections. A value, never
/// differentiable.
///
///     let valid: Mask = [true, true, false]
///     valid.values  // [true, true, false]
public struct Mask: Sendable {
  /// One byte an element, 0 or 1.
  package var view: View

  package init(view: View) { self.view = view }

  /// A mask whose elements the caller must all write, as bytes 0 or 1.
  init(uninitialized shape: Shape) { view = View(uninitialized: shape, elementSize: 1) }

  /// A mask of the given values, in row-major order.
  public init(_ values: [Bool], shape: Shape) {
    require(
      shape.allSatisfy { $0 >= 0 } && values.count == shape.elementCount,
      "Mask: \(values.count) values do not fill shape \(shape)")
    self.init(uninitialized: shape)
    // Swift stores a Bool as a byte, 0 or 1.
    values.withUnsafeBytes { source in
      guard let address = source.baseAddress else { return }
      view.fill(1) { $0.copyMemory(from: address, byteCount: values.count) }
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
    let count = count
    return withBytes { bytes in
      [Bool](unsafeUninitializedCapacity: count) { target, initialized in
        if let target = target.baseAddress { UnsafeMutableRawPointer(target).copyMemory(from: bytes, byteCount: count) }
        initialized = count
      }
    }
  }

  /// The number of true values.
  public var trueCount: Int { withBytes { Machine.table.masks.count($0, count) } }

  /// Whether every value is true.
  public var allTrue: Bool { trueCount == count }

  /// Whether any value is true.
  public var anyTrue: Bool { trueCount > 0 }

  /// The selected values, as for `NDArray`.
  public subscript(_ selectors: any AxisSelector...) -> Mask { Mask(view: view.selecting(selectors.map(\.selection))) }

  /// The same values in another shape; one extent may be -1.
  public func reshaped(_ shape: Shape) -> Mask { Mask(view: view.reshapedOrCopied(shape, 1)) }

  /// The axes in another order.
  public func permuted(_ order: [Int]) -> Mask { Mask(view: view.permuted(order)) }

  /// Repeats axes of extent one, and adds leading axes, to reach the given shape.
  public func broadcast(to shape: Shape) -> Mask {
    guard let result = view.broadcast(to: shape) else { stop("broadcast: shape \(self.shape) does not broadcast to \(shape)") }
    return Mask(view: result)
  }

  /// The bytes in row-major order.
  private func withBytes<R>(_ body: (UnsafePointer<UInt8>) -> R) -> R {
    view.contiguous(1).read(1) { body($0.assumingMemoryBound(to: UInt8.self)) }
  }

  /// 1 where true, 0 where false.
  package func array(_ type: ElementType) -> NDArray {
    let (result, count) = (NDArray(uninitialized: shape, type), count)
    withBytes { bytes in
      result.fill { target in
        parallel(count, grain: elementGrain) { run in
          let place = target + run.lowerBound * type.size
          result.kernels.movement.expand(bytes + run.lowerBound, 1, place, run.count)
        }
      }
    }
    return result
  }
}

extension Mask {
  /// True where either is true.
  public static func | (a: Mask, b: Mask) -> Mask { combined("|", .or, a, b) }

  /// True where both are true.
  public static func & (a: Mask, b: Mask) -> Mask { combined("&", .and, a, b) }

  /// True where it is false.
  public static prefix func ! (a: Mask) -> Mask { combined("!", .exclusiveOr, a, Mask([true])) }

  private static func combined(_ name: String, _ operation: MaskOperation, _ a: Mask, _ b: Mask) -> Mask {
    guard let shape = a.shape.broadcast(with: b.shape) else {
      stop("\(name): shapes \(a.shape) and \(b.shape) do not broadcast")
    }
    let result = Mask(uninitialized: shape)
    let walk = ElementWalk(
      shape, [a.view.strides(in: shape), b.view.strides(in: shape), Shape(repeating: 0, count: shape.count)])
    a.view.read(1) { x in
      b.view.read(1) { y in
        result.view.fill(1) { out in
          let (x, y) = (x.assumingMemoryBound(to: UInt8.self), y.assumingMemoryBound(to: UInt8.self))
          let out = out.assumingMemoryBound(to: UInt8.self)
          parallel(walk.count, grain: 1 << 18) { range in
            walk.rows(range) { start, offsets, n in
              Machine.table.masks.combine(
                operation, x + offsets[0], walk.step(0), y + offsets[1], walk.step(1), out + start, n)
            }
          }
        }
      }
    }
    return result
  }
}

extension Mask: Equatable {
  public static func == (a: Mask, b: Mask) -> Bool {
    a.shape == b.shape && a.withBytes { x in b.withBytes { y in Machine.table.masks.areEqual(x, y, a.count) } }
  }
}

extension Mask: ExpressibleByArrayLiteral {
  public init(arrayLiteral values: Bool...) { self.init(values) }
}
