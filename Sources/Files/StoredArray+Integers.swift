public import UnrollArrays

/// Indices and masks in files.
extension StoredArray {
  /// Indices, stored as int32. Contiguous ones are shared, not copied.
  public init(_ indices: Indices) { self.init(indices.contiguous().view, .int32) }

  /// Truth values, stored as bool.
  public init(_ mask: Mask) { self.init(mask.view.contiguous(1), .bool) }

  /// The numbers of an integer format as indices; one that does not fit 32 bits throws, and so do other formats.
  ///
  ///     print(try StoredArray([3, 1, 4] as [Int64]).indices().values)  // [3, 1, 4]
  public func indices() throws(ArrayFileError) -> Indices {
    if format == .int32 { return Indices(view: try elements()) }
    let numbers = try integers()
    if let position = numbers.firstIndex(where: { Int32(exactly: $0) == nil }) {
      throw mismatch("element \(position) is \(numbers[position]), which does not fit a 32-bit index")
    }
    return Indices(numbers.map { Int32(truncatingIfNeeded: $0) }, shape: shape)
  }

  /// The values of the truth format as a mask. Other formats throw, and so does a byte that is neither 0 nor 1.
  public func mask() throws(ArrayFileError) -> Mask { Mask(try truths(), shape: shape) }
}

extension Indices: StoredArrayConvertible {
  public var storedArray: StoredArray { StoredArray(self) }
}

extension Mask: StoredArrayConvertible {
  public var storedArray: StoredArray { StoredArray(self) }
}
