internal import UnrollArrays
internal import UnrollAutograd
public import UnrollFiles

extension GivenWeights {
  /// A tensor that determines the sizes of a layer: of the given rank, or at least one axis, with no extent of 0.
  fileprivate func deciding(_ local: String, rank: Int?) throws(WeightsError) -> GivenWeight {
    var report = WeightsReport()
    guard let found = self[local] else {
      report.missing = [name(local)]
      throw .mismatch(report)
    }
    let rank = rank ?? max(1, found.shape.count)
    if found.shape.count == rank && !found.shape.contains(0) { return found }
    let expected = (0..<rank).map { $0 < found.shape.count ? max(1, found.shape[$0]) : 1 }
    report.misshapen = [.init(name: name(local), expected: Shape(expected), found: found.shape)]
    throw .mismatch(report)
  }
}

extension Linear {
  /// A layer with weights from a framework: `weight` and `bias` in PyTorch, `kernel` and `bias` in Keras and Flax, Gemm's `B`
  /// and `C` in ONNX. All names begin with `prefix`.
  ///
  ///     let file = try Safetensors.read("model.safetensors")
  ///     let head = try Linear(file, from: .pytorch, prefix: "head")
  public init(
    _ tensors: [String: any StoredArrayConvertible], from framework: Framework, prefix: String = ""
  ) throws(WeightsError) {
    let given = GivenWeights(tensors, prefix: prefix)
    let names = Linear.names(framework)
    let found = try given.deciding(names.weight, rank: 2)
    let (shape, type) = (names.isTransposed ? [found.shape[1], found.shape[0]] : found.shape, found.type ?? .float32)
    self.init(weight: .zeros(shape, type), bias: given[names.bias] == nil ? nil : .zeros([shape[1]], type))
    _ = try load(given, from: framework, strict: true)
  }
}

extension Embedding {
  /// A layer with a table from a framework, `[vocabulary, features]`: `weight` in PyTorch, `embeddings` in Keras, `embedding`
  /// in Flax, Gather's `data` in ONNX.
  ///
  ///     let file = try Safetensors.read("model.safetensors")
  ///     let embedding = try Embedding(file, from: .pytorch, prefix: "embedding", padding: 0)
  public init(
    _ tensors: [String: any StoredArrayConvertible], from framework: Framework, prefix: String = "", padding: Int? = nil
  ) throws(WeightsError) {
    let given = GivenWeights(tensors, prefix: prefix)
    let found = try given.deciding(Embedding.name(framework), rank: 2)
    self.init(table: .zeros(found.shape, found.type ?? .float32), padding: padding)
    _ = try load(given, from: framework, strict: true)
  }
}

extension LayerNorm {
  /// A layer with scale and shift from a framework: `weight` and `bias` in PyTorch, `gamma` and `beta` in Keras, `scale` and
  /// `bias` in Flax, `Scale` and `B` in ONNX, with one axis or several. Files do not store ε, and frameworks have different
  /// defaults.
  ///
  ///     let file = try Safetensors.read("model.safetensors")
  ///     let norm = try LayerNorm(file, from: .keras, prefix: "norm", epsilon: 1e-3)
  public init(
    _ tensors: [String: any StoredArrayConvertible], from framework: Framework, prefix: String = "", epsilon: Double = 1e-5
  ) throws(WeightsError) {
    let given = GivenWeights(tensors, prefix: prefix)
    let names = LayerNorm.names(framework)
    let found = try given.deciding(names.scale, rank: nil)
    self.init(
      found.shape, shift: given[names.shift] != nil, epsilon: epsilon, found.type ?? .float32)
    _ = try load(given, from: framework, strict: true)
  }
}
