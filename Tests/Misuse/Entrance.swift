import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// A public way into the library, called with what a source of right and wrong arguments gives.
struct Entrance: Sendable {
  /// The Swift name of the type or function, and what distinguishes this row from others of it.
  let name: String
  let act: @Sendable (inout Mischief) -> Void

  /// The Swift name alone.
  var baseName: String { String(name.prefix { $0 != " " }) }

  init(_ name: String, _ act: @escaping @Sendable (inout Mischief) -> Void) {
    self.name = name
    self.act = act
  }

  static let all: [Entrance] = [
    elementEntrances, pairEntrances, arrangementEntrances, joiningEntrances, gatheringEntrances, reductionEntrances,
    productEntrances, creationEntrances, graphEntrances, cellEntrances, layerEntrances, lossEntrances, penaltyEntrances,
    decodingEntrances,
    initializerEntrances, optimizerEntrances, scheduleEntrances, clippingEntrances, dataEntrances, truncationEntrances,
    onlineEntrances,
  ].flatMap { $0 }
}

extension Mischief {
  /// A function of tensors: once it has accepted its inputs, its value must not depend on how they lie in memory, and its pullback and
  /// its tangent must fit the shapes and each other.
  func differentiate(_ inputs: [Tensor], shape: Shape? = nil, _ f: @escaping @Sendable ([Tensor]) -> [Tensor]) {
    let values = f(inputs)
    accepted()
    if let shape { expect(values[0].shape == shape, "a result of shape \(values[0].shape) instead of \(shape)") }
    let compact = f(inputs.map { Tensor($0.array.contiguous()) })
    expect(values.count == compact.count && zip(values, compact).allSatisfy(isNear), "the arrangement in memory is felt")
    let (recorded, pull) = pullback(at: inputs, of: f)
    expect(zip(values, recorded).allSatisfy(isNear), "recording changes the value")
    let cotangents = values.map { Tensor.ones($0.shape, $0.type) }
    let pulled = pull(cotangents)
    for (cotangent, input) in zip(pulled, inputs) {
      expect(
        cotangent.shape == input.shape && cotangent.type == input.type,
        "a cotangent \(cotangent.type) \(cotangent.shape) for an input \(input.type) \(input.shape)")
    }
    let directions = inputs.map { Tensor.ones($0.shape, $0.type) }
    let pushed = tangent(at: inputs, along: directions, of: f).tangent
    for (tangent, value) in zip(pushed, values) {
      expect(tangent.shape == value.shape, "a tangent of shape \(tangent.shape) for a result of shape \(value.shape)")
    }
    let (below, above) = (total(pulled), total(pushed))
    let magnitude = total(pulled.map { $0.magnitude() }) + total(pushed.map { $0.magnitude() })
    if magnitude < 1e6 {
      let tolerance = (inputs + values).allSatisfy { $0.type == .float64 } ? 1e-9 : 1e-3
      expect(abs(below - above) <= tolerance * max(1, magnitude), "⟨g, J t⟩ = \(above) but ⟨Jᵀ g, t⟩ = \(below)")
    }
  }

  /// A value of a module and a gradient by its parameters and an input, of the shapes that they must have.
  func differentiate<Model: TensorGroup>(_ model: Model, _ f: (Model) -> Tensor) {
    let value = f(model)
    accepted()
    let (recorded, slope) = valueAndGradient(at: model) { f($0).sum() }
    expect(isNear(recorded, value.sum()), "recording changes the value")
    for (a, b) in zip(slope.tensors, model.tensors) {
      expect(a.shape == b.shape && a.type == b.type, "a gradient \(a.type) \(a.shape) for a parameter \(b.type) \(b.shape)")
    }
  }

  private func total(_ tensors: [Tensor]) -> Double {
    tensors.reduce(0) { $0 + $1.array.scalars(as: Double.self).reduce(0, +) }
  }
}

/// Whether shapes and types are equal and numbers to rounding, with NaN where NaN is. Where numbers exceed 1e12 rounding may be
/// anything.
func isNear(_ a: Tensor, _ b: Tensor) -> Bool {
  guard a.shape == b.shape, a.type == b.type else { return false }
  let (a, b) = (a.array.cast(to: .float64).scalars(as: Double.self), b.array.cast(to: .float64).scalars(as: Double.self))
  return zip(a, b).allSatisfy { x, y in
    if x.isNaN != y.isNaN { return !(x.magnitude < 1e12 || y.magnitude < 1e12) }
    if !(x.magnitude < 1e12 && y.magnitude < 1e12) { return true }
    return (x - y).magnitude <= 1e-3 * max(1, x.magnitude)
  }
}
