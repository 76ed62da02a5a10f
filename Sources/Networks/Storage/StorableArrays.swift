public import UnrollArrays
public import UnrollAutograd
public import UnrollFiles

extension NDArray: Restorable {
  /// Puts the numbers into the record.
  public func store(in record: inout Record) { record.array = StoredArray(self) }

  /// The numbers that are in the record, in the shape and type that they have there.
  public init(from record: Record) throws(LoadingError) {
    let stored = try record.readArray()
    do throws(ArrayFileError) { self = try stored.array() } catch { throw LoadingError(error) }
  }
}

extension Tensor: Restorable {
  /// Puts the numbers into the record.
  public func store(in record: inout Record) { array.store(in: &record) }

  /// The numbers that are in the record, unrecorded.
  public init(from record: Record) throws(LoadingError) { self.init(try NDArray(from: record)) }
}

extension Indices: Restorable {
  /// Puts the whole numbers into the record.
  public func store(in record: inout Record) { record.array = StoredArray(values.map { Int32($0) }, shape: shape) }

  /// The whole numbers that are in the record.
  public init(from record: Record) throws(LoadingError) {
    let stored = try record.readArray()
    let values: [Int64]
    do throws(ArrayFileError) { values = try stored.integers() } catch { throw LoadingError(error) }
    guard values.allSatisfy({ Int32(exactly: $0) != nil }) else {
      throw LoadingError(.different, "not all numbers have 32 bits", name: record.name, file: record.file)
    }
    self.init(values.map { Int($0) }, shape: stored.shape)
  }
}

extension Generator: Restorable {
  /// Puts the three whole numbers into the record that say all that the generator will ever give.
  public func store(in record: inout Record) {
    record.store(key, as: "key")
    record.store(stream, as: "stream")
    record.store(counter, as: "counter")
  }

  /// The generator that goes on where the stored one was.
  public init(from record: Record) throws(LoadingError) {
    self.init(key: try record.value("key"), stream: try record.value("stream"), counter: try record.value("counter"))
  }
}
