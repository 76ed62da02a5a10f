internal import UnrollArrays
internal import UnrollAutograd

/// A visit of a model that replaces its tensors by given ones, and records what does not fit.
final class WeightsLoading: PartTaker {
  private let given: GivenWeights
  private let framework: Framework
  private let casting: Bool
  private var claimed: Set<String> = []
  private var report = WeightsReport()
  private var failure: WeightsError?
  /// The path of the unsupported recurrent part that is being visited.
  private var unsupportedPath: String?

  init(_ given: GivenWeights, from framework: Framework, casting: Bool) {
    self.given = given
    self.framework = framework
    self.casting = casting
  }

  /// The model with all tensors that fit, and a report of the rest.
  func run<Model: Module>(
    _ model: inout Model, ignoring isIgnored: (_ name: String) -> Bool
  ) throws(WeightsError) -> WeightsReport {
    take(&model)
    report.unexpected = given.all.keys.filter { !claimed.contains($0) && !isIgnored($0) }.sorted()
    if let failure { throw failure }
    return report
  }

  /// Replaces all tensors that fit.
  func take<Model: Module>(_ model: inout Model) {
    if takes(&model, named: given.path) { return }
    model.visit(Visitor(path: given.path, taker: self) { name, tensor in tensor = self.fitting(name, tensor) ?? tensor })
  }

  func takes<Part: Module>(_ part: inout Part, named path: String) -> Bool {
    guard var layer = part as? any ExchangeableModule, let needed = layer.exported(to: framework, original: { _ in nil }) else {
      noteUnsupported(part, path)
      return false
    }
    var tensors: [String: Tensor] = [:]
    for (local, tensor) in needed { tensors[local] = fitting(GivenWeights.name(path, local), tensor) ?? tensor }
    layer.take(from: framework) { tensors[$0] }
    if let changed = layer as? Part { part = changed }
    return true
  }

  /// Records an unsupported recurrent layer or cell; the cells of an unsupported layer are not recorded again.
  private func noteUnsupported<Part: Module>(_ part: Part, _ path: String) {
    guard let name = (part as? any RecurrentPart)?.cellName ?? (part as? any RecurrentCell).map({ "\(type(of: $0))" }) else {
      return
    }
    if let unsupportedPath, path == unsupportedPath || path.hasPrefix(GivenWeights.name(unsupportedPath, "")) { return }
    unsupportedPath = path
    report.unsupported.append("\(framework) has no \(name)" + (path.isEmpty ? "" : " (\(path))"))
  }

  /// The given tensor of a name, if it fits the model's tensor.
  private func fitting(_ name: String, _ tensor: Tensor) -> Tensor? {
    guard let found = given.all[name] else {
      report.missing.append(name)
      return nil
    }
    claimed.insert(name)
    if found.shape != tensor.shape {
      report.misshapen.append(.init(name: name, expected: tensor.shape, found: found.shape))
      return nil
    }
    if found.type != tensor.type && !(casting && found.type != nil) {
      report.mistyped.append(.init(name: name, expected: tensor.type, found: found.format))
      return nil
    }
    do throws(WeightsError) { return try found.read().cast(to: tensor.type) } catch { failure = failure ?? error }
    return nil
  }
}

/// A visit of a model that collects its tensors in a framework's layouts.
final class WeightsWriting: PartTaker {
  private let original: GivenWeights
  private let framework: Framework
  private(set) var tensors: [String: Tensor] = [:]

  init(_ framework: Framework, like original: GivenWeights) {
    self.original = original
    self.framework = framework
  }

  func run<Model: Module>(_ model: Model) {
    var model = model
    if takes(&model, named: "") { return }
    model.visit(Visitor(path: "", taker: self) { name, tensor in self.tensors[name] = tensor })
  }

  func takes<Part: Module>(_ part: inout Part, named path: String) -> Bool {
    guard let layer = part as? any ExchangeableModule, var tensors = layer.exported(to: framework, original: { _ in nil })
    else { return false }
    if !original.all.isEmpty {
      let needed = Dictionary(tensors.map { ($0.name, $0.tensor) }) { first, _ in first }
      let known = layer.exported(to: framework) { local in self.original(of: needed[local], GivenWeights.name(path, local)) }
      tensors = known ?? tensors
    }
    for (local, tensor) in tensors { self.tensors[GivenWeights.name(path, local)] = tensor }
    return true
  }

  /// The original tensor of a name, if it has the same shape and type.
  private func original(of tensor: Tensor?, _ name: String) -> Tensor? {
    guard let tensor, let found = original.all[name], found.shape == tensor.shape, found.type == tensor.type else { return nil }
    return try? found.read()
  }
}
