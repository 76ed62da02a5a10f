internal import UnrollAutograd

/// The cells of a recurrent layer, by layer and direction, with the names that a framework gives their weights.
struct CellStack {
  var layers: [[CellWeights]]
  /// Whether this is a single cell, not a layer over time.
  var isCell = false

  /// The tensors under the framework's names; nil if the framework has no such cells.
  func exported(to framework: Framework, original: (String) -> Tensor?) -> NamedTensors? {
    for cells in layers { for cell in cells where !exists(cell.kind, in: framework) { return nil } }
    return layers.indices.flatMap { layer in
      let directions = layers[layer].indices
      func name(_ local: String, _ direction: Int) -> String {
        names(framework)(local, layer: layer, direction: direction)
      }
      if framework != .onnx {
        return directions.flatMap { direction in
          layers[layer][direction].exported(to: framework) { original(name($0, direction)) }
            .map { (name($0.name, direction), $0.tensor) }
        }
      }
      let parts = paddedBiases(layers[layer]).enumerated().map { direction, cell in
        cell.exported(to: framework) { original(name($0, direction))?[direction] }
      }
      return parts[0].indices.map { i in (name(parts[0][i].name, 0), .stack(parts.map { $0[i].tensor })) }
    }
  }

  /// PyTorch has projections only in layers, not in single cells.
  private func exists(_ kind: CellKind, in framework: Framework) -> Bool {
    kind.order(in: framework) != nil && !(isCell && kind == .projectedLSTM)
  }

  /// Loads tensors with the names and shapes that `exported` returns.
  mutating func take(from framework: Framework, _ tensors: (String) -> Tensor?) {
    let names = names(framework)
    for layer in layers.indices {
      for direction in layers[layer].indices {
        layers[layer][direction].take(from: framework) { local in
          let tensor = tensors(names(local, layer: layer, direction: direction))
          return framework == .onnx ? tensor?[direction] : tensor
        }
      }
    }
  }

  private func names(_ framework: Framework) -> CellNames {
    CellNames(framework: framework, layerCount: layers.count, isBidirectional: layers[0].count == 2, isCell: isCell)
  }

  /// Pads missing biases with zeros: ONNX has biases for both directions or for neither.
  private func paddedBiases(_ cells: [CellWeights]) -> [CellWeights] {
    if !cells.contains(where: \.hasBias) { return cells }
    return cells.map { cell in
      var cell = cell
      if !cell.hasBias { cell.merge(cell.biases(like: nil)) }
      return cell
    }
  }
}

/// A framework's names for the weights of a cell in a stack.
struct CellNames {
  let framework: Framework
  let layerCount: Int
  let isBidirectional: Bool
  var isCell = false

  func callAsFunction(_ local: String, layer: Int, direction: Int) -> String {
    if framework == .pytorch { return isCell ? local : "\(local)_l\(layer)\(direction == 1 ? "_reverse" : "")" }
    let cell = layerCount > 1 ? "cell\(layer)." : ""
    if framework == .onnx || !isBidirectional { return cell + local }
    return cell + (direction == 0 ? "forward." : "backward.") + local
  }
}
