internal import UnrollArrays
internal import UnrollAutograd

extension Emission {
  /// A constant whose shape depends on the sizes: equal numbers along the axes that do, or equally spaced ones along one.
  func sizedConstant(_ arrays: [NDArray]) throws -> String {
    let sizes = try extents(arrays)
    let type = arrays[0].type
    if let name = sizedNumbers(arrays, sizes, GraphType(type), { self.writer.constant($0) }) { return name }
    if let name = try lengthConstant(arrays, sizes) { return name }
    throw ONNXExportError(
      .sizes,
      "a constant of shape \(arrays[0].shape) has other numbers at other sizes (\(shared.solver.name(ofRecording: 0)), and others), and "
        + "they are neither equal nor equally spaced along an axis; keep a table as a parameter of the model and take its first rows"
    )
  }

  /// The same for numbers of any type, of which `known` makes a constant; nil if they are others.
  private func sizedNumbers(
    _ arrays: [NDArray], _ sizes: [Size], _ type: GraphType, _ known: (NDArray) -> String
  ) -> String? {
    func cast(_ name: String) -> String { type == .int64 ? name : writer.node("Cast", [name], [("to", .int(type.rawValue))]) }
    if sizes.allSatisfy({ $0.constant != nil }) {
      // One number that is a size.
      let whole = arrays.compactMap { $0.count == 1 ? Int(exactly: $0.reshaped([]).item) : nil }
      guard whole.count == arrays.count, let size = shared.solver.size(whole) else { return nil }
      return writer.node("Reshape", [cast(extent(size)), writer.integers(sizes.compactMap(\.constant))])
    }
    let axes = sizes.indices.filter { sizes[$0].constant == nil }
    func repeats(_ axes: [Int]) -> [NDArray]? {
      let cores = arrays.map { array in
        array.selecting(sizes.indices.map { .range(start: 0, end: axes.contains($0) ? 1 : nil, step: 1) })
      }
      return zip(arrays, cores).allSatisfy({ $0.hasNumbers(of: $1.broadcast(to: $0.shape)) }) ? cores : nil
    }
    if let cores = repeats(axes), cores.dropFirst().allSatisfy({ $0.hasNumbers(of: cores[0]) }) {
      // Elementwise operators repeat it by themselves, but not all operators do.
      return writer.node("Expand", [known(cores[0]), shape(sizes)])
    }
    for axis in axes {
      guard let cores = repeats(sizes.indices.filter { $0 != axis }), let line = Line(cores) else { continue }
      var numbers = cast(range(sizes[axis]))
      if line.step != 1 { numbers = writer.node("Mul", [numbers, known(NDArray(line.step, arrays[0].type))]) }
      if line.start != 0 { numbers = writer.node("Add", [numbers, known(NDArray(line.start, arrays[0].type))]) }
      numbers = placed(numbers, axis: axis, sizes.count)
      return sizes.count == 1 ? numbers : writer.node("Expand", [numbers, shape(sizes)])
    }
    return nil
  }

  /// Equally spaced numbers.
  private struct Line {
    let start: Double
    let step: Double

    /// The line that all arrays lie on, each from its first number on; nil if there is none.
    init?(_ arrays: [NDArray]) {
      let all = arrays.map { $0.scalars(as: Double.self) }
      guard let longest = all.max(by: { $0.count < $1.count }), longest.count > 2 else { return nil }
      (start, step) = (longest[0], longest[1] - longest[0])
      let tolerance = 1e-6 * (longest.map(\.magnitude).max() ?? 0)
      for numbers in all {
        for (i, number) in numbers.enumerated() where !((number - start - step * Double(i)).magnitude <= tolerance) {
          return nil
        }
      }
    }
  }

  /// The lengths as numbers, or one number at the steps below each row's length, and another elsewhere; nil if the constant is another.
  private func lengthConstant(_ arrays: [NDArray], _ sizes: [Size]) throws -> String? {
    let numbers = arrays.map { $0.scalars(as: Double.self) }
    for input in shared.inputs {
      guard case .lengths(let lengths) = input.kind, numbers == lengths.map({ $0.map(Double.init) }) else { continue }
      let cast = writer.node("Cast", [input.name], [("to", .int(GraphType(arrays[0].type).rawValue))])
      return sizes.count == 1 ? cast : writer.node("Reshape", [cast, shape(sizes)])
    }
    guard let inside = numbers[0].first, let outside = numbers.joined().first(where: { $0 != inside }),
      numbers.joined().allSatisfy({ $0 == inside || $0 == outside })
    else { return nil }
    // The first step of every row counts.
    let masks = zip(arrays, numbers).map { array, numbers in Mask(numbers.map { $0 == inside }, shape: array.shape) }
    for input in shared.inputs {
      guard case .lengths(let lengths) = input.kind, let mask = try lengthMask(masks, sizes, input.name, lengths) else {
        continue
      }
      return writer.node("Where", [mask, writer.number(inside, arrays[0].type), writer.number(outside, arrays[0].type)])
    }
    return nil
  }

  /// The numbers 0, 1, 2, … below a size.
  private func range(_ size: Size) -> String {
    let end = writer.node("Squeeze", [extent(size)])
    return writer.node("Range", [writer.integer(0), end, writer.integer(1)])
  }

  // MARK: Masks

  func masks(_ i: Int) -> [Mask] {
    forms(i).compactMap { form in if case .selected(let mask) = form { mask } else { nil } }
  }

  /// The name of a mask: known values, or steps below the lengths that are an input.
  func mask(_ masks: [Mask]) throws -> String {
    if masks.dropFirst().allSatisfy({ $0 == masks[0] }) { return constant(masks[0]) }
    let sizes = try extents(masks.map { $0.array(.float32) })
    for input in shared.inputs {
      guard case .lengths(let lengths) = input.kind else { continue }
      if let name = try lengthMask(masks, sizes, input.name, lengths) { return name }
    }
    let value = masks[0].anyTrue
    if masks.allSatisfy({ value ? $0.allTrue : !$0.anyTrue }) {
      return writer.node(
        "Expand", [constant(Mask(repeating: value, shape: Shape(repeating: 1, count: sizes.count))), shape(sizes)])
    }
    throw ONNXExportError(
      .mask,
      "a mask of shape \(masks[0].shape) is neither the same at all sizes nor made of lengths that are an input; a mask with holes has no "
        + "ONNX operator")
  }

  private func constant(_ mask: Mask) -> String { writer.constant(.bool, Array(mask.shape), mask.values.map { $0 ? 1 : 0 }) }

  /// t < length along one axis of steps and one of rows; nil if the mask is another.
  private func lengthMask(_ masks: [Mask], _ sizes: [Size], _ name: String, _ lengths: [[Int]]) throws -> String? {
    for rows in sizes.indices where masks.indices.allSatisfy({ masks[$0].shape[rows] == lengths[$0].count }) {
      for time in sizes.indices where time != rows {
        let others = sizes.indices.filter { $0 != rows && $0 != time }
        guard others.allSatisfy({ sizes[$0].constant == 1 }),
          zip(masks, lengths).allSatisfy({ $0 == Mask.steps(below: $1, time: time, rows: rows, $0.shape) })
        else { continue }
        let steps = placed(range(sizes[time]), axis: time, sizes.count)
        return writer.node("Less", [steps, placed(name, axis: rows, sizes.count)])
      }
    }
    return nil
  }

  /// A vector along one axis of `rank`.
  private func placed(_ vector: String, axis: Int, _ rank: Int) -> String {
    let axes = (0..<rank).filter { $0 != axis }
    return axes.isEmpty ? vector : writer.node("Unsqueeze", [vector, writer.integers(axes)])
  }

  // MARK: Indices

  /// The name of the indices of a step: an input, a view of one, or known numbers.
  func indices(_ i: Int) throws -> String {
    let all = forms(i).compactMap { form -> Indices? in
      switch form {
      case .gatheredPositions(let indices, axis: _), .gatheredElements(let indices, axis: _): indices
      default: nil
      }
    }
    for input in shared.inputs {
      guard case .indices(let given) = input.kind, zip(given, all).allSatisfy({ $0.view.sharesStorage(with: $1.view) }) else {
        continue
      }
      return try view(all, of: given, input.name)
    }
    if all.dropFirst().allSatisfy({ $0 == all[0] }) {
      return writer.constant(.int64, Array(all[0].shape), GraphWriter.bytes(all[0].values))
    }
    let arrays = all.map { NDArray($0.values.map(Double.init), shape: $0.shape) }
    let integers = { (array: NDArray) -> String in
      self.writer.constant(.int64, Array(array.shape), GraphWriter.bytes(array.scalars(as: Double.self).map { Int($0) }))
    }
    if let name = sizedNumbers(arrays, try extents(arrays), .int64, integers) { return name }
    throw ONNXExportError(
      .sizes,
      "\(steps[i].operation.name) takes indices of shape \(all[0].shape) that are neither an input nor the same at all sizes")
  }

  /// A view of an input: in another shape, with axes in another order, or with one position of an axis.
  private func view(_ views: [Indices], of given: [Indices], _ name: String) throws -> String {
    if zip(views, given).allSatisfy({ $0.view.isSame(as: $1.view) }) { return name }
    if zip(views, given).allSatisfy({ $0.view.isSame(as: $1.transposed(0, $1.rank > 1 ? 1 : 0).view) }) {
      return writer.node("Transpose", [name], [("perm", .ints([1, 0] + (2..<max(2, given[0].rank))))])
    }
    if zip(views, given).allSatisfy({ $0.count == $1.count && $0.view.isSame(as: $1.reshaped($0.shape).view) }) {
      return writer.node(
        "Reshape", [name, shape(try extents(views.map { NDArray.zeros([], .float32).broadcast(to: $0.shape) }))])
    }
    for axis in given[0].shape.indices {
      // One position of an axis, counted from its start or its end.
      for position in [0, -1] {
        let selections = [AxisSelection](repeating: .range(start: nil, end: nil, step: 1), count: axis) + [.index(position)]
        if zip(views, given).allSatisfy({ $0.view.isSame(as: $1.view.selecting(selections)) }) {
          return writer.node("Gather", [name, writer.integer(position)], [("axis", .int(axis))])
        }
      }
    }
    throw ONNXExportError(.sizes, "a view of the input \(name) is taken, of shape \(views[0].shape), that was not recognised")
  }
}

extension Mask {
  /// Whether a step is below its row's length.
  fileprivate static func steps(below lengths: [Int], time: Int, rows: Int, _ shape: Shape) -> Mask {
    let (outer, inner) = (min(time, rows), max(time, rows))
    let values = (0..<shape[outer]).flatMap { a in
      (0..<shape[inner]).map { b in outer == time ? a < lengths[b] : b < lengths[a] }
    }
    return Mask(values, shape: shape)
  }
}
