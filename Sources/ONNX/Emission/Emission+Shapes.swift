internal import UnrollArrays
internal import UnrollAutograd

extension Emission {
  /// Another shape. ONNX copies an extent where the target says 0, and finds one where it says −1, so that most targets are known
  /// numbers.
  func emitReshape(_ i: Int) throws -> String {
    let (from, to) = (try extents(arrays(i, 0)), try outputExtents(i))
    let targets = to.indices.map { axis -> Int? in
      if let constant = to[axis].constant { return constant }
      return axis < from.count && from[axis] == to[axis] ? 0 : nil
    }
    let unknown = targets.indices.filter { targets[$0] == nil }
    // An extent of 0 would be copied, and an array without elements has no extent to find.
    let isEmpty = to.contains { $0.constant == 0 }
    let x = try input(i, 0)
    if unknown.count <= 1 && !isEmpty {
      return writer.node("Reshape", [x, writer.integers(targets.map { $0 ?? -1 })])
    }
    return writer.node("Reshape", [x, shape(to)], isEmpty ? [("allowzero", .int(1))] : [])
  }

  func emitPadding(_ i: Int, _ number: Double, _ type: ElementType) throws -> String {
    let margins = forms(i).compactMap { form -> [(before: Int, after: Int)]? in
      if case .padded(let margins, _) = form { margins } else { nil }
    }
    func sizes(_ side: ((before: Int, after: Int)) -> Int) throws -> [Size] {
      try margins[0].indices.map { axis in try size(margins.map { side($0[axis]) }, "a margin") }
    }
    let pads = shape(try sizes { $0.before } + sizes { $0.after })
    return writer.node("Pad", [try input(i, 0), pads, writer.number(number, type)])
  }

  /// A part: ranges first, then axes that disappear, then new ones.
  func emitSlice(_ i: Int) throws -> String {
    let parts = zip(forms(i), arrays(i, 0)).compactMap { form, array -> [AxisPart]? in
      if case .sliced(let selections) = form { AxisPart.parts(selections, array.shape) } else { nil }
    }
    let from = try extents(arrays(i, 0))
    var (starts, ends, axes, strides): ([String], [String], [Int], [Int]) = ([], [], [], [])
    var (removed, added): ([Int], [Int]) = ([], [])
    var (axis, place) = (0, 0)
    for position in parts[0].indices {
      switch parts[0][position] {
      case .new:
        added.append(place)
        place += 1
        continue
      case .position:
        removed.append(axis)
        place -= 1
      case .range: break
      }
      let ranges = parts.map { $0[position].range }
      let extents = arrays(i, 0).map { $0.shape[axis] }
      if !zip(ranges, extents).allSatisfy({ $0.start == 0 && $0.count == $1 && $0.step == 1 }) {
        let step = ranges[0].step
        axes.append(axis)
        strides.append(step)
        starts.append(try bound(ranges.map(\.start), extents, isStart: true, step))
        ends.append(try bound(ranges.map { $0.start + $0.count * step }, extents, isStart: false, step))
      }
      axis += 1
      place += 1
    }
    _ = from
    var x = try input(i, 0)
    if !axes.isEmpty {
      x = writer.node(
        "Slice", [x, joined(starts), joined(ends), writer.integers(axes), writer.integers(strides)])
    }
    if !removed.isEmpty { x = writer.node("Squeeze", [x, writer.integers(removed)]) }
    if !added.isEmpty { x = writer.node("Unsqueeze", [x, writer.integers(added)]) }
    return x
  }

  private func joined(_ numbers: [String]) -> String {
    numbers.count == 1 ? numbers[0] : writer.node("Concat", numbers, [("axis", .int(0))])
  }

  /// A bound of a slice: a number, where it has the same distance from the start or the end of the axis at all sizes.
  private func bound(_ values: [Int], _ extents: [Int], isStart: Bool, _ step: Int) throws -> String {
    if !isStart && step < 0 && values.allSatisfy({ $0 < 0 }) { return writer.integers([.min]) }
    if !isStart && step > 0 && zip(values, extents).allSatisfy({ $0 >= $1 }) { return writer.integers([.max]) }
    if values.allSatisfy({ $0 == values[0] }) { return writer.integers([values[0]]) }
    let fromEnd = zip(values, extents).map { $0 - $1 }
    if fromEnd.allSatisfy({ $0 == fromEnd[0] && $0 < 0 }) { return writer.integers([fromEnd[0]]) }
    return extent(try size(values, "a bound of a slice"))
  }
}

/// What a subscript takes of one axis, with the positions of an axis of known extent.
private enum AxisPart {
  case position(Int)
  case range(start: Int, count: Int, step: Int)
  case new

  var range: (start: Int, count: Int, step: Int) {
    switch self {
    case .position(let start): (start, 1, 1)
    case .range(let start, let count, let step): (start, count, step)
    case .new: (0, 1, 1)
    }
  }

  /// The parts of all axes, and new axes between them.
  static func parts(_ selections: [AxisSelection], _ shape: Shape) -> [AxisPart] {
    let taking = selections.count { $0 != .newAxis && $0 != .others }
    var (parts, axis): ([AxisPart], Int) = ([], 0)
    func whole() {
      parts.append(.range(start: 0, count: shape[axis], step: 1))
      axis += 1
    }
    for selection in selections {
      switch selection {
      case .newAxis: parts.append(.new)
      case .others: for _ in 0..<(shape.count - taking) { whole() }
      case .index(let index):
        parts.append(.position(index < 0 ? index + shape[axis] : index))
        axis += 1
      case .range(let start, let end, let step):
        let found = shape.positions(ofAxis: axis, from: start, to: end, step: step)
        parts.append(.range(start: found.start, count: found.count, step: step))
        axis += 1
      }
    }
    while axis < shape.count { whole() }
    return parts
  }
}
