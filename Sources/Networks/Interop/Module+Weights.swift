public import UnrollArrays
public import UnrollAutograd
public import UnrollFiles

extension Module {
  /// Replaces the model's numbers by those of a framework, by name: `head.weight`, `lstm.weight_ih_l0_reverse`.
  ///
  /// The parts that `visit` names have the same names there, and within a part the framework's own names, layouts and orders of gates
  /// hold. Parameters of other modules keep their names and layouts, and so does a layer that the framework has not. With a `prefix`,
  /// all names begin with it and a dot, and others are left alone.
  ///
  /// If anything is missing, unexpected, or of another shape or type, throws and changes nothing; with `strict: false` takes what fits
  /// and returns the rest. What `ignoring` accepts may be there without a place in the model, as buffers that are no parameters.
  /// Numbers arrive unchanged, to the last bit, except that two biases are added where we have one; with `casting`, floating-point
  /// numbers of another type become the model's.
  ///
  ///     let file = try Safetensors.read("model.safetensors")
  ///     try model.load(file, from: .pytorch, ignoring: { $0.hasSuffix("num_batches_tracked") })
  @discardableResult
  public mutating func load(
    _ tensors: [String: any StoredArrayConvertible], from framework: Framework, prefix: String = "", strict: Bool = true,
    casting: Bool = false, ignoring isIgnored: (_ name: String) -> Bool = { _ in false }
  ) throws(WeightsError) -> WeightsReport {
    try load(GivenWeights(tensors, prefix: prefix), from: framework, strict: strict, casting: casting, ignoring: isIgnored)
  }

  /// The same with tensors; derivatives pass through to them.
  ///
  ///     let report = try model.load(["bias": Tensor.zeros([4])], from: .flax, strict: false)
  ///     print(report.missing)  // ["kernel"]
  @discardableResult
  public mutating func load(
    _ tensors: [String: Tensor], from framework: Framework, prefix: String = "", strict: Bool = true, casting: Bool = false,
    ignoring isIgnored: (_ name: String) -> Bool = { _ in false }
  ) throws(WeightsError) -> WeightsReport {
    try load(GivenWeights(tensors, prefix: prefix), from: framework, strict: strict, casting: casting, ignoring: isIgnored)
  }

  mutating func load(
    _ given: GivenWeights, from framework: Framework, strict: Bool, casting: Bool = false,
    ignoring isIgnored: (_ name: String) -> Bool = { _ in false }
  ) throws(WeightsError) -> WeightsReport {
    var copy = self
    let report = try WeightsLoading(given, from: framework, casting: casting).run(&copy, ignoring: isIgnored)
    if strict && !report.isComplete { throw .mismatch(report) }
    self = copy.frozen(as: self)
    return report
  }

  /// The model's numbers by a framework's names, in its layouts and orders of gates: what its own files hold.
  ///
  /// Where the framework has two biases and the model one, the input's is the model's and the recurrent one 0. Two that came from
  /// `original`, and still add up to the model's, go out as they were: untouched weights leave as they came.
  ///
  ///     let file = try Safetensors.read("model.safetensors")
  ///     try model.load(file, from: .pytorch)
  ///     try Safetensors.write(model.weights(for: .pytorch, like: file), metadata: ["format": "pt"], to: "copy.safetensors")
  public func weights(
    for framework: Framework, like original: [String: any StoredArrayConvertible] = [:]
  ) -> [String: StoredArray] {
    let writing = WeightsWriting(framework, like: GivenWeights(original))
    writing.run(self)
    return writing.tensors.mapValues { StoredArray($0.array) }
  }

  /// The numbers of a model that is a gradient, by a framework's names: the derivatives by the framework's own weights.
  ///
  /// Where two biases become one here, both have the derivative of the one, as in the framework; weights that the framework has and
  /// nothing reads have 0.
  ///
  /// A bias here is therefore trained otherwise than a pair there: each of the two moves along the one derivative, so that their sum moves
  /// twice as far. With gradient descent, with or without momentum, and with Adam a bias that learns at twice the rate does the same; the
  /// norm that clipping looks at counts the pair twice.
  ///
  ///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
  ///     try Safetensors.write(slope.gradients(for: .pytorch), to: "gradients.safetensors")
  public func gradients(for framework: Framework) -> [String: StoredArray] {
    // Loading is linear in the framework's numbers. Its transpose takes derivatives the other way, for every layer alike.
    let writing = WeightsWriting(framework, like: GivenWeights([String: Tensor]()))
    writing.run(self)
    let weights = writing.tensors.mapValues { $0.detached() }
    let (_, transpose) = pullback(at: weights) { weights in
      var model = self
      WeightsLoading(GivenWeights(weights), from: framework, casting: false).take(&model)
      return model
    }
    return transpose(mapping { $0.detached() }).mapValues { StoredArray($0.array) }
  }
}
