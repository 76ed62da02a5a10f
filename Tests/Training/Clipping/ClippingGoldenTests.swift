import Testing
import UnrollArrays
import UnrollFiles
import UnrollNetworks
import UnrollTraining

/// Gradients clipped by PyTorch and optax.
@Suite struct ClippingGoldenTests {
  private typealias Clip = @Sendable (inout Affine, TrainingCase) throws -> ClippingReport?

  /// How the library does what each function of the files does.
  private static let rows: [String: Clip] = [
    "clip_grad_norm_": { gradient, file in
      let order = file.config["norm_type"]?.string == "inf" ? Double.infinity : try file.number("norm_type")
      return try gradient.clip(norm: file.number("max_norm"), order: order, epsilon: 1e-6, whenNotFinite: .throwing)
    },
    "optax.clip_by_global_norm": { gradient, file in
      try gradient.clip(norm: file.number("max_norm"), whenNotFinite: .throwing)
    },
    "clip_grad_value_": { gradient, file in
      gradient = gradient.clipped(value: try file.number("clip_value"))
      return nil
    },
  ]

  @Test func everyFileHasARow() throws {
    let names = TrainingCase.names(in: "clipping")
    #expect(names.count == 13)
    for name in names {
      let function = try TrainingCase("clipping", name).config["function"]?.string ?? ""
      #expect(ClippingGoldenTests.rows[function] != nil, "\(name): \(function)")
    }
  }

  @Test(arguments: TrainingCase.names(in: "clipping"), [ElementType.float64, .float32])
  func clippedGradientsAgree(name: String, type: ElementType) throws {
    // Its numbers are beyond float32.
    if name == "norm_huge" && type == .float32 { return }
    let file = try TrainingCase("clipping", name)
    var gradient = Affine(try file.array("weight"), try file.array("bias"), try file.array("scalar")).cast(to: type)
    let clip = try #require(ClippingGoldenTests.rows[file.config["function"]?.string ?? ""])
    let report = try clip(&gradient, file)
    let expected = Affine(try file.array("out.weight"), try file.array("out.bias"), try file.array("out.scalar"))
    let relative = type == .float64 ? 1e-9 : 1e-5
    let absolute = type == .float64 ? 1e-12 : 1e-6
    expectClose(gradient.cast(to: .float64), expected, relative: relative, absolute: absolute)
    if let report {
      let norm = try file.array("out.total_norm").item
      #expect(abs(report.norm - norm) <= relative * norm)
      #expect((report.scale < 1) == (norm > (try file.number("max_norm"))))
    }
  }
}
