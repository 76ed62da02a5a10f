public import UnrollArrays
public import UnrollAutograd
internal import UnrollFiles

/// A value that can be stored in a file and restored bit for bit: models, optimizers, generators, states, tensors, numbers and
/// texts.
///
/// Restoring makes a new value, so that the old one does not change if anything fails.
///
///     struct Epoch: Storable {
///       var number = 0
///       func store(in record: inout Record) { record.store(number, as: "number") }
///       func restored(from record: Record) throws(LoadingError) -> Epoch { Epoch(number: try record.value("number")) }
///     }
public protocol Storable: Sendable {
  /// Stores in the record everything that is needed to restore the value.
  func store(in record: inout Record)

  /// The value that is stored in the record, which must be compatible with this one.
  func restored(from record: Record) throws(LoadingError) -> Self
}

/// A storable value that can be restored from the record alone, without an existing value to compare with.
///
///     func kept(_ record: Record) throws(LoadingError) -> Generator { try Generator(from: record) }
public protocol Restorable: Storable {
  /// The value that is stored in the record.
  init(from record: Record) throws(LoadingError)
}

extension Restorable {
  /// The value that is stored in the record; this one is ignored.
  public func restored(from record: Record) throws(LoadingError) -> Self { try Self(from: record) }
}

extension Restorable where Self: LosslessStringConvertible {
  /// Stores the value as text, from which it can be restored exactly.
  public func store(in record: inout Record) { record.text = description }

  /// The value whose text is stored in the record.
  public init(from record: Record) throws(LoadingError) { self = try record.read("\(Self.self)") { Self($0) } }
}

extension Int: Restorable {}
extension UInt64: Restorable {}
extension Bool: Restorable {}
extension Float: Restorable {}
extension Double: Restorable {}
extension String: Restorable {}

extension Optional: Storable where Wrapped: Restorable {
  /// Stores the wrapped value as if it were not optional, or a flag if it is nil.
  public func store(in record: inout Record) {
    if let self { self.store(in: &record) } else { record.store(true, as: "isNil") }
  }
}

extension Optional: Restorable where Wrapped: Restorable {
  /// The stored value, or nil if nil was stored.
  public init(from record: Record) throws(LoadingError) {
    self = record.part("isNil").text == "true" ? nil : try Wrapped(from: record)
  }
}

extension Array: Storable where Element: Restorable {
  /// Stores the number of elements and each element.
  public func store(in record: inout Record) {
    record.store(count, as: "count")
    for (i, element) in enumerated() { record.store(element, as: "\(i)") }
  }
}

extension Array: Restorable where Element: Restorable {
  /// The stored elements.
  public init(from record: Record) throws(LoadingError) {
    self = []
    for i in 0..<Swift.max(0, try record.value("count", as: Int.self)) { append(try record.value("\(i)", as: Element.self)) }
  }
}

extension NDArray: Restorable {
  /// Stores the numbers in the record.
  public func store(in record: inout Record) { record.array = StoredArray(self) }

  /// The stored numbers, in their stored shape and type.
  public init(from record: Record) throws(LoadingError) {
    let stored = try record.readArray()
    do throws(ArrayFileError) { self = try stored.array() } catch { throw LoadingError(error) }
  }
}

extension Tensor: Restorable {
  /// Stores the numbers in the record.
  public func store(in record: inout Record) { array.store(in: &record) }

  /// The stored numbers, unrecorded.
  public init(from record: Record) throws(LoadingError) { self.init(try NDArray(from: record)) }
}

extension Indices: Restorable {
  /// Stores the integers in the record.
  public func store(in record: inout Record) { record.array = StoredArray(values.map { Int32($0) }, shape: shape) }

  /// The stored integers.
  public init(from record: Record) throws(LoadingError) {
    let stored = try record.readArray()
    let values: [Int64]
    do throws(ArrayFileError) { values = try stored.integers() } catch { throw LoadingError(error) }
    guard values.allSatisfy({ Int32(exactly: $0) != nil }) else {
      throw LoadingError(.different, "not all numbers fit in 32 bits", name: record.name, file: record.file)
    }
    self.init(values.map { Int($0) }, shape: stored.shape)
  }
}

extension Generator: Restorable {
  /// Stores the three integers that determine everything the generator will ever draw.
  public func store(in record: inout Record) {
    record.store(key, as: "key")
    record.store(stream, as: "stream")
    record.store(counter, as: "counter")
  }

  /// The generator, continuing where the stored one stopped.
  public init(from record: Record) throws(LoadingError) {
    self.init(key: try record.value("key"), stream: try record.value("stream"), counter: try record.value("counter"))
  }
}

extension HiddenState: Restorable {
  /// Stores the numbers in the record.
  public func store(in record: inout Record) { record.storeFinite(StoredArray(hidden.array), as: "hidden") }

  /// The stored state, unrecorded. `Recurrent.fits` tells whether it fits a network.
  public init(from record: Record) throws(LoadingError) { self.init(hidden: try record.finiteTensor("hidden")) }
}

extension LSTMState: Restorable {
  /// Stores the numbers in the record.
  public func store(in record: inout Record) {
    record.storeFinite(StoredArray(hidden.array), as: "hidden")
    record.storeFinite(StoredArray(cell.array), as: "cell")
  }

  /// The stored state, unrecorded. `Recurrent.fits` tells whether it fits a network.
  public init(from record: Record) throws(LoadingError) {
    self.init(hidden: try record.finiteTensor("hidden"), cell: try record.finiteTensor("cell"))
  }
}

extension RecurrentStates: Storable where CellState: Restorable {
  /// Stores the states of all cells in the record.
  public func store(in record: inout Record) {
    record.store(cells, as: "cells")
    if isBidirectional { record.store(true, as: "isBidirectional") }
  }
}

extension RecurrentStates: Restorable where CellState: Restorable {
  /// The stored states, unrecorded. `Recurrent.fits` tells whether they fit a network.
  public init(from record: Record) throws(LoadingError) {
    let cells: [CellState] = try record.value("cells")
    if cells.isEmpty { throw record.unfit("the state has no cells") }
    let isBidirectional = record.part("isBidirectional").text == "true"
    if isBidirectional && cells.count % 2 != 0 {
      throw record.unfit("\(cells.count) cells are not two for each layer", "cells")
    }
    self.init(cells: cells, bidirectional: isBidirectional)
  }
}
