public import UnrollArrays

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
