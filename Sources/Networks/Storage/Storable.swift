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
