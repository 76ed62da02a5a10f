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
