internal import UnrollArrays
internal import UnrollAutograd

/// A layer that other frameworks have too.
protocol ExchangeableModule: Module {
  /// The layer's tensors under the framework's names; nil if the framework has no such layer. `original` returns the tensor
  /// that a weight was loaded from, if known.
  func exported(to framework: Framework, original: (String) -> Tensor?) -> NamedTensors?

  /// Loads tensors with the names and shapes that `exported` returns.
  mutating func take(from framework: Framework, _ tensors: (String) -> Tensor?)
}

extension Linear: ExchangeableModule {
  static func names(_ framework: Framework) -> (weight: String, bias: String, isTransposed: Bool) {
    switch framework {
    case .pytorch: ("weight", "bias", true)
    case .keras, .flax: ("kernel", "bias", false)
    case .onnx: ("B", "C", true)
    }
  }

  func exported(to framework: Framework, original: (String) -> Tensor?) -> NamedTensors? {
    let names = Self.names(framework)
    return [(names.weight, names.isTransposed ? weight.transposed() : weight)] + (bias.map { [(names.bias, $0)] } ?? [])
  }

  mutating func take(from framework: Framework, _ tensors: (String) -> Tensor?) {
    let names = Self.names(framework)
    if let given = tensors(names.weight) { weight = names.isTransposed ? given.transposed() : given }
    if let given = tensors(names.bias) { bias = given }
  }
}

extension Embedding: ExchangeableModule {
  static func name(_ framework: Framework) -> String {
    switch framework {
    case .pytorch: "weight"
    case .keras: "embeddings"
    case .flax: "embedding"
    case .onnx: "data"
    }
  }

  func exported(to framework: Framework, original: (String) -> Tensor?) -> NamedTensors? { [(Self.name(framework), table)] }

  mutating func take(from framework: Framework, _ tensors: (String) -> Tensor?) {
    if let given = tensors(Self.name(framework)) { table = given }
  }
}

extension LayerNorm: ExchangeableModule {
  static func names(_ framework: Framework) -> (scale: String, shift: String) {
    switch framework {
    case .pytorch: ("weight", "bias")
    case .keras: ("gamma", "beta")
    case .flax: ("scale", "bias")
    case .onnx: ("Scale", "B")
    }
  }

  func exported(to framework: Framework, original: (String) -> Tensor?) -> NamedTensors? {
    let names = Self.names(framework)
    return (scale.map { [(names.scale, $0)] } ?? []) + (shift.map { [(names.shift, $0)] } ?? [])
  }

  mutating func take(from framework: Framework, _ tensors: (String) -> Tensor?) {
    let names = Self.names(framework)
    if let given = tensors(names.scale) { scale = given }
    if let given = tensors(names.shift) { shift = given }
  }
}
