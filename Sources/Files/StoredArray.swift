public import UnrollArrays

/// An array as a file holds it: numbers of any format, with a shape, in memory or still in the file.
///
/// What comes out of a file is one, and `array()`, `integers()` and `truths()` give its numbers; what goes into a file
/// becomes one.
///
///     let ids = StoredArray([3, 1, 2, 0], shape: [2, 2])
///     print(ids.format, ids.shape)      // int64 [2, 2]
///     print(try ids.integers())         // [3, 1, 2, 0]
public struct StoredArray: Sendable {
  /// How each number is stored.
  public let format: ElementFormat
  /// The extents of the axes, outermost first.
  public let shape: Shape
  /// What the array and its file are called in messages, if they have names.
  private let name: String?
  private let file: String?
  private let contents: Contents

  private enum Contents {
    /// Contiguous, row-major, little-endian.
    case loaded(View)
    /// The same, from a position of a file on.
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

  /// Elements that lie in a source, which is known to be long enough.
  init(_ declared: DeclaredShape, _ format: ElementFormat, name: String?, in source: ByteSource, at offset: Int) {
    self.format = format
    shape = declared.shape
    self.name = name
    file = source.path
    contents = .unread(source, offset: offset)
  }

  /// The elements in memory, read now if they have not been.
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

  /// The error of asking for another kind of number.
  func mismatch(_ reason: String) -> ArrayFileError {
    ArrayFileError(.mismatched, reason, array: name, file: file)
  }
}

extension StoredArray {
  /// An array's elements, to be written as float32 or float64. They are shared, not copied, where they are contiguous.
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

/// What can be written to an array file.
///
///     struct Vocabulary: StoredArrayConvertible {
///       var counts: [Int32]
///       var storedArray: StoredArray { StoredArray(counts) }
///     }
///     let arrays: [String: any StoredArrayConvertible] = ["counts": Vocabulary(counts: [4, 2]), "flags": StoredArray([true])]
///     print(try Safetensors.encode(arrays).count)
public protocol StoredArrayConvertible: Sendable {
  /// The array as a file holds it.
  var storedArray: StoredArray { get }
}

extension StoredArray: StoredArrayConvertible {
  /// This array itself.
  public var storedArray: StoredArray { self }
}

extension NDArray: StoredArrayConvertible {
  /// This array as float32 or float64 numbers of a file.
  package var storedArray: StoredArray { StoredArray(self) }
}
