import UnrollArrays
import UnrollAutograd

/// Small models, and derivatives of derivatives.
let goldenModels: [String: GoldenFunction] = [
  "tanh_mlp": { inputs in
    let predicted = twoLayers(inputs, inputs["x"])
    return [(predicted - inputs["y"]).square().mean()]
  },
  "gradient_penalty": { inputs in
    let slope = gradient(at: inputs["x"]) { x in twoLayers(inputs, x).sum() }
    return [(slope.norm(axes: -1) - 1).square().mean()]
  },
  "lstm_step": { inputs in
    let gates = (inputGates(inputs) + stateGates(inputs)).chunks(4, axis: -1)
    let cell = gates[1].sigmoid() * inputs["c0"] + gates[0].sigmoid() * gates[2].tanh()
    return [gates[3].sigmoid() * cell.tanh(), cell]
  },
  "gru_step": { inputs in
    let (x, h) = (inputGates(inputs).chunks(3, axis: -1), stateGates(inputs).chunks(3, axis: -1))
    let (reset, update) = ((x[0] + h[0]).sigmoid(), (x[1] + h[1]).sigmoid())
    let candidate = (x[2] + reset * h[2]).tanh()
    return [(1 - update) * candidate + update * inputs["h0"]]
  },
  "high_orders": { inputs in
    inputs.strings("operations").flatMap { name in
      (0...inputs.integer("orders")).map { order in
        goldenUnary[name].map { derivative(order, inputs["x"], $0) } ?? Tensor(.nan, .float64)
      }
    }
  },
]

private func twoLayers(_ inputs: GoldenInputs, _ x: Tensor) -> Tensor {
  let hidden = x.affine(inputs["w1"].transposed(), bias: inputs["b1"]).tanh()
  return hidden.affine(inputs["w2"].transposed(), bias: inputs["b2"])
}

private func inputGates(_ inputs: GoldenInputs) -> Tensor {
  inputs["x"].affine(inputs["weight_ih"].transposed(), bias: inputs["bias_ih"])
}

private func stateGates(_ inputs: GoldenInputs) -> Tensor {
  inputs["h0"].affine(inputs["weight_hh"].transposed(), bias: inputs["bias_hh"])
}

/// The derivative of so many orders at every element.
private func derivative(_ order: Int, _ x: Tensor, _ f: (Tensor) -> Tensor) -> Tensor {
  order == 0 ? f(x) : gradient(at: x) { x in derivative(order - 1, x, f).sum() }
}
