public import UnrollArrays
public import UnrollAutograd

/// Some cases of a set of time series side by side, padded to the longest.
///
///     let set = try SeriesFile(text: "@classLabel true calm wild\n@data\n1,2,3:4,5,?:wild\n1,2:3,4:calm")
///     let batch = set.batch([0, 1])
///     print(batch.inputs.shape, batch.lengths)  // [2, 3, 2] and [3, 2]
///     let (outputs, _) = LSTM(2, 4, using: &generator)(batch.inputs, mask: batch.mask)
public struct SeriesBatch: Sendable {
  /// `[cases, longest, dimensions]`: zeros where a step does not count.
  public let inputs: Tensor
  /// How many steps each case has.
  public let lengths: [Int]
  /// Which steps count, `[cases, longest]`: those before a case's end at which no number is missing.
  public let mask: Mask
  /// The class of each case, `[cases]`; of no elements where cases have none.
  public let labels: Indices
}

extension SeriesFile {
  /// How many steps each case has.
  ///
  ///     let set = try SeriesFile(text: "@data\n1,2,3\n4,5")
  ///     let batches = Batches(lengths: set.lengths, size: 2, using: &generator)  // of lengths 3 and 2
  public var lengths: [Int] { cases.map { $0.shape[0] } }

  /// The cases at some positions, in this order.
  ///
  ///     let set = try SeriesFile(text: "@data\n1,2,3\n4,5")
  ///     let batch = set.batch([1])
  public func batch(_ positions: [Int]) -> SeriesBatch {
    require(!positions.isEmpty, "SeriesFile: a batch of no cases cannot be had")
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
