import Testing
import UnrollArrays
import UnrollAutograd

/// Slopes where rules divide by zero, overflow or lose digits unless they take care.
@Suite struct EdgeTests {
  struct Edge: Sendable, CustomTestStringConvertible {
    let name: String
    let x: Double
    let slope: Double
    let curvature: Double
    let function: @Sendable (Tensor) -> Tensor

    init(_ name: String, at x: Double, _ slope: Double, _ curvature: Double, _ function: @escaping @Sendable (Tensor) -> Tensor)
    {
      self.name = name
      self.x = x
      self.slope = slope
      self.curvature = curvature
      self.function = function
    }

    var testDescription: String { "\(name) at \(x)" }
  }

  static let edges: [Edge] = [
    Edge("pow 0", at: 0, 0, 0) { $0.pow(0) },
    Edge("pow 1", at: 0, 1, 0) { $0.pow(1) },
    Edge("pow 2", at: 0, 0, 2) { $0.pow(2) },
    Edge("pow 3", at: 0, 0, 0) { $0.pow(3) },
    Edge("pow tensor 0", at: 0, 0, 0) { $0.pow(Tensor(0, .float64)) },
    Edge("pow tensor 0", at: 0x1p-1070, 0, 0) { $0.pow(Tensor(0, .float64)) },
    Edge("pow tensor 2", at: 0, 0, 2) { $0.pow(Tensor(2, .float64)) },
    Edge("0 to the power", at: 2, 0, 0) { Tensor(0, .float64).pow($0) },
    Edge("magnitude", at: 0, 0, 0) { $0.magnitude() },
    Edge("relu", at: 0, 0, 0) { $0.relu() },
    Edge("relu", at: -0.0, 0, 0) { $0.relu() },
    Edge("elu", at: 0, 2, 2) { $0.elu(alpha: 2) },
    Edge("norm", at: 0, 0, 1) { $0.norm() },
    Edge("product", at: 0, 0, 2) { Tensor.stack([$0, $0, $0 + 1]).product() },
    Edge("maximum of itself", at: 3, 1, 0) { $0.maximum($0) },
    Edge("max of itself", at: 3, 1, 0) { Tensor.stack([$0, $0]).max() },
    Edge("silu", at: 1e200, 1, 0) { $0.silu() },
    Edge("gelu", at: 1e200, 1, 0) { $0.gelu() },
    Edge("geluByTanh", at: 1e200, 1, 0) { $0.geluByTanh() },
    Edge("geluByTanh", at: -1e200, 0, 0) { $0.geluByTanh() },
    Edge("mish", at: 1e200, 1, 0) { $0.mish() },
    Edge("mish", at: -1e200, 0, 0) { $0.mish() },
    Edge("softplus", at: 1e200, 1, 0) { $0.softplus() },
    Edge("softplus", at: -1e200, 0, 0) { $0.softplus() },
    Edge("elu", at: 1e200, 1, 0) { $0.elu() },
    Edge("selu", at: -1e200, 0, 0) { $0.selu() },
  ]

  @Test(arguments: edges) func slopesAreFinite(_ edge: Edge) {
    let x = Tensor(edge.x, .float64)
    expectClose(gradient(at: x, of: edge.function), Tensor(edge.slope, .float64))
    expectClose(gradient(at: x, allowingNoPath: true) { gradient(at: $0, of: edge.function) }, Tensor(edge.curvature, .float64))
    expectClose(tangent(at: x, along: x.zerosLike + 1, of: edge.function).tangent, Tensor(edge.slope, .float64))
  }

  /// Where x is 1 - d, 1 - x² is d (2 - d) to the last digits, not d rounded to a unit in the last place of one.
  @Test func slopesNearTheEndOfTheDomain() {
    let d = 0x1p-30
    let root = (d * (2 - d)).squareRoot()
    for x in [1 - d, d - 1] {
      let x = Tensor(x, .float64)
      expectClose(gradient(at: x) { $0.arcsin() }, Tensor(1 / root, .float64), relative: 1e-15)
      expectClose(gradient(at: x) { $0.arccos() }, Tensor(-1 / root, .float64), relative: 1e-15)
      expectClose(gradient(at: x) { $0.artanh() }, Tensor(1 / (d * (2 - d)), .float64), relative: 1e-15)
    }
    let x = Tensor(1 + d, .float64)
    expectClose(gradient(at: x.zerosLike + 1) { $0.arcosh() }, Tensor(.infinity, .float64))
    expectClose(gradient(at: x) { $0.arcosh() }, Tensor(1 / (d * (2 + d)).squareRoot(), .float64), relative: 1e-15)
  }

  /// ∂²/∂x∂y xʸ = xʸ⁻¹ (1 + y ln x), in both orders, at exponents of zero too.
  @Test func powersHaveSymmetricSecondDerivatives() {
    let x = Tensor([0.5, 2, 3, 2] as [Double])
    let y = Tensor([0, 0, 1, -1.5] as [Double])
    let expected = x.pow(y - 1) * (y * x.log() + 1)
    expectClose(gradient(at: y) { y in gradient(at: x) { $0.pow(y).sum() }.sum() }, expected)
    expectClose(gradient(at: x) { x in gradient(at: y) { x.pow($0).sum() }.sum() }, expected)
    expectClose(tangent(at: y, along: y * 0 + 1) { y in gradient(at: x) { $0.pow(y).sum() } }.tangent, expected)
  }
}
