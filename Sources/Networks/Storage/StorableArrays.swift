public import UnrollArrays
public import UnrollAutograd
internal import UnrollFiles

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
