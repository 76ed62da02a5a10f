package import UnrollArrays

extension StoredArray {
  /// The numbers of a floating-point format: float64 as float64, all others as float32; float16 and bfloat16 widen exactly.
  /// Integers and truth values throw; see `integers()` and `truths()`.
  package func array() throws(ArrayFileError) -> NDArray {
    switch format {
    case .float32: return NDArray(view: try elements(), type: .float32)
    case .float64: return NDArray(view: try elements(), type: .float64)
    case .float16: return widened(try elements(), float32FromFloat16)
    case .bfloat16: return widened(try elements(), float32FromBFloat16)
    default: throw mismatch("holds \(format), not floating-point numbers")
    }
  }

  /// The numbers of an integer format in row-major order, exactly: an unsigned one above `Int64.max` throws. Other formats
  /// throw.
  ///
  ///     print(try StoredArray([1, 2, 250] as [UInt8]).integers())  // [1, 2, 250]
  public func integers() throws(ArrayFileError) -> [Int64] {
    switch format {
    case .uint8: return try integers(UInt8.self)
    case .uint16: return try integers(UInt16.self)
    case .uint32: return try integers(UInt32.self)
    case .uint64: return try integers(UInt64.self)
    case .int8: return try integers(Int8.self)
    case .int16: return try integers(Int16.self)
    case .int32: return try integers(Int32.self)
    case .int64: return try integers(Int64.self)
    default: throw mismatch("holds \(format), not integers")
    }
  }

  /// The values of the truth format in row-major order. Other formats throw, and so does a byte that is neither 0 nor 1.
  ///
  ///     print(try StoredArray([true, false]).truths())  // [true, false]
  public func truths() throws(ArrayFileError) -> [Bool] {
    if format != .bool { throw mismatch("holds \(format), not truth values") }
    let bytes = copy(of: UInt8.self, try elements())
    if let index = bytes.firstIndex(where: { $0 > 1 }) {
      throw mismatch("element \(index) is \(bytes[index]), neither 0 nor 1")
    }
    return bytes.map { $0 == 1 }
  }

  private func integers<Integer: FixedWidthInteger>(_ type: Integer.Type) throws(ArrayFileError) -> [Int64] {
    let values = copy(of: type, try elements())
    if type == UInt64.self, let index = values.firstIndex(where: { $0 > Int64.max }) {
      throw mismatch("element \(index) is \(values[index]), which does not fit Int64")
    }
    return values.map { Int64(truncatingIfNeeded: $0) }
  }

  private func copy<Value>(of type: Value.Type, _ view: View) -> [Value] {
    withExtendedLifetime(view.storage) {
      let start = (view.storage.pointer + view.offset * format.size).assumingMemoryBound(to: type)
      return [Value](UnsafeBufferPointer(start: start, count: shape.elementCount))
    }
  }

  private func widened(_ view: View, _ widen: (UInt16) -> Float) -> NDArray {
    let wide = NDArray(uninitialized: shape, .float32)
    withExtendedLifetime((view.storage, wide)) {
      let source = (view.storage.pointer + view.offset * 2).assumingMemoryBound(to: UInt16.self)
      let target = wide.view.storage.pointer.assumingMemoryBound(to: Float.self)
      for index in 0..<shape.elementCount { target[index] = widen(source[index]) }
    }
    return wide
  }
}

/// Widens a float16: exponent and fraction are shifted to their places in a float32, and an exact multiplication corrects the
/// exponent bias, for subnormals too. (`Float16` does not exist on every platform.)
func float32FromFloat16(_ bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let magnitude = UInt32(bits & 0x7FFF) << 13
  if magnitude >= 0x0F80_0000 { return Float(bitPattern: sign | 0x7F80_0000 | magnitude) }
  return Float(bitPattern: sign | (Float(bitPattern: magnitude) * 0x1p112).bitPattern)
}

/// A bfloat16 is the upper half of a float32.
func float32FromBFloat16(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
