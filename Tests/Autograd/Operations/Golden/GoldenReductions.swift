import UnrollArrays
import UnrollAutograd
import UnrollFiles

/// Reductions, what is normalised by them, and products.
let goldenReductions: [String: GoldenFunction] = [
  "argmax": { $0.position { $0.argmax(axis: $1) } },
  "argmin": { $0.position { $0.argmin(axis: $1) } },
  "cumsum": { [$0["x"].cumulativeSum(axis: $0.integer("axis"), reversed: $0.truth("reverse"))] },
  "einsum": { [Tensor.einsum($0.config["equation"]?.string ?? "", $0.operands)] },
  "layer_norm": layerNorm,
  "linear": { inputs in
    let (x, weights) = (inputs["x"], inputs["weight"].transposed())
    return [inputs.tensors["bias"].map { x.affine(weights, bias: $0) } ?? x.matmul(weights)]
  },
  "log_softmax": { [$0["x"].logSoftmax(axis: $0.integer("axis"))] },
  "logsumexp": {
    $0.along({ $0.logSumExp() }, { $0.logSumExp(axes: $1, keepingAxes: $2) }, { $0.logSumExp(axes: $1, $2, keepingAxes: $3) })
  },
  "matmul": { [$0["a"].matmul($0["b"])] },
  "max": { $0.along({ $0.max() }, { $0.max(axes: $1, keepingAxes: $2) }, { $0.max(axes: $1, $2, keepingAxes: $3) }) },
  "mean": { [$0["x"].mean(axes: $0.integers("axes"), keepingAxes: $0.truth("keepdim"))] },
  "min": { $0.along({ $0.min() }, { $0.min(axes: $1, keepingAxes: $2) }, { $0.min(axes: $1, $2, keepingAxes: $3) }) },
  "norm": { $0.along({ $0.norm() }, { $0.norm(axes: $1, keepingAxes: $2) }, { $0.norm(axes: $1, $2, keepingAxes: $3) }) },
  "prod": { [$0["x"].product(axis: $0.integer("axis"), keepingAxes: $0.truth("keepdim"))] },
  "softmax": { [$0["x"].softmax(axis: $0.integer("axis"))] },
  "std": { inputs in
    let correction = inputs.integer("correction")
    return inputs.along(
      { $0.standardDeviation(correction: correction) },
      { $0.standardDeviation(axes: $1, correction: correction, keepingAxes: $2) },
      { $0.standardDeviation(axes: $1, $2, correction: correction, keepingAxes: $3) })
  },
  "sum": { [$0["x"].sum(axes: $0.integers("axes"), keepingAxes: $0.truth("keepdim"))] },
  "var": { inputs in
    let correction = inputs.integer("correction")
    return inputs.along(
      { $0.variance(correction: correction) },
      { $0.variance(axes: $1, correction: correction, keepingAxes: $2) },
      { $0.variance(axes: $1, $2, correction: correction, keepingAxes: $3) })
  },
]

/// The last axes normalised to mean 0 and variance 1, the biased variance, then scaled and shifted.
private let layerNorm: GoldenFunction = { inputs in
  let x = inputs["x"]
  let axes = inputs.integers("normalized_shape").indices.map { -1 - $0 }
  if axes == [-1] {
    return [x.layerNorm(scale: inputs.tensors["weight"], shift: inputs.tensors["bias"], epsilon: inputs.number("eps") ?? .nan)]
  }
  let deviations = x - x.mean(axes: axes, keepingAxes: true)
  let variance = deviations.square().mean(axes: axes, keepingAxes: true)
  let normal = deviations * (variance + (inputs.number("eps") ?? .nan)).reciprocalSquareRoot()
  guard let weight = inputs.tensors["weight"], let bias = inputs.tensors["bias"] else { return [normal] }
  return [normal * weight + bias]
}

extension GoldenInputs {
  /// A reduction of all three axes, of one or of two: lists of axes cannot be handed to a function of variable arguments.
  fileprivate func along(
    _ all: (Tensor) -> Tensor, _ one: (Tensor, Int, Bool) -> Tensor, _ two: (Tensor, Int, Int, Bool) -> Tensor
  ) -> [Tensor] {
    let (axes, keeps) = (integers("axes"), truth("keepdim"))
    return switch axes.count {
    case 1: [one(self["x"], axes[0], keeps)]
    case 2: [two(self["x"], axes[0], axes[1], keeps)]
    default: [all(self["x"])]
    }
  }

  fileprivate func position(_ find: (Tensor, Int) -> Indices) -> [Tensor] {
    let axis = integer("axis")
    let found = find(self["x"], axis)
    let result = Tensor(found.values.map { Double($0) }, shape: found.shape)
    return [truth("keepdim") ? result.expandingAxis(axis) : result]
  }
}
