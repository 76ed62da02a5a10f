/// The extents of an array's axes, outermost first: at most eight, stored inline.
///
///     let shape: Shape = [2, 3, 4]
///     shape.elementCount  // 24
public struct Shape: Sendable {
  /// The largest number of axes.
  public static let maximumRank = 8

  var axes: InlineArray<8, Int>
  public private(set) var count: Int

  /// The same extent for every axis.
  public init(repeating value: Int, count: Int) {
    require(count <= Shape.maximumRank, "an array has at most \(Shape.maximumRank) axes, not \(count)")
    axes = InlineArray(repeating: 0)
    self.count = count
    for axis in 0..<count { axes[axis] = value }
  }

  /// The extents of a list, outermost first.
  public init(_ extents: some Collection<Int>) {
    self.init(repeating: 0, count: extents.count)
    for (axis, extent) in extents.enumerated() { axes[axis] = extent }
  }

  /// The product of the extents; 1 for a scalar. Stops where it exceeds `Int`.
  public var elementCount: Int {
    var product = 1
    var overflows = false
    for axis in 0..<count {
      if axes[axis] == 0 { return 0 }
      let (partial, overflow) = product.multipliedReportingOverflow(by: axes[axis])
      product = partial
      overflows = overflows || overflow
    }
    require(!overflows, "an array of shape \(self) has more elements than Int can count")
    return product
  }

  /// The inline storage after the last axis is meaningless.
  @inline(__always)
  private func requireAxis(_ axis: Int) {
    require(UInt(bitPattern: axis) < UInt(bitPattern: count), "Shape: there is no axis \(axis) in shape \(self)")
  }

  /// The shape repeated along every axis. Stops where an array of the result would have more bytes than an `Int` can count.
  package func multiplied(by counts: [Int], _ operation: String) -> Shape {
    var (result, total, overflows) = (self, 8, false)
    for (axis, count) in counts.enumerated() {
      let (extent, many) = self[axis].multipliedReportingOverflow(by: count)
      result[axis] = extent
      overflows = overflows || many
    }
    for extent in result where !result.contains(0) {
      let (product, many) = total.multipliedReportingOverflow(by: extent)
      total = product
      overflows = overflows || many
    }
    require(!overflows, "\(operation): shape \(self) repeated \(counts) times has more bytes than Int can count")
    return result
  }

  mutating func append(_ extent: Int) {
    require(count < Shape.maximumRank, "an array has at most \(Shape.maximumRank) axes, not \(count + 1)")
    axes[count] = extent
    count += 1
  }
}

extension Shape: RandomAccessCollection, MutableCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { count }
  public subscript(axis: Int) -> Int {
    get {
      requireAxis(axis)
      return axes[unchecked: axis]
    }
    set {
      requireAxis(axis)
      axes[unchecked: axis] = newValue
    }
  }
}

extension Shape: Equatable {
  public static func == (a: Shape, b: Shape) -> Bool {
    if a.count != b.count { return false }
    for axis in 0..<a.count where a.axes[axis] != b.axes[axis] { return false }
    return true
  }
}

extension Shape: Hashable {
  public func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    for axis in 0..<count { hasher.combine(axes[axis]) }
  }
}

extension Shape: ExpressibleByArrayLiteral {
  public init(arrayLiteral extents: Int...) { self.init(extents) }
}

extension Shape: CustomStringConvertible {
  public var description: String { "[" + map(String.init).joined(separator: ", ") + "]" }
}
