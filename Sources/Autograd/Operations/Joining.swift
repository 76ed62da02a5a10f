internal import UnrollArrays

/// Concatenation along an axis.
struct Concatenation: Operation {
  let axis: Int
  var name: String { "concatenate" }
  func forward(_ x: [NDArray]) -> Values { Values([NDArray.concatenate(x, axis: axis)]) }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    var start = 0
    return Few(
      (0..<context.inputCount).map { i -> Tensor? in
        let extent = context.shape(i)[axis]
        defer { start += extent }
        return context.wants(i) ? g[0].map { $0.part(axis, start..<start + extent) } : nil
      })
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [Tensor.concatenate(t.enumerated().map { $1 ?? Tensor.zeros(context.shape($0), context.type) }, axis: axis)]
  }
}

/// A constant margin.
struct Padding: OneInput {
  let margins: [Margin]
  let number: Double
  var name: String { "padded" }

  struct Margin: Sendable {
    let before: Int
    let after: Int
  }

  func value(_ x: NDArray) -> NDArray { x.padded(margins.map { ($0.before, $0.after) }, with: number) }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let shape = context.shape()
    let inside = zip(margins, shape).map { AxisSelection.range(start: $0.before, end: $0.before + $1, step: 1) }
    return [g[0].map { Slicing(selections: inside)($0) }]
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [t[0].map { Padding(margins: margins, number: 0)($0) }]
  }
}

extension Tensor {
  /// Tensors concatenated along an axis; all other extents must agree.
  ///
  ///     let x = Tensor.concatenate([Tensor.zeros([2, 3]), Tensor.ones([4, 3])], axis: 0)  // [6, 3]
  public static func concatenate(_ tensors: [Tensor], axis: Int) -> Tensor {
    guard let first = tensors.first else { stop("concatenate: there are no tensors") }
    require(axis >= -first.rank && axis < first.rank, "concatenate: axis \(axis) is out of range for \(first.rank) axes")
    return Concatenation(axis: axis < 0 ? axis + first.rank : axis).results(tensors)[0]
  }

  /// Tensors of one shape as the positions of a new axis.
  public static func stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    guard let first = tensors.first else { stop("stack: there are no tensors") }
    for tensor in tensors {
      require(tensor.shape == first.shape, "stack: shapes \(first.shape) and \(tensor.shape) differ")
    }
    require(axis >= -first.rank - 1 && axis <= first.rank, "stack: axis \(axis) is out of range for \(first.rank + 1) axes")
    return concatenate(tensors.map { $0.expandingAxis(axis) }, axis: axis)
  }

  /// Parts of the given extents along an axis.
  ///
  ///     Tensor.range(6).split([1, 2, 3], axis: 0)  // three vectors
  public func split(_ extents: [Int], axis: Int) -> [Tensor] {
    let position = position(ofAxis: axis, "split")
    require(
      extents.allSatisfy { $0 >= 0 && $0 <= shape[position] } && extents.reduce(0, &+) == shape[position],
      "split: parts of \(extents) do not make up the extent \(shape[position]) of axis \(axis)")
    var start = 0
    return extents.map { extent in
      defer { start += extent }
      return part(position, start..<start + extent)
    }
  }

  /// `count` equal parts along an axis; the last may be shorter.
  public func chunks(_ count: Int, axis: Int) -> [Tensor] {
    require(count > 0, "chunks: count \(count) is not positive")
    let extent = shape[position(ofAxis: axis, "chunks")]
    let length = Swift.max(1, extent / count + (extent % count > 0 ? 1 : 0))
    return split(stride(from: 0, to: extent, by: length).map { Swift.min(length, extent - $0) }, axis: axis)
  }

  /// The positions of an axis as tensors of their own, without that axis.
  public func unstacked(axis: Int = 0) -> [Tensor] {
    let position = position(ofAxis: axis, "unstacked")
    return (0..<shape[position]).map { i in
      Slicing(selections: [AxisSelection](repeating: .all, count: position) + [.index(i)])(self)
    }
  }

  /// The tensor with a constant margin: `(before, after)` for each axis, the first axis first.
  ///
  ///     Tensor.ones([2, 2]).padded([(1, 1), (0, 0)], with: 0)  // [4, 2]
  public func padded(_ margins: [(before: Int, after: Int)], with number: Double = 0) -> Tensor {
    Padding(margins: margins.map { Padding.Margin(before: $0.before, after: $0.after) }, number: number)(self)
  }

  /// The tensor with the positions of an axis shifted by `shift`, cyclically.
  public func rolled(_ shift: Int, axis: Int) -> Tensor {
    let position = position(ofAxis: axis, "rolled")
    let extent = shape[position]
    if extent == 0 { return self }
    let start = ((extent - shift % extent) % extent)
    return Tensor.concatenate(split([start, extent - start], axis: position).reversed(), axis: position)
  }

  /// The tensor repeated as a whole, `counts[k]` times along axis k; further counts add leading axes.
  ///
  /// `[2, 3]` repeated `[2, 1]` gives `[4, 3]`.
  public func tiled(_ counts: [Int]) -> Tensor {
    require(counts.allSatisfy { $0 >= 0 }, "tiled: \(counts) has negative counts")
    let counts = [Int](repeating: 1, count: Swift.max(0, rank - counts.count)) + counts
    let extents = [Int](repeating: 1, count: counts.count - rank) + Array(shape)
    var result = reshaped(Shape(extents))
    _ = result.shape.multiplied(by: counts, "tiled")
    // Small counts first: a count of 0 then prevents large intermediate results.
    for axis in counts.indices.sorted(by: { counts[$0] < counts[$1] }) where counts[axis] != 1 {
      // The copies are a new axis before the repeated one, which is then merged with it.
      var spread = result.shape.inserting(1, at: axis)
      let single = result.reshaped(spread)
      spread[axis] = counts[axis]
      var merged = result.shape
      merged[axis] = counts[axis] * extents[axis]
      result = single.broadcast(to: spread).reshaped(merged)
    }
    return result
  }

  /// Consecutive positions of an axis.
  func part(_ axis: Int, _ range: Range<Int>) -> Tensor {
    Slicing(
      selections: [AxisSelection](repeating: .all, count: axis) + [
        .range(start: range.lowerBound, end: range.upperBound, step: 1)
      ]
    )(self)
  }

  func position(ofAxis axis: Int, _ operation: String) -> Int {
    require(axis >= -rank && axis < rank, "\(operation): axis \(axis) is out of range for \(rank) axes")
    return axis < 0 ? axis + rank : axis
  }
}
