public import UnrollArrays
public import UnrollAutograd

/// An array in the form of a file: numbers of any format, with a shape, in memory or still in the file.
///
/// Readers return stored arrays, whose numbers `array()`, `integers()` and `truths()` give; writers take them.
///
///     let ids = StoredArray([3, 1, 2, 0], shape: [2, 2])
///     print(ids.format, ids.shape)      // int64 [2, 2]
///     print(try ids.integers())         // [3, 1, 2, 0]
public struct StoredArray: Sendable {
  /// How each number is stored.
  public let format: ElementFormat
  /// The extents of the axes, outermost first.
  public let shape: Shape
  /// The names of the array and of its file in messages, if they have any.
  private let name: String?
  private let file: String?
  private let contents: Contents

  private enum Contents {
    /// Contiguous, row-major, little-endian.
    case loaded(View)
    /// The same, at an offset of a file.
    case unread(ByteSource, offset: Int)
  }

  /// Contiguous elements in memory.
  init(_ view: View, _ format: ElementFormat, name: String? = nil, file: String? = nil) {
    self.format = format
    shape = view.shape
    self.name = name
    self.file = file
    contents = .loaded(view)
  }

  /// Elements in a source, which is known to be long enough.
  init(_ declared: DeclaredShape, _ format: ElementFormat, name: String?, in source: ByteSource, at offset: Int) {
    self.format = format
    shape = declared.shape
    self.name = name
    file = source.path
    contents = .unread(source, offset: offset)
  }

  /// The elements in memory, read now if they are still in the file.
  func elements() throws(ArrayFileError) -> View {
    switch contents {
    case .loaded(let view): return view
    case .unread(let source, let offset):
      do throws(ArrayFileError) {
        try source.checkRoom("the data", at: offset, count: byteCount)
        let view = View(uninitialized: shape, elementSize: format.size)
        try source.read(
          "the data", at: offset, into: UnsafeMutableRawBufferPointer(start: view.storage.pointer, count: byteCount))
        return view
      } catch {
        throw error.located(array: name)
      }
    }
  }

  var byteCount: Int { shape.elementCount * format.size }

  /// The same array with its elements in memory.
  func loaded() throws(ArrayFileError) -> StoredArray { StoredArray(try elements(), format, name: name, file: file) }

  /// The error of requesting another kind of number.
  func mismatch(_ reason: String) -> ArrayFileError {
    ArrayFileError(.mismatched, reason, array: name, file: file)
  }
}

extension StoredArray {
  /// An array's elements, stored as float32 or float64. Contiguous ones are shared, not copied.
  package init(_ array: NDArray) {
    self.init(array.contiguous().view, ElementFormat(array.type))
  }

  /// Integers in row-major order, stored in the format of their Swift type. Without a shape they are a vector.
  ///
  ///     let labels = StoredArray([7, 2, 9] as [UInt8])
  ///     print(labels.format)  // uint8
  public init<Integer: FixedWidthInteger>(_ integers: [Integer], shape: Shape? = nil) {
    self.init(copying: integers, shape, ElementFormat(Integer.self))
  }

  /// Truth values in row-major order. Without a shape they are a vector.
  ///
  ///     let mask = StoredArray([true, false, true, true], shape: [2, 2])
  ///     print(try mask.truths())  // [true, false, true, true]
  public init(_ truths: [Bool], shape: Shape? = nil) {
    self.init(copying: truths.map { $0 ? 1 : 0 } as [UInt8], shape, .bool)
  }

  private init<Value>(copying values: [Value], _ shape: Shape?, _ format: ElementFormat) {
    let shape = shape ?? [values.count]
    let agrees = shape.allSatisfy { $0 >= 0 } && shape.elementCount == values.count
    require(agrees, "StoredArray: shape \(shape) does not hold \(values.count) values")
    let view = View(uninitialized: shape, elementSize: format.size)
    values.withUnsafeBytes {
      view.storage.pointer.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(view.storage.pointer), byteCount: $0.count)
    }
    self.init(view, format)
  }
}

/// A value that can be written to an array file.
///
///     struct Vocabulary: StoredArrayConvertible {
///       var counts: [Int32]
///       var storedArray: StoredArray { StoredArray(counts) }
///     }
///     let arrays: [String: any StoredArrayConvertible] = ["counts": Vocabulary(counts: [4, 2]), "flags": StoredArray([true])]
///     print(try Safetensors.encode(arrays).count)
public protocol StoredArrayConvertible: Sendable {
  /// The array in the form of a file.
  var storedArray: StoredArray { get }
}

extension StoredArray: StoredArrayConvertible {
  /// This array itself.
  public var storedArray: StoredArray { self }
}

extension NDArray: StoredArrayConvertible {
  /// This array, stored as float32 or float64.
  package var storedArray: StoredArray { StoredArray(self) }
}

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

extension StoredArray {
  /// A tensor's numbers, stored as float32 or float64. Contiguous ones are shared, not copied.
  public init(_ tensor: Tensor) { self.init(tensor.array) }

  /// The numbers of a floating-point format: float64 as float64, all others as float32, to which float16 and bfloat16 widen exactly.
  /// Integers and truth values throw; see `integers()` and `truths()`.
  ///
  ///     let stored = try Safetensors.read("model.safetensors")
  ///     if let weight = try stored["head.weight"]?.tensor() { print(weight.shape) }
  public func tensor() throws(ArrayFileError) -> Tensor { Tensor(try array()) }
}

extension Tensor: StoredArrayConvertible {
  /// This tensor, stored as float32 or float64.
  public var storedArray: StoredArray { StoredArray(self) }
}

extension StoredArray {
  /// The CRC-32 of the array's name, format, shape and bytes, continuing an earlier checksum.
  package func checksum(named name: String, after checksum: UInt32) throws(ArrayFileError) -> UInt32 {
    let head = UnrollFiles.checksum(of: "\(name)\0\(format)\(shape.map { $0 })\0", after: checksum)
    let view = try elements()
    defer { withExtendedLifetime(view.storage) {} }
    let start = view.storage.pointer + view.offset * format.size
    return CRC32.checksum(UnsafeRawBufferPointer(start: start, count: byteCount), after: head)
  }
}

/// The CRC-32 of a text, continuing an earlier checksum.
package func checksum(of text: String, after checksum: UInt32 = 0) -> UInt32 {
  Array(text.utf8).withUnsafeBytes { CRC32.checksum($0, after: checksum) }
}
