internal import UnrollArrays
internal import UnrollAutograd
public import UnrollFiles

extension Module {
  /// Stores the parameters in the record, under their names.
  public func store(in record: inout Record) {
    for (name, tensor) in parameters { record.storeFinite(StoredArray(tensor.array), as: name) }
  }

  /// The same model with the parameters of the record, which must match this model's exactly in names, shapes and types, and be
  /// finite, because training cannot resume from NaN. Parameters that are frozen here stay frozen.
  public func restored(from record: Record) throws(LoadingError) -> Self {
    let model = try withParameters(of: record)
    for (name, tensor) in model.parameters { try record.requireFinite(tensor.array, of: name) }
    return model
  }

  package func withParameters(
    of record: Record, casting: Bool = false, ignoring isIgnored: (_ name: String) -> Bool = { _ in false }
  ) throws(LoadingError) -> Self {
    var (mismatch, failure) = (ParameterMismatch(), LoadingError?.none)
    var copy = self
    var names: Set<String> = []
    copy.visitParameters { name, parameter in
      names.insert(record.fullName(name))
      guard let stored = record.arrays[record.fullName(name)] else { return mismatch.missing.append(name) }
      let isOfType = stored.format.rawValue == "\(parameter.type)"
      if !(isOfType || (casting && stored.format.isFloatingPoint)) || stored.shape != parameter.shape {
        mismatch.misshapen.append(
          "\(name) is \(stored.format) \(stored.shape) in the file, \(parameter.type) \(parameter.shape) in the model")
      }
      // Nothing is read if the file does not fit the model.
      if !mismatch.isEmpty || failure != nil { return }
      do throws(ArrayFileError) {
        parameter = Tensor(try stored.array().cast(to: parameter.type)).frozen(as: parameter)
      } catch {
        failure = LoadingError(error)
      }
    }
    let start = record.name.isEmpty ? "" : record.name + "."
    mismatch.unexpected = record.arrays.keys.filter { $0.hasPrefix(start) && !names.contains($0) }.sorted()
      .map { String($0.dropFirst(start.count)) }.filter { !isIgnored($0) }
    if !mismatch.isEmpty {
      throw LoadingError(.parameters(mismatch), mismatch.description, name: record.name, file: record.file)
    }
    if let failure { throw failure }
    return copy
  }
}

extension Module {
  /// Writes all parameters to a safetensors file, under the names of `visit`; NaN and infinity are allowed. The write is
  /// atomic: the path holds either the old file or the complete new one.
  ///
  ///     try model.save(to: "model.safetensors")
  public func save(to path: String) throws(ArrayFileError) {
    var record = Record()
    for (name, tensor) in parameters { record.arrays[name] = StoredArray(tensor.array) }
    try Safetensors.write(record.arrays, to: path)
  }

  /// Loads all parameters from a file of arrays (safetensors or npz), which must contain exactly the names of `visit`, with the same
  /// shapes and types. If anything is missing, unexpected or misshapen, the model does not change.
  ///
  /// Names that `ignoring` accepts may be in the file without a parameter in the model. With `casting`, floating-point numbers
  /// are converted to the model's type: exactly if that is wider, else rounded.
  ///
  ///     var copy = model
  ///     try model.save(to: "model.safetensors")
  ///     try copy.load(from: "model.safetensors", ignoring: { $0.hasPrefix("buffers.") })
  public mutating func load(
    from path: String, casting: Bool = false, ignoring isIgnored: (_ name: String) -> Bool = { _ in false }
  ) throws(LoadingError) {
    var record = Record()
    record.file = path
    do throws(ArrayFileError) { record.arrays = try ArrayFiles.open(path).arraysByName() } catch { throw LoadingError(error) }
    self = try withParameters(of: record, casting: casting, ignoring: isIgnored)
  }
}
