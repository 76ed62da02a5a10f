/// A value that can be kept in a file and taken from it again, bit for bit: models, optimizers, generators, states, tensors, numbers
/// and texts.
///
/// What is taken from a file is a new value: whatever fails, the old one stays as it is.
///
///     struct Epoch: Storable {
///       var number = 0
///       func store(in record: inout Record) { record.store(number, as: "number") }
///       func restored(from record: Record) throws(LoadingError) -> Epoch { Epoch(number: try record.value("number")) }
///     }
public protocol Storable: Sendable {
  /// Puts everything into the record that the value is made from again.
  func store(in record: inout Record)

  /// The value that is in the record. This one, which a program has made, tells what the record must fit.
  func restored(from record: Record) throws(LoadingError) -> Self
}

/// A value that a record alone is enough for, so that there may be nothing in a program to put it in the place of.
///
///     func kept(_ record: Record) throws(LoadingError) -> Generator { try Generator(from: record) }
public protocol Restorable: Storable {
  /// The value that is in the record.
  init(from record: Record) throws(LoadingError)
}

extension Restorable {
  /// The value that is in the record, whatever this one is.
  public func restored(from record: Record) throws(LoadingError) -> Self { try Self(from: record) }
}
