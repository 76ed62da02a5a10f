package import UnrollArrays
package import UnrollAutograd
package import UnrollFiles

/// What a stored value is made of: texts and arrays with names, as they lie in a safetensors file.
///
///     var record = Record()
///     record.store(7, as: "epoch")
///     let epoch: Int = try record.value("epoch")
public struct Record: Sendable {
  /// By their full names: those of the values they are parts of, joined by dots.
  package var texts: [String: String] = [:]
  package var arrays: [String: StoredArray] = [:]
  /// The full names of the arrays whose numbers must be finite for anybody to go on from them: parameters, what optimizers remember,
  /// carried states.
  package private(set) var finiteNames: [String] = []
  /// The path of the file, for messages.
  package var file: String?
  /// The full name of the value that is being stored or restored; empty for the whole.
  package var name = ""

  /// A record of nothing.
  public init() {}

  /// Puts a part of a value into the record.
  public mutating func store(_ value: some Storable, as part: String) {
    let whole = name
    name = fullName(part)
    value.store(in: &self)
    name = whole
  }

  /// The part of that name.
  public func value<Value: Restorable>(_ part: String, as: Value.Type = Value.self) throws(LoadingError) -> Value {
    try Value(from: self.part(part))
  }

  /// The part of that name, which must fit a value that is there.
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

/// Arrays of finite numbers.
extension Record {
  /// Puts an array into the record that nobody can go on from unless it is finite.
  package mutating func storeFinite(_ array: StoredArray, as part: String) {
    arrays[fullName(part)] = array
    finiteNames.append(fullName(part))
  }

  /// The tensor of that name, which must be finite.
  package func finiteTensor(_ part: String) throws(LoadingError) -> Tensor {
    let tensor: Tensor = try value(part)
    try requireFinite(tensor.array, of: part)
    return tensor
  }

  /// Throws unless all numbers of a part are finite.
  package func requireFinite(_ array: NDArray, of part: String) throws(LoadingError) {
    if !array.isFinite { throw unfit("holds NaN or infinity, from which nothing can go on", part) }
  }

  /// The error of a part that is there, but not as it can be.
  package func unfit(_ reason: String, _ part: String = "") -> LoadingError {
    LoadingError(.different, reason, name: fullName(part), file: file)
  }
}

/// The leaves, under the record's own name.
extension Record {
  package var text: String? {
    get { texts[name] }
    set { texts[name] = newValue }
  }

  package var array: StoredArray? {
    get { arrays[name] }
    set { arrays[name] = newValue }
  }

  /// The text of this name as a value that the closure reads.
  package func read<Value>(_ what: String, _ parse: (String) -> Value?) throws(LoadingError) -> Value {
    guard let text else { throw LoadingError(.missing, "there is no \(what) of this name", name: name, file: file) }
    guard let value = parse(text) else {
      throw LoadingError(.different, "the text \"\(text.prefix(60))\" is no \(what)", name: name, file: file)
    }
    return value
  }

  /// The array of this name.
  package func readArray() throws(LoadingError) -> StoredArray {
    guard let array else { throw LoadingError(.missing, "there is no array of this name", name: name, file: file) }
    return array
  }
}
