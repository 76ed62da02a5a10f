import UnrollArrays
import UnrollAutograd

/// Forward and backward through three layers of 1024 units at batch 256: whether a walk costs only its arithmetic, and keeps
/// only what it needs.
struct PerceptronCases {
  static let (batch, width, layers) = (256, 1024, 3)

  static func run(into report: inout Report) {
    let x = Tensor(noise([batch, width], .float32, seed: 1))
    let target = Tensor(noise([batch, width], .float32, seed: 2))
    var parameters: [Tensor] = []
    for layer in 0..<layers {
      parameters.append(Tensor(noise([width, width], .float32, seed: UInt64(3 + layer)) * 0.03))
      parameters.append(Tensor.zeros([width]))
    }
    let held = MemoryPool.figures.bytesInUse
    var measurement = report.measure(budget: 2) { _ = step(parameters, x, target) }
    // All products of forward, and both products of each layer's backward except the gradient by the input.
    let products = Double(layers + 2 * layers - 1)
    let flops = 2 * Double(batch * width * width) * products
    measurement.figures = [
      ("ms", measurement.median * 1e3), ("gflops", flops / measurement.median * 1e-9),
      ("peak_mb", Double(MemoryPool.figures.peakBytesInUse - held) / 1e6), ("held_mb", Double(held) / 1e6),
    ]
    report.add("mlp", "256x1024x3", measurement)
  }

  private static func step(_ parameters: [Tensor], _ x: Tensor, _ target: Tensor) -> [Tensor] {
    gradient(at: parameters) { parameters in
      var h = x
      for layer in 0..<layers { h = h.affine(parameters[2 * layer], bias: parameters[2 * layer + 1]).tanh() }
      return (h - target).square().mean()
    }
  }
}
