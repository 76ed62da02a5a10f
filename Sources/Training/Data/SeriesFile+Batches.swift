public import UnrollArrays
public import UnrollAutograd

/// A batch of time series, padded to the longest.
///
///     let set = try SeriesFile(text: "@classLabel true calm wild\n@data\n1,2,3:4,5,?:wild\n1,2:3,4:calm")
///     let batch = set.batch([0, 1])
///     print(batch.inputs.shape, batch.lengths)  // [2, 3, 2] and [3, 2]
///     let (outputs, _) = LSTM(2, 4, using: &generator)(batch.inputs, mask: batch.mask)
public struct SeriesBatch: Sendable {
  /// The series, `[cases, longest, dimensions]`; zeros where the mask is false.
  public let inputs: Tensor
  /// The number of steps of each case.
  public let lengths: [Int]
  /// The steps that count, `[cases, longest]`: before the end of the case, and with no number missing.
  public let mask: Mask
  /// The class of each case, `[cases]`; empty if the cases have no classes.
  public let labels: Indices
}

extension SeriesFile {
  /// The number of steps of each case.
  ///
  ///     let set = try SeriesFile(text: "@data\n1,2,3\n4,5")
  ///     let batches = Batches(lengths: set.lengths, size: 2, using: &generator)  // of lengths 3 and 2
  public var lengths: [Int] { cases.map { $0.shape[0] } }

  /// A batch of the cases at the given positions, in that order.
  ///
  ///     let set = try SeriesFile(text: "@data\n1,2,3\n4,5")
  ///     let batch = set.batch([1])
  public func batch(_ positions: [Int]) -> SeriesBatch {
    require(!positions.isEmpty, "SeriesFile: the batch has no cases")
    for position in positions {
      require(cases.indices.contains(position), "SeriesFile: there is no case \(position) of \(cases.count)")
    }
    let (inputs, lengths) = Tensor.stackPadded(positions.map { cases[$0] })
    let numbers = inputs.array.scalars(as: Double.self)
    let steps = inputs.shape[1]
    let counts = (0..<positions.count * steps).map { place in
      place % steps < lengths[place / steps]
        && !numbers[place * dimensions..<(place + 1) * dimensions].contains(where: \.isNaN)
    }
    let mask = Mask(counts, shape: [positions.count, steps])
    return SeriesBatch(
      inputs: Tensor.select(mask.reshaped([positions.count, steps, 1]), inputs, Tensor(0, inputs.type)), lengths: lengths,
      mask: mask,
      labels: Indices(labels.isEmpty ? [] : positions.map { labels[$0] }))
  }
}
