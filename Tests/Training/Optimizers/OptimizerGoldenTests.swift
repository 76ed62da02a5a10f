import Testing
import UnrollArrays
import UnrollNetworks
import UnrollTraining

/// The trajectories of other systems' optimizers: their gradients go in, their parameters come out.
@Suite struct OptimizerGoldenTests {
  @Test func everyFileHasARow() {
    #expect(OptimizerRow.all.map(\.name).sorted() == TrainingCase.names(in: "optimizers"))
    #expect(OptimizerRow.all.count == 28)
  }

  @Test(arguments: OptimizerRow.all.indices, [ElementType.float64, .float32])
  func everyStepAgrees(row: Int, type: ElementType) throws {
    let row = OptimizerRow.all[row]
    let file = try TrainingCase("optimizers", row.name)
    let (ws, bs) = (try file.array("params.w"), try file.array("params.b"))
    let (wSlopes, bSlopes) = (try file.array("grads.w"), try file.array("grads.b"))
    var model = Affine(ws[0], bs[0]).cast(to: type)
    var optimizer = try row.make(model, Options(file))
    #expect(wSlopes.shape[0] == 15)
    for step in 0..<wSlopes.shape[0] {
      optimizer.update(&model, along: Affine(wSlopes[step], bSlopes[step]).cast(to: type))
      let expected = Affine(ws[step + 1], bs[step + 1])
      if type == .float64 {
        // PyTorch keeps ASGD's rate and NAdam's product of momenta in float32, also for float64 parameters.
        let isRounded = ["asgd", "nadam", "nadam_decoupled"].contains(row.name)
        expectClose(
          model, expected, relative: isRounded ? 0 : 1e-9, absolute: isRounded ? 2e-8 : 1e-12, "\(row.name) step \(step)")
      } else {
        expectClose(model.cast(to: .float64), expected, relative: 1e-5, absolute: 2e-6, "\(row.name) step \(step)")
      }
    }
  }
}
