internal import UnrollArrays
internal import UnrollAutograd

extension Emission {
  /// Another shape. ONNX copies an extent where the target says 0, and finds one where it says −1, so that most targets are known
  /// numbers.
  func emitReshape(_ i: Int) throws -> String {
    let (from, to) = (arrays(i, 0).map(\.shape), try outputExtents(i))
    let output = steps[i].outputs.lowerBound
    let targets = to.indices.map { axis -> Int? in
      if let constant = to[axis].constant { return constant }
      let isKept = from.indices.allSatisfy {
        axis < from[$0].count && from[$0][axis] == recordings[$0].array(output).shape[axis]
      }
      return isKept ? 0 : nil
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
      if case .sliced(let selections) = form { AxisPart.parts(selections, array.rank) } else { nil }
    }
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
      let extents = arrays(i, 0).map { $0.shape[axis] }
      if let step = parts[0][position].step {
        axes.append(axis)
        strides.append(step)
        starts.append(try bound(parts.map { $0[position].start }, extents, ifMissing: step > 0 ? 0 : .max))
        ends.append(try bound(parts.map { $0[position].end }, extents, ifMissing: step > 0 ? .max : .min))
      }
      axis += 1
      place += 1
    }
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

  /// A bound of a slice, as it was written: ONNX clamps bounds and counts from the end like a subscript. One that depends on the sizes
  /// is a number too, where it has the same distance from the end of the axis.
  private func bound(_ values: [Int?], _ extents: [Int], ifMissing missing: Int) throws -> String {
    let values = values.map { $0 ?? missing }
    if values.allSatisfy({ $0 == values[0] }) { return writer.integers([values[0]]) }
    let fromEnd = zip(values, extents).map { $0 - $1 }
    if fromEnd.allSatisfy({ $0 == 0 }) { return writer.integers([.max]) }
    if fromEnd.allSatisfy({ $0 == fromEnd[0] && $0 < 0 }) { return writer.integers([fromEnd[0]]) }
    return extent(try size(values, "a bound of a slice"))
  }
}

/// What a subscript takes of one axis.
private enum AxisPart {
  case position(Int)
  case range(start: Int?, end: Int?, step: Int)
  case new

  /// The step of a slice; nil where the whole axis is taken.
  var step: Int? {
    switch self {
    case .position: 1
    case .range(nil, nil, 1), .new: nil
    case .range(_, _, let step): step
    }
  }

  var start: Int? {
    switch self {
    case .position(let start): start
    case .range(let start, _, _): start
    case .new: nil
    }
  }

  var end: Int? {
    switch self {
    // Behind the last position there is no other to name.
    case .position(let start): start == -1 ? nil : start + 1
    case .range(_, let end, _): end
    case .new: nil
    }
  }

  /// The parts of all axes, and new axes between them.
  static func parts(_ selections: [AxisSelection], _ rank: Int) -> [AxisPart] {
    let taking = selections.count { $0 != .newAxis && $0 != .others }
    var parts: [AxisPart] = []
    func whole(_ count: Int) -> [AxisPart] { Array(repeating: .range(start: nil, end: nil, step: 1), count: count) }
    for selection in selections {
      switch selection {
      case .newAxis: parts.append(.new)
      case .others: parts += whole(rank - taking)
      case .index(let index): parts.append(.position(index))
      case .range(let start, let end, let step): parts.append(.range(start: start, end: end, step: step))
      }
    }
    return parts + (selections.contains(.others) ? [] : whole(rank - taking))
  }
}
