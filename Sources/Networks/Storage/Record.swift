package import UnrollArrays
package import UnrollAutograd
package import UnrollFiles

/// The stored form of a value: named texts and arrays, as in a safetensors file.
///
///     var record = Record()
///     record.store(7, as: "epoch")
///     let epoch: Int = try record.value("epoch")
public struct Record: Sendable {
  /// The texts by full name, which begins with the names of the enclosing values, joined by dots.
  package var texts: [String: String] = [:]
  package var arrays: [String: StoredArray] = [:]
  /// The full names of arrays that must be finite, because training could not resume otherwise: parameters, optimizer state,
  /// carried states.
  package private(set) var finiteNames: [String] = []
  /// The path of the file, for messages.
  package var file: String?
  /// The full name of the value that is being stored or restored; empty for the root.
  package var name = ""

  /// An empty record.
  public init() {}

  /// Stores a part of a value in the record.
  public mutating func store(_ value: some Storable, as part: String) {
    let whole = name
    name = fullName(part)
    value.store(in: &self)
    name = whole
  }

  /// The part with the given name.
  public func value<Value: Restorable>(_ part: String, as: Value.Type = Value.self) throws(LoadingError) -> Value {
    try Value(from: self.part(part))
  }

  /// The part with the given name, which must be compatible with the given value.
  public func value<Value: Storable>(_ part: String, like value: Value) throws(LoadingError) -> Value {
    try value.restored(from: self.part(part))
  }

  /// The record of a part.
  package func part(_ part: String) -> Record {
    var record = self
    record.name = fullName(part)
    return record
  }

  package func fullName(_ part: String) -> String { name.isEmpty ? part : part.isEmpty ? name : "\(name).\(part)" }
}

/// Arrays that must be finite.
extension Record {
  /// Stores an array that must be finite when it is restored.
  package mutating func storeFinite(_ array: StoredArray, as part: String) {
    arrays[fullName(part)] = array
    finiteNames.append(fullName(part))
  }

  /// The tensor with the given name, which must be finite.
  package func finiteTensor(_ part: String) throws(LoadingError) -> Tensor {
    let tensor: Tensor = try value(part)
    try requireFinite(tensor.array, of: part)
    return tensor
  }

  /// Throws unless all numbers of a part are finite.
  package func requireFinite(_ array: NDArray, of part: String) throws(LoadingError) {
    if !array.isFinite { throw unfit("holds NaN or infinity, so training cannot resume from it", part) }
  }

  /// The error of a part that is present but invalid.
  package func unfit(_ reason: String, _ part: String = "") -> LoadingError {
    LoadingError(.different, reason, name: fullName(part), file: file)
  }
}

/// Text and array under the record's own name.
extension Record {
  package var text: String? {
    get { texts[name] }
    set { texts[name] = newValue }
  }

  package var array: StoredArray? {
    get { arrays[name] }
    set { arrays[name] = newValue }
  }

  /// The text under this name, parsed by the closure.
  package func read<Value>(_ what: String, _ parse: (String) -> Value?) throws(LoadingError) -> Value {
    guard let text else { throw LoadingError(.missing, "there is no \(what) with this name", name: name, file: file) }
    guard let value = parse(text) else {
      throw LoadingError(.different, "the text \"\(text.prefix(60))\" is not a valid \(what)", name: name, file: file)
    }
    return value
  }

  /// The array under this name.
  package func readArray() throws(LoadingError) -> StoredArray {
    guard let array else { throw LoadingError(.missing, "there is no array with this name", name: name, file: file) }
    return array
  }
}
