internal import UnrollArrays
internal import UnrollAutograd

extension Module {
  /// A description of what is wrong with the model's `visit`, or nil. A tensor that `visit` omits would never be trained or
  /// saved, and a class instance would be shared by copies that should be independent.
  ///
  /// The search covers fields that are optionals, arrays, dictionaries, tuples, structs and enums, at any depth, but not
  /// closures, nor classes that are not modules. The names that `visit` uses do not matter. Tensors of a recurrent state are
  /// not parameters unless `visit` visits them.
  ///
  ///     if let problem = model.audit() { print(problem) }
  public func audit() -> String? {
    var before = FieldSearch()
    before.look(at: self, "")
    if let problem = before.problem { return problem }
    // Every visited tensor is replaced by one with a box of its own, so that a tensor that still has its old box was not
    // visited.
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
    return "\(Self.self): visit covers \(count) parameters, but the fields hold \(visited + forgotten.count) tensors"
      + (forgotten.isEmpty ? "" : "; not visited: \(forgotten.joined(separator: ", "))")
  }

  /// Stops if `audit` finds a problem.
  package func requireComplete() { if let problem = audit() { stop(problem) } }
}

/// Searches a value's fields for tensors.
private struct FieldSearch {
  var tensors: [(path: String, tensor: Tensor, isOfState: Bool)] = []
  var problem: String?

  mutating func look(at value: Any, _ path: String, ofState: Bool = false) {
    if let tensor = value as? Tensor { return tensors.append((path, tensor, ofState)) }
    let isState = ofState || value is any RecurrentState
    // Skip types without tensors: an array may hold a million numbers.
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
      // The elements of an unlabelled tuple are called .0 and .1.
      default: name = child.label.map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 }
      }
      look(at: content, [path, name].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "."), ofState: isState)
    }
  }
}

/// A type without tensors; arrays and dictionaries of such types have none either.
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
