import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// Layer normalisation against its definition, against finite differences and against another system.
@Suite struct LayerNormTests {
  private func draw(_ shape: Shape, seed: Int = 1, _ type: ElementType = .float64) -> Tensor {
    var generator = Generator(seed: seed)
    return Tensor.normal(shape, mean: 0.3, type, using: &generator)
  }

  /// The definition, written in operations.
  private func composition(_ x: Tensor, _ layer: LayerNorm) -> Tensor {
    let deviations = x - x.mean(axes: -1, keepingAxes: true)
    let normal = deviations / (x.variance(axes: -1, keepingAxes: true) + layer.epsilon).squareRoot()
    return normal * (layer.scale ?? Tensor(1, x.type)) + (layer.shift ?? Tensor(0, x.type))
  }

  @Test(arguments: [[4], [3, 4], [2, 3, 4], [3, 1]])
  func equalsTheComposition(_ extents: [Int]) {
    let (x, features) = (draw(Shape(extents)), extents[extents.count - 1])
    for epsilon in [1e-5, 0.1] {
      let layers = [
        LayerNorm(features, scale: false, shift: false, epsilon: epsilon, .float64),
        LayerNorm(features, epsilon: epsilon, .float64),
        LayerNorm(scale: draw([features], seed: 2), epsilon: epsilon),
        LayerNorm(scale: draw([features], seed: 2), shift: draw([features], seed: 3), epsilon: epsilon),
      ]
      for layer in layers {
        #expect(layer(x).array.isClose(to: composition(x, layer).array, relative: 1e-12, absolute: 1e-14))
        let slope = gradient(at: layer) { $0(x).square().sum() }
        let other = gradient(at: layer) { composition(x, $0).square().sum() }
        #expect((slope - other).norm < 1e-10)
      }
    }
  }

  @Test func derivatives() {
    let layer = LayerNorm(scale: draw([4], seed: 2), shift: draw([4], seed: 3), epsilon: 0.01)
    let x = draw([2, 3, 4])
    let byInput = checkGradients(at: x, everyElement: true) { layer($0).tanh() }
    #expect(byInput.passes, "\(byInput)")
    let byParameters = checkGradients(at: layer, everyElement: true) { $0(x).tanh() }
    #expect(byParameters.passes, "\(byParameters)")
    let third = checkGradients(at: x) { x in gradient(at: x) { layer($0).pow(3).sum() } }
    #expect(third.passes, "\(third)")
  }

  @Test func agreesWithAnotherSystem() throws {
    try GoldenLayer("layer_norm_plain").check(["x"]) { LayerNorm(4, scale: false, shift: false, .float64)($0[0]) }
    try GoldenLayer("layer_norm_last").check(["x", "weight", "bias"]) { LayerNorm(scale: $0[1], shift: $0[2])($0[0]) }
  }

  /// Mean 0 and variance 1, also far from zero; rows without spread give zeros and finite derivatives.
  @Test func momentsAndConstants() {
    for type in ElementType.allCases {
      let y = LayerNorm(64, epsilon: 0, type)(draw([8, 64], type) + 1000).array.cast(to: .float64)
      #expect(y.mean(axes: -1).magnitude().max().item < (type == .float32 ? 1e-4 : 1e-12))
      #expect((y.variance(axes: -1) - 1).magnitude().max().item < (type == .float32 ? 1e-4 : 1e-12))
    }
    let slope = gradient(at: Tensor.full([2, 4], 3)) { LayerNorm(4)($0).square().sum() }
    #expect(slope.array == NDArray.zeros([2, 4]))
    #expect(LayerNorm(4)(Tensor.full([2, 4], 3)).array == NDArray.zeros([2, 4]))
    #expect(LayerNorm(4)(Tensor.ones([0, 4])).shape == [0, 4])
    let bare = LayerNorm(4, epsilon: 0)(Tensor.full([1, 4], 3)).array.scalars(as: Double.self)
    #expect(bare.allSatisfy { $0.isNaN }, "no spread and no epsilon: zero by zero")
  }

  /// Several axes together, as PyTorch's `normalized_shape` has them.
  @Test func severalAxes() throws {
    try GoldenLayer("layer_norm_two").check(["x", "weight", "bias"]) {
      LayerNorm(scale: $0[1], shift: $0[2], epsilon: 1e-3)($0[0])
    }
    let x = draw([2, 5, 3, 4])
    for layer in [
      LayerNorm([3, 4], .float64), LayerNorm([3, 4], scale: false, shift: false, .float64), LayerNorm([5, 3, 4], .float64),
      LayerNorm([3, 4], scale: false, epsilon: 0.1, .float64), LayerNorm(scale: draw([2, 5, 3, 4], seed: 2)),
    ] {
      let axes = Array((4 - layer.shape.count)..<4)
      let deviations = x - x.mean(axes: axes, keepingAxes: true)
      let normal = deviations / (x.variance(axes: axes, keepingAxes: true) + layer.epsilon).squareRoot()
      let expected = normal * (layer.scale ?? Tensor(1, .float64)) + (layer.shift ?? Tensor(0, .float64))
      #expect(layer(x).array.isClose(to: expected.array, relative: 1e-12, absolute: 1e-14))
      #expect(layer.features == layer.shape.reduce(1, *) && layer(x).shape == x.shape)
    }
    #expect(LayerNorm([4], .float64)(x).array == LayerNorm(4, .float64)(x).array)
    for framework in Framework.allCases {
      let layer = LayerNorm(scale: draw([3, 4], seed: 2), shift: draw([3, 4], seed: 3))
      let again = try LayerNorm(layer.weights(for: framework), from: framework)
      #expect(again.shape == [3, 4] && again.scale?.array == layer.scale?.array && again.shift?.array == layer.shift?.array)
    }
  }

  @Test func misuseOfSeveralAxes() async {
    let input = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LayerNorm([3, 4])(Tensor.ones([4, 3]))
    }
    #expect(stopSentence(input) == "LayerNorm: an input of shape [4, 3] does not end with axes of extents [3, 4]")
    let scale = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var layer = LayerNorm([3, 4])
      layer.scale = Tensor.ones([4, 3])
      _ = layer(Tensor.ones([3, 4]))
    }
    #expect(stopSentence(scale) == "LayerNorm: a scale of shape [4, 3] does not fit axes of extents [3, 4]")
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = LayerNorm([3, 0]) }
    #expect(stopSentence(shape) == "LayerNorm: axes of extents [3, 0] do not make a layer")
  }

  @Test func names() {
    #expect(LayerNorm(4).parameters.map(\.name) == ["scale", "shift"] && LayerNorm(4).audit() == nil)
    #expect(LayerNorm(4, shift: false).parameters.map(\.name) == ["scale"])
  }

  @Test func misuseMessages() async {
    let input = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LayerNorm(4)(Tensor.ones([4, 3]))
    }
    #expect(stopSentence(input) == "LayerNorm: an input of shape [4, 3] does not have 4 features")
    let scale = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var layer = LayerNorm(4)
      layer.scale = Tensor.ones([2])
      _ = layer(Tensor.ones([3, 4]))
    }
    #expect(stopSentence(scale) == "layerNorm: a scale of shape [2] does not fit the rows of shape [3, 4]")
    let features = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = LayerNorm(0) }
    #expect(stopSentence(features) == "LayerNorm: 0 features do not make a layer")
    let epsilon = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LayerNorm(4, epsilon: -1)
    }
    #expect(stopSentence(epsilon) == "LayerNorm: an epsilon of -1.0 is negative or not finite")
    let shift = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LayerNorm(scale: Tensor.ones([4]), shift: Tensor.ones([3]))
    }
    #expect(stopSentence(shift) == "LayerNorm: a scale of shape [4] and a shift of shape [3] do not fit the features")
  }
}
