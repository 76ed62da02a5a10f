internal import UnrollArrays
internal import UnrollAutograd

extension Module {
  /// What is wrong with the model's `visit`, or nil: a tensor that it forgets would never be trained and never be saved, and a
  /// class would be shared by copies that should be independent.
  ///
  ///     if let problem = model.audit() { print(problem) }
  public func audit() -> String? {
    var search = FieldSearch()
    search.look(at: self, "")
    if let problem = search.problem { return problem }
    let visited = parameters
    if search.tensors.count == visited.count { return nil }
    let names = Set(visited.map(\.name))
    let forgotten = search.tensors.filter { !names.contains($0) }
    return "\(Self.self): visit hands over \(visited.count) parameters, but the fields hold \(search.tensors.count) tensors"
      + (forgotten.isEmpty ? "" : "; not visited under their names: \(forgotten.joined(separator: ", "))")
  }

  /// Stops if `audit` finds something.
  package func requireComplete() { if let problem = audit() { stop(problem) } }
}

/// Looks through a value's fields for tensors.
private struct FieldSearch {
  var tensors: [String] = []
  var problem: String?

  mutating func look(at value: Any, _ path: String) {
    if value is Tensor { return tensors.append(path) }
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .class, value is any Module {
      problem = "\(type(of: value)): a model must be a struct: copies of a class are the same object"
      return
    }
    guard value is any Module || mirror.displayStyle == .optional || mirror.displayStyle == .collection else { return }
    for (i, child) in mirror.children.enumerated() {
      let name = mirror.displayStyle == .collection ? "\(i)" : mirror.displayStyle == .optional ? nil : child.label
      look(at: child.value, [path, name].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "."))
    }
  }
}
