import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// Layers, and networks by name.
let layerEntrances: [Entrance] = [
  Entrance("Linear") { m in
    var generator = m.generator()
    let (inputs, outputs) = (m.extent(1...5), m.extent(1...5))
    var layer = Linear(
      m.integer("inputs", inputs), m.integer("outputs", outputs), bias: m.flag("bias"), m.type, using: &generator)
    m.damage(&layer)
    let x = m.tensor("x", Shape(m.freeShape(0...2, from: 0) + [inputs]))
    m.differentiate(Two(first: layer, second: x)) { $0.first($0.second) }
  },
  Entrance("Linear of weights") { m in
    let layer = Linear(weight: m.tensor("weight", [3, 4]), bias: m.tensor("bias", [4]))
    let x = m.tensor("x", [2, 3])
    m.differentiate(Two(first: layer, second: x)) { $0.first($0.second) }
  },
  Entrance("LayerNorm") { m in
    let features = m.extent(1...20)
    var layer = LayerNorm(
      m.integer("features", features), scale: m.flag("scale"), shift: m.flag("shift"), epsilon: m.number("ε", in: 1e-5...0.1),
      m.type)
    m.damage(&layer)
    let x = m.tensor("x", Shape(m.freeShape(0...2, from: 0) + [features]))
    m.differentiate(Two(first: layer, second: x)) { $0.first($0.second) }
  },
  Entrance("LayerNorm of factors") { m in
    let layer = LayerNorm(scale: m.tensor("scale", [3]), shift: m.tensor("shift", [3]))
    let x = m.tensor("x", [2, 3])
    m.differentiate(Two(first: layer, second: x)) { $0.first($0.second) }
  },
  Entrance("Embedding") { m in
    var generator = m.generator()
    let (vocabulary, padding) = (m.extent(1...5), m.chance(2) ? m.integer("padding", 0) : nil)
    var layer = Embedding(
      m.integer("vocabulary", vocabulary), m.integer("features", in: 1...4), padding: padding, m.type, using: &generator)
    m.damage(&layer)
    let ids = m.indices("ids", m.freeShape(0...2, from: 0), below: vocabulary)
    let (rate, start) = (m.number("dropout", in: 0...0.9), generator)
    m.differentiate(layer) { layer in
      var generator = start
      return layer(ids, dropout: rate, using: &generator)
    }
  },
  Entrance("Dropout") { m in
    var generator = m.generator()
    let dropout = Dropout(m.number("rate", in: 0...0.9))
    let x = m.tensor("x", m.freeShape(0...3, from: 0))
    let y = dropout(x, using: &generator)
    m.expect(y.shape == x.shape && y.type == x.type, "an output of shape \(y.shape)")
    let shape = m.anyShape("sequence", [2, 3, 4])
    let mask = dropout.lockedMask(shape, m.type, timeAxis: m.axis("time axis", shape.count), using: &generator)
    m.expect(mask.shape.filter { $0 == 1 }.count == 1, "a mask of shape \(mask.shape)")
  },
  Entrance("Sequential") { m in
    var generator = m.generator()
    let type = m.type
    var network = Sequential(
      Linear(3, 4, type, using: &generator), Activation.relu, LayerNorm(m.integer("features", 4), type),
      Linear(4, 2, type, using: &generator))
    m.damage(&network)
    let x = m.tensor("x", [2, 3])
    m.differentiate(Two(first: network, second: x)) { $0.first($0.second) }
  },
  Entrance("Activation") { m in
    let x = m.tensor("x", m.freeShape(0...2, from: 0))
    let bound = m.number("bound", in: 0.1...2)
    let activation = Activation.custom { $0.tanh() }.clippingArguments(to: bound)
    m.differentiate([x], shape: x.shape) { [activation($0[0])] }
  },
  Entrance("Recurrent of cells") { m in
    var generator = m.generator()
    let widths = (m.integer("width", 4), m.integer("width", 4))
    let type = m.type
    let forward = [LSTMCell(3, widths.0, type, using: &generator), LSTMCell(4, 4, type, using: &generator)]
    let backward = m.chance(2) ? [] : [LSTMCell(3, widths.1, type, using: &generator), LSTMCell(4, 4, type, using: &generator)]
    let layer = Recurrent(
      forward: Array(forward.prefix(m.integer("layers", 2) & 0xFF)), backward: backward, merge: .sum,
      isReversed: m.integer("reversed", 0) != 0)
    m.mayStop()
    m.note("\(layer(m.tensor("x", [2, 5, 3])).outputs.shape)")
  },
  network("LSTM") { m, inputs, hidden, type, generator in
    let bias = m.number("bias", in: 0...2)
    return LSTM(inputs, hidden, layers: m.count("layers", in: 1...2)) {
      LSTMCell($0, $1, forgetBias: bias, type, using: &generator)
    }
  },
  network("GRU") { GRU($1, $2, layers: $0.count("layers", in: 1...2), $3, using: &$4) },
  network("RNN") { RNN($1, $2, layers: $0.count("layers", in: 1...2), $3, using: &$4) },
  network("PeepholeLSTM") { PeepholeLSTM($1, $2, layers: $0.count("layers", in: 1...2), $3, using: &$4) },
  network("LayerNormLSTM") { m, inputs, hidden, type, generator in
    let epsilon = m.number("ε", in: 0.01...1)
    return LayerNormLSTM(inputs, hidden, layers: m.count("layers", in: 1...2)) {
      LayerNormLSTMCell($0, $1, epsilon: epsilon, type, using: &generator)
    }
  },
  network("LayerNormGRU") { m, inputs, hidden, type, generator in
    let epsilon = m.number("ε", in: 0.01...1)
    return LayerNormGRU(inputs, hidden, layers: m.count("layers", in: 1...2)) {
      LayerNormGRUCell($0, $1, epsilon: epsilon, type, using: &generator)
    }
  },
  network("LayerNormRNN") { m, inputs, hidden, type, generator in
    let epsilon = m.number("ε", in: 0.01...1)
    return LayerNormRNN(inputs, hidden, layers: m.count("layers", in: 1...2)) {
      LayerNormRNNCell($0, $1, epsilon: epsilon, type, using: &generator)
    }
  },
  network("ProjectedLSTM") { m, inputs, hidden, type, generator in
    let memory = m.integer("memory", 6)
    return ProjectedLSTM(inputs, hidden, layers: m.count("layers", in: 1...2)) {
      ProjectedLSTMCell($0, $1, memory: memory, type, using: &generator)
    }
  },
  network("CoupledLSTM") { CoupledLSTM($1, $2, layers: $0.count("layers", in: 1...2), $3, using: &$4) },
  network("MGU") { MGU($1, $2, layers: $0.count("layers", in: 1...2), $3, using: &$4) },
  network("IndRNN") { IndRNN($1, $2, layers: $0.count("layers", in: 1...2), $3, using: &$4) },
  stack("JANET") { JANETCell($0, $1, $2, using: &$3) },
  stack("LiGRU") { LiGRUCell($0, $1, $2, using: &$3) },
  stack("AntisymmetricRNN") { AntisymmetricRNNCell($0, $1, $2, using: &$3) },
  stack("CoRNN") { CoRNNCell($0, $1, $2, using: &$3) },
  stack("LEM") { LEMCell($0, $1, $2, using: &$3) },
  stack("MinGRU") { MinGRUCell($0, $1, $2, using: &$3) },
  stack("MinLSTM") { MinLSTMCell($0, $1, $2, using: &$3) },
  stack("SRU") { SRUCell($0, $1, $2, using: &$3) },
  stack("QRNN") { QRNNCell($0, $1, $2, using: &$3) },
  stack("RGLRU") { RGLRUCell($0, $1, $2, using: &$3) },
  stack("LRU") { LRUCell($0, $1, $2, using: &$3) },
  stack("SLSTM") { SLSTMCell($0, $1, $2, using: &$3) },
  stack("MLSTM") { MLSTMCell($0, $1, $2, using: &$3) },
  network("CfC") { m, inputs, hidden, type, generator in
    // A gap alone is no input.
    m.mayStop()
    return Recurrent(inputs, [hidden]) { CfCCell($0, $1, type, using: &generator) }
  },
  network("GRUD") { m, inputs, hidden, type, generator in
    m.mayStop()
    return Recurrent(inputs, [hidden]) { GRUDCell($0, $1, type, using: &generator) }
  },
]

/// A network of layers that a closure makes, and run.
private func stack<Cell: RecurrentCell>(
  _ name: String, _ make: @escaping @Sendable (Int, Int, ElementType, inout Generator) -> Cell
) -> Entrance {
  network(name) { m, inputs, hidden, type, generator in
    let sizes = Array(repeating: hidden, count: max(1, m.extent(1...2)))
    return Recurrent(inputs, sizes) { make($0, $1, type, &generator) }
  }
}

/// A network made by its name, and run.
private func network<Cell: RecurrentCell>(
  _ name: String, _ make: @escaping @Sendable (inout Mischief, Int, Int, ElementType, inout Generator) -> Recurrent<Cell>
) -> Entrance {
  Entrance(name) { m in
    var generator = m.generator()
    let type = m.type
    let (inputs, hidden) = (m.integer("inputs", 3), m.integer("hidden", in: 1...6))
    let layer = make(&m, inputs, hidden, type, &generator)
    let x = m.tensor("x", [2, 5, 3])
    let (outputs, _) = layer(x)
    m.accepted()
    m.expect(outputs.shape == Shape(x.shape.dropLast() + [layer.outputSize]), "outputs of shape \(outputs.shape)")
    m.expect(outputs.type == x.type, "outputs of \(outputs.type)")
  }
}
