extension NDArray: CustomStringConvertible, CustomDebugStringConvertible {
  /// The numbers in nested brackets, aligned, with equally many decimals, at most four. Of more than a thousand elements, only
  /// the first and last three along every axis are shown. A scalar is its number alone.
  package var description: String {
    let layout = PrintedLayout(shape)
    let numbers: [DecimalNumber] =
      switch type {
      case .float32: layout.elements(of: view, as: Float.self).map { DecimalNumber($0) }
      case .float64: layout.elements(of: view, as: Double.self).map { DecimalNumber($0) }
      }
    if rank == 0 { return numbers[0].shortest }
    let format = NumberFormat(numbers)
    return layout.text(numbers.map(format.text))
  }

  /// Shape and type, and below them the numbers.
  package var debugDescription: String { "NDArray(\(shape), \(type))\n\(description)" }
}

extension Indices: CustomStringConvertible, CustomDebugStringConvertible {
  /// The numbers in nested brackets, aligned. Of more than a thousand, only the first and last three along every axis are
  /// shown.
  ///
  ///     let ids: Indices = [3, 10]
  ///     print(ids)  // [ 3, 10]
  public var description: String {
    let layout = PrintedLayout(shape)
    return layout.text(layout.elements(of: view, as: Int32.self).map(\.description))
  }

  /// The shape, and below it the numbers.
  ///
  ///     debugPrint(Indices([3, 10]))
  ///     // Indices([2])
  ///     // [ 3, 10]
  public var debugDescription: String { "Indices(\(shape))\n\(description)" }
}

extension Mask: CustomStringConvertible, CustomDebugStringConvertible {
  /// The values in nested brackets, aligned. Of more than a thousand, only the first and last three along every axis are shown.
  ///
  ///     let valid: Mask = [true, false]
  ///     print(valid)  // [ true, false]
  public var description: String {
    let layout = PrintedLayout(shape)
    return layout.text(layout.elements(of: view, as: UInt8.self).map { $0 == 0 ? "false" : "true" })
  }

  /// The shape, and below it the values.
  ///
  ///     debugPrint(Mask([true, false]))
  ///     // Mask([2])
  ///     // [ true, false]
  public var debugDescription: String { "Mask(\(shape))\n\(description)" }
}

/// The elements of a shape that are printed, and their layout.
struct PrintedLayout {
  /// Arrays with more elements are elided.
  static let threshold = 1000
  /// The number of elements that an elided axis shows at either end.
  static let edge = 3
  /// The columns of a line.
  static let lineWidth = 80

  let shape: Shape
  /// For each axis the positions that are shown.
  let positions: [[Int]]

  init(_ shape: Shape) {
    self.shape = shape
    let elides = shape.elementCount > PrintedLayout.threshold
    positions = shape.map { extent in
      (elides || extent > PrintedLayout.threshold) && extent > 2 * PrintedLayout.edge
        ? Array(0..<PrintedLayout.edge) + Array(extent - PrintedLayout.edge..<extent) : Array(0..<extent)
    }
  }

  /// The elements that are shown, in row-major order.
  func elements<T: BitwiseCopyable>(of view: View, as: T.Type) -> [T] {
    var offsets = [0]
    for (axis, shown) in positions.enumerated() {
      offsets = offsets.flatMap { offset in shown.map { offset &+ $0 &* view.strides[axis] } }
    }
    let size = MemoryLayout<T>.size
    return view.read(size) { address in offsets.map { address.load(fromByteOffset: $0 * size, as: T.self) } }
  }

  /// The texts of the elements shown, padded to the same width, within brackets.
  func text(_ elements: [String]) -> String {
    let width = elements.map(\.utf8.count).max() ?? 0
    let padded = elements.map { shape.count == 0 ? $0 : String(repeating: " ", count: width - $0.utf8.count) + $0 }
    var rest = padded[...]
    return nested(0, width, &rest)
  }

  private func nested(_ axis: Int, _ width: Int, _ rest: inout ArraySlice<String>) -> String {
    if axis == shape.count { return rest.popFirst() ?? "" }
    let shown = positions[axis]
    if shown.isEmpty { return "[]" }
    var items: [String] = []
    for (i, position) in shown.enumerated() {
      if i > 0 && position != shown[i - 1] + 1 { items.append("...") }
      items.append(nested(axis + 1, width, &rest))
    }
    let indentation = String(repeating: " ", count: axis + 1)
    if axis == shape.count - 1 { return "[" + lines(items, width, indentation) + "]" }
    let separator = "," + String(repeating: "\n", count: shape.count - 1 - axis) + indentation
    return "[" + items.joined(separator: separator) + "]"
  }

  /// The last axis, broken where a line is full.
  private func lines(_ items: [String], _ width: Int, _ indentation: String) -> String {
    let perLine = max(1, (PrintedLayout.lineWidth - 2 * indentation.utf8.count) / (width + 2))
    var text = ""
    for (i, item) in items.enumerated() {
      if i > 0 { text += i % perLine == 0 ? ",\n" + indentation : ", " }
      text += item
    }
    return text
  }
}

/// The common format of an array's numbers, which aligns their decimal points.
struct NumberFormat {
  enum Style: Equatable {
    /// Whole numbers: digits and a point.
    case whole
    /// Digits after the point.
    case decimals(Int)
    /// One digit, so many after the point, and an exponent.
    case scientific(Int)
  }

  var style: Style

  /// The largest number of digits after the point.
  static let precision = 4

  /// The most readable style for these numbers. Scientific where the largest is 10⁸ or more, the smallest below 10⁻⁴, or the
  /// largest more than a thousand times the smallest; whole where all are whole; else with as few decimals, at most four, as
  /// show all of them.
  init(_ numbers: [DecimalNumber]) {
    let finite = numbers.filter { $0.isFinite && !$0.isZero }
    guard let largest = finite.map(\.exponent).max(), let smallest = finite.map(\.exponent).min() else {
      style = .whole
      return
    }
    let isWhole = finite.allSatisfy { $0.digits.count <= $0.exponent + 1 }
    if largest >= 8 || smallest < -4 || (!isWhole && NumberFormat.spans(finite)) {
      style = .scientific(min(NumberFormat.precision, finite.map { $0.digits.count - 1 }.max() ?? 0))
    } else if isWhole {
      style = .whole
    } else {
      style = .decimals(min(NumberFormat.precision, finite.map { $0.digits.count - 1 - $0.exponent }.max() ?? 0))
    }
  }

  /// Whether the largest magnitude is more than a thousand times the smallest.
  private static func spans(_ numbers: [DecimalNumber]) -> Bool {
    guard let largest = numbers.max(by: DecimalNumber.isSmaller), let smallest = numbers.min(by: DecimalNumber.isSmaller) else {
      return false
    }
    var thousandfold = smallest
    thousandfold.exponent += 3
    return DecimalNumber.isSmaller(thousandfold, largest)
  }

  func text(_ number: DecimalNumber) -> String {
    guard number.isFinite else { return number.special }
    let sign = number.isNegative ? "-" : ""
    switch style {
    case .whole: return sign + number.rounded(decimals: 0).fixed(decimals: 0) + "."
    case .decimals(let count): return sign + number.rounded(decimals: count).fixed(decimals: count)
    case .scientific(let count):
      let rounded = number.rounded(decimals: count - number.exponent)
      let exponent = rounded.isZero ? 0 : rounded.exponent
      var mantissa = rounded
      mantissa.exponent = 0
      let magnitude = String(abs(exponent))
      return sign + mantissa.fixed(decimals: count) + (exponent < 0 ? "e-" : "e+")
        + (magnitude.count < 2 ? "0" : "") + magnitude
    }
  }
}
