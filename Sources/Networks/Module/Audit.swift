internal import UnrollArrays
internal import UnrollAutograd

extension Module {
  /// What is wrong with the model's `visit`, or nil: a tensor that it forgets would never be trained and never be saved, and a
  /// class would be shared by copies that should be independent.
  ///
  /// Tensors are looked for in fields that are optionals, arrays, dictionaries, tuples, structs and enums, however deep; not in
  /// closures, and not in classes that are no models. A visit may call them what it likes. Those of a recurrent state are no parameters
  /// unless it visits them.
  ///
  ///     if let problem = model.audit() { print(problem) }
  public func audit() -> String? {
    var before = FieldSearch()
    before.look(at: self, "")
    if let problem = before.problem { return problem }
    // Every tensor that is handed over gets a box of its own, so what still lies in a box from before was forgotten.
    var copy = self
    var count = 0
    copy.visitParameters { _, tensor in
      tensor = tensor.reboxed()
      count += 1
    }
    var after = FieldSearch()
    after.look(at: copy, "")
    let old = Set(before.tensors.map(\.tensor.box))
    let unvisited = after.tensors.filter { old.contains($0.tensor.box) }
    let forgotten = unvisited.filter { !$0.isOfState }.map(\.path)
    let visited = after.tensors.count - unvisited.count
    if forgotten.isEmpty && visited == count { return nil }
    return "\(Self.self): visit hands over \(count) parameters, but the fields hold \(visited + forgotten.count) tensors"
      + (forgotten.isEmpty ? "" : "; not visited: \(forgotten.joined(separator: ", "))")
  }

  /// Stops if `audit` finds something.
  package func requireComplete() { if let problem = audit() { stop(problem) } }
}

/// Looks through a value's fields for tensors.
private struct FieldSearch {
  var tensors: [(path: String, tensor: Tensor, isOfState: Bool)] = []
  var problem: String?

  mutating func look(at value: Any, _ path: String, ofState: Bool = false) {
    if let tensor = value as? Tensor { return tensors.append((path, tensor, ofState)) }
    let isState = ofState || value is any RecurrentState
    // A list of a million numbers is not to be walked through.
    if value is any TensorlessField { return }
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .class {
      if value is any Module {
        problem = "\(type(of: value)): a model must be a struct: copies of a class are the same object"
      }
      return
    }
    for (i, child) in mirror.children.enumerated() {
      let name: String?
      var content = child.value
      switch mirror.displayStyle {
      case .optional: name = nil
      case .collection, .set: name = "\(i)"
      case .dictionary:
        let pair = Array(Mirror(reflecting: child.value).children)
        name = pair.first.map { "\($0.value)" }
        content = pair.last?.value ?? child.value
      // The elements of a tuple without names are called .0 and .1.
      default: name = child.label.map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 }
      }
      look(at: content, [path, name].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "."), ofState: isState)
    }
  }
}

/// Fields of these types, and lists and dictionaries of them, hold no tensor.
private protocol TensorlessField {}

extension Int: TensorlessField {}
extension Int32: TensorlessField {}
extension UInt8: TensorlessField {}
extension Bool: TensorlessField {}
extension Float: TensorlessField {}
extension Double: TensorlessField {}
extension String: TensorlessField {}
extension NDArray: TensorlessField {}
extension Indices: TensorlessField {}
extension Mask: TensorlessField {}
extension Generator: TensorlessField {}
extension Array: TensorlessField where Element: TensorlessField {}
extension Set: TensorlessField where Element: TensorlessField {}
extension Dictionary: TensorlessField where Key: TensorlessField, Value: TensorlessField {}
