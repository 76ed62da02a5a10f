import UnrollArrays
import UnrollAutograd

/// Linear recurrences over time. Files hold the parts of complex numbers as separate arrays.
let goldenRecurrences: [String: GoldenFunction] = [
  "linear_recurrence": { inputs in
    let isComplex = inputs.truth("complex")
    func given(_ name: String) -> Tensor {
      isComplex ? Tensor.concatenate([inputs[name + "_re"], inputs[name + "_im"]], axis: -1) : inputs[name]
    }
    let hasState = inputs.has("h0") || inputs.has("h0_re")
    let h = Tensor.linearRecurrence(
      given("a"), given("b"), from: hasState ? given("h0") : nil, isReversed: inputs.truth("reverse"), isComplex: isComplex)
    return isComplex ? h.chunks(2, axis: -1) : [h]
  }
]
