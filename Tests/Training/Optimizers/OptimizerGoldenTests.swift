import Testing
import UnrollArrays
import UnrollNetworks
import UnrollTraining

/// The trajectories of PyTorch's optimizers: its gradients go in, its parameters come out.
@Suite struct OptimizerGoldenTests {
  private typealias Make = @Sendable (Affine, TrainingCase) throws -> any Optimizer<Affine>

  /// How the library makes each optimizer of the files.
  private static let rows: [String: Make] = [
    "SGD": { model, file in
      let options = try #require(file.config["effective"])
      return SGD(
        for: model, learningRate: try #require(options["lr"]?.double), momentum: try #require(options["momentum"]?.double),
        dampening: try #require(options["dampening"]?.double), nesterov: options["nesterov"]?.truth == true,
        weightDecay: try #require(options["weight_decay"]?.double))
    },
    "Adam": { model, file in try adam(model, file) },
    "AdamW": { model, file in try adam(model, file) },
  ]

  private static func adam(_ model: Affine, _ file: TrainingCase) throws -> Adam<Affine> {
    let options = try #require(file.config["effective"])
    let betas = try #require(options["betas"]).elements.compactMap(\.double)
    let decay = try #require(options["weight_decay"]?.double)
    let isDecoupled = options["decoupled_weight_decay"]?.truth == true
    #expect(options["amsgrad"]?.truth == false)
    return Adam(
      for: model, learningRate: try #require(options["lr"]?.double), betas: (betas[0], betas[1]),
      epsilon: try #require(options["eps"]?.double), weightDecay: isDecoupled ? 0 : decay,
      decoupledDecay: isDecoupled ? decay : 0)
  }

  @Test func everyFileHasARow() throws {
    let names = TrainingCase.names(in: "optimizers")
    #expect(names.count == 9)
    for name in names {
      let optimizer = try TrainingCase("optimizers", name).config["optimizer"]?.string ?? ""
      #expect(OptimizerGoldenTests.rows[optimizer] != nil, "\(name): \(optimizer)")
    }
  }

  @Test(arguments: TrainingCase.names(in: "optimizers"), [ElementType.float64, .float32])
  func everyStepAgrees(name: String, type: ElementType) throws {
    let file = try TrainingCase("optimizers", name)
    let (ws, bs) = (try file.array("params.w"), try file.array("params.b"))
    let (wSlopes, bSlopes) = (try file.array("grads.w"), try file.array("grads.b"))
    var model = Affine(ws[0], bs[0]).cast(to: type)
    let make = try #require(OptimizerGoldenTests.rows[file.config["optimizer"]?.string ?? ""])
    var optimizer = try make(model, file)
    #expect(wSlopes.shape[0] == 15)
    for step in 0..<wSlopes.shape[0] {
      optimizer.update(&model, along: Affine(wSlopes[step], bSlopes[step]).cast(to: type))
      let expected = Affine(ws[step + 1], bs[step + 1])
      if type == .float64 {
        expectClose(model, expected, "step \(step)")
      } else {
        expectClose(model.cast(to: .float64), expected, relative: 1e-5, absolute: 1e-6, "step \(step)")
      }
    }
  }
}
