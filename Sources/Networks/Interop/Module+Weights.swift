internal import UnrollArrays
public import UnrollAutograd
public import UnrollFiles

extension Module {
  /// Loads weights from a framework into the model, by name: `head.weight`, `lstm.weight_ih_l0_reverse`.
  ///
  /// The names of parts in `visit` must be the framework's names too; within a part, the framework's own names, layouts and
  /// gate orders apply. Parameters of other modules keep their names and layouts, and so does a layer that the framework does
  /// not have. With a `prefix`, only names that begin with it and a dot are read.
  ///
  /// If a tensor is missing, unexpected, or of a different shape or type, this throws and changes nothing; with `strict: false`
  /// it loads what fits and reports the rest. Names that `ignoring` accepts may be unused, such as buffers that are not
  /// parameters. Numbers are loaded bit for bit, except that two biases are added if we have one; with `casting`,
  /// floating-point numbers are converted to the model's type.
  ///
  ///     let file = try Safetensors.read("linear.safetensors")
  ///     try model.load(file, from: .pytorch, ignoring: { $0.hasSuffix("num_batches_tracked") })
  @discardableResult
  public mutating func load(
    _ tensors: [String: any StoredArrayConvertible], from framework: Framework, prefix: String = "", strict: Bool = true,
    casting: Bool = false, ignoring isIgnored: (_ name: String) -> Bool = { _ in false }
  ) throws(WeightsError) -> WeightsReport {
    try load(GivenWeights(tensors, prefix: prefix), from: framework, strict: strict, casting: casting, ignoring: isIgnored)
  }

  /// Loads tensors; derivatives pass through to them.
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

  /// The model's weights under a framework's names, in its layouts and gate orders, ready to be written to a file.
  ///
  /// If the framework has two biases and the model one, the model's bias becomes the input bias, and the recurrent bias is 0.
  /// Two biases of `original` that still add up to the model's are written as they were, so that unchanged weights survive a
  /// round trip bit for bit.
  ///
  ///     let file = try Safetensors.read("linear.safetensors")
  ///     try model.load(file, from: .pytorch)
  ///     try Safetensors.write(model.weights(for: .pytorch, like: file), metadata: ["format": "pt"], to: "copy.safetensors")
  public func weights(
    for framework: Framework, like original: [String: any StoredArrayConvertible] = [:]
  ) -> [String: StoredArray] {
    let writing = WeightsWriting(framework, like: GivenWeights(original))
    writing.run(self)
    return writing.tensors.mapValues { StoredArray($0.array) }
  }

  /// A gradient under a framework's names: the derivatives by the framework's own weights.
  ///
  /// If two biases become one here, both get its derivative, as in the framework; weights that the framework has and never
  /// reads get 0.
  ///
  /// Training therefore differs: in a framework each of the two biases moves by the same derivative, so that their sum moves
  /// twice as far as our bias. Doubling the learning rate of the bias gives the same result for gradient descent, with or
  /// without momentum, and for Adam; gradient clipping there counts the pair twice in the norm.
  ///
  ///     let slope = gradient(at: model) { $0(Tensor.ones([2, 3])).square().sum() }
  ///     try Safetensors.write(slope.gradients(for: .pytorch), to: "gradients.safetensors")
  public func gradients(for framework: Framework) -> [String: StoredArray] {
    // Loading is linear in the framework's numbers, so its transpose maps derivatives back, for every layer alike.
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
