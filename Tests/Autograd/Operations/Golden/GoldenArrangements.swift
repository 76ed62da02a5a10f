import UnrollArrays
import UnrollAutograd
import UnrollFiles

/// Other arrangements of the same elements, and elements taken by number.
let goldenArrangements: [String: GoldenFunction] = [
  "concat": { [Tensor.concatenate($0.operands, axis: $0.integer("axis"))] },
  "embedding": { inputs in
    var table = inputs["weight"]
    if let padding = inputs.number("padding_idx") {
      // The row of the padding is looked up as a constant.
      let isPadding = (0..<table.shape[0]).map { $0 == Int(padding) }
      table = Tensor.select(Mask(isPadding, shape: [table.shape[0], 1]), table.detached(), table)
    }
    return [table.gathered(rows: inputs.indices("ids"))]
  },
  "expand": { [$0["x"].broadcast(to: Shape($0.integers("shape")))] },
  "flip": { [$0["x"].flipped($0.integers("axes"))] },
  "gather": { [$0["x"].gathered(elements: $0.indices("index"), axis: $0.integer("axis"))] },
  "index_select": { [$0["x"].gathered(positions: $0.indices("index"), axis: $0.integer("axis"))] },
  "pad": { inputs in
    let margins = (inputs.config["pads"]?.elements ?? []).map { pair in
      (before: Int(pair.elements[0].integer ?? -1), after: Int(pair.elements[1].integer ?? -1))
    }
    return [inputs["x"].padded(margins, with: inputs.number("value") ?? .nan)]
  },
  "permute": { [$0["x"].permuted($0.integers("axes"))] },
  "permute_reshape": { [$0["x"].permuted($0.integers("axes")).reshaped(Shape($0.integers("shape")))] },
  "repeat": { [$0["x"].tiled($0.integers("repeats"))] },
  "reshape": { [$0["x"].reshaped(Shape($0.integers("shape")))] },
  "scatter_add": { [$0["x"].scatteredAdding($0["source"], elements: $0.indices("index"), axis: $0.integer("axis"))] },
  "slice": { inputs in
    let selections = (inputs.config["slices"]?.elements ?? []).map { slice in
      let bounds = slice.elements.map { $0.integer.map { Int($0) } }
      return AxisSelection.every(bounds[2] ?? 1, from: bounds[0], to: bounds[1])
    }
    return [inputs["x"][selections[0], selections[1]]]
  },
  "split": { $0["x"].split($0.integers("sizes"), axis: $0.integer("axis")) },
  "stack": { [Tensor.stack($0.operands, axis: $0.integer("axis"))] },
  "transpose": { [$0["x"].transposed($0.integers("axes")[0], $0.integers("axes")[1])] },
]
