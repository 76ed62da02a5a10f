import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks

/// Every recurrent layer goes to every framework that has it and is made again from what went out, sizes and all, to the last bit.
@Suite struct WaysOutTests {
  struct Form: CustomStringConvertible {
    let framework: Framework
    let layers: Int
    let isBidirectional: Bool
    let hasBias: Bool
    let merge: Int

    var description: String { "\(framework), \(layers) layers, both ways \(isBidirectional), bias \(hasBias), merge \(merge)" }
  }

  static let forms = Framework.allCases.flatMap { framework in
    [1, 2, 3].flatMap { layers in
      [(false, 0), (true, 0), (true, 1)].flatMap { both, merge in
        [true, false].map {
          Form(framework: framework, layers: layers, isBidirectional: both, hasBias: $0, merge: merge)
        }
      }
    }
  }

  @Test(arguments: forms) func layersComeBack(_ form: Form) throws {
    let (framework, layers, both) = (form.framework, form.layers, form.isBidirectional)
    var generator = Generator(seed: 4)
    let lstm = filled(
      LSTM(
        3, 4, layers: layers, bias: form.hasBias, bidirectional: both, merge: form.merge == 0 ? .concatenate : .sum,
        using: &generator))
    try same(lstm, LSTM(lstm.weights(for: framework), from: framework, merge: lstm.merge))
    let gru = filled(
      GRU(
        3, 4, layers: layers, bias: form.hasBias, bidirectional: both, merge: form.merge == 0 ? .concatenate : .average,
        using: &generator))
    try same(gru, GRU(gru.weights(for: framework), from: framework, merge: gru.merge))
    let rnn = filled(
      RNN(
        3, 4, layers: layers, bias: form.hasBias, bidirectional: both, merge: form.merge == 0 ? .concatenate : .multiply,
        .float64, using: &generator))
    try same(rnn, RNN(rnn.weights(for: framework), from: framework, merge: rnn.merge))
    if framework == .keras || framework == .onnx {
      let before = filled(
        GRU(3, 4, layers: layers, bidirectional: both) {
          GRUCell($0, $1, bias: form.hasBias, reset: .before, using: &generator)
        })
      try same(before, GRU(before.weights(for: framework), from: framework) { $0.reset = .before })
    }
    if framework == .onnx {
      let peephole = filled(PeepholeLSTM(3, 4, layers: layers, bias: form.hasBias, bidirectional: both, using: &generator))
      try same(peephole, PeepholeLSTM(peephole.weights(for: framework), from: framework))
      for hasPeepholes in [true, false] {
        let coupled = filled(
          CoupledLSTM(3, 4, layers: layers, bidirectional: both) {
            CoupledLSTMCell($0, $1, bias: form.hasBias, peepholes: hasPeepholes, using: &generator)
          })
        try same(coupled, CoupledLSTM(coupled.weights(for: framework), from: framework))
      }
    }
    if framework == .pytorch {
      let merge: ProjectedLSTM.Merge = form.merge == 0 ? .concatenate : .sum
      let projected = filled(
        ProjectedLSTM(3, 2, layers: layers, bidirectional: both, merge: merge) {
          ProjectedLSTMCell($0, $1, memory: 4, bias: form.hasBias, using: &generator)
        })
      try same(projected, ProjectedLSTM(projected.weights(for: framework), from: framework, merge: merge))
    }
    if framework == .flax {
      let mgu = filled(MGU(3, 4, layers: layers, bias: form.hasBias, bidirectional: both, using: &generator))
      try same(mgu, MGU(mgu.weights(for: framework), from: framework))
    }
  }

  /// Numbers that tell every place from every other, negative zeros among them.
  private func filled<Model: Module>(_ model: Model) -> Model {
    var generator = Generator(seed: 12)
    return model.mapping { tensor in
      let numbers = NDArray.normal(tensor.shape, .float64, using: &generator).scalars(as: Double.self)
      return Tensor(NDArray(numbers.map { $0 > 1 ? -0.0 : $0 }, shape: tensor.shape).cast(to: tensor.type))
    }
  }

  private func same<Model: Module>(_ a: Model, _ b: Model) throws {
    #expect(a.parameters.map(\.name) == b.parameters.map(\.name))
    for (a, b) in zip(a.parameters, b.parameters) {
      #expect(
        a.tensor.type == b.tensor.type && a.tensor.shape == b.tensor.shape && bits(a.tensor) == bits(b.tensor), "\(a.name)")
    }
  }

  /// The outputs too are the same, not only the numbers.
  @Test func outputsOfABidirectionalStack() throws {
    var generator = Generator(seed: 4)
    let layer = LSTM(3, 4, layers: 2, bidirectional: true, using: &generator)
    let x = Tensor.normal([2, 5, 3], using: &generator)
    for framework in Framework.allCases {
      let other = try LSTM(layer.weights(for: framework), from: framework)
      #expect(bits(other(x).outputs) == bits(layer(x).outputs))
    }
  }

  /// float16 widens to float32, exactly.
  @Test func halfPrecisionWidens() throws {
    let header =
      #"{"kernel":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]},"bias":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let length = withUnsafeBytes(of: UInt64(padded.utf8.count).littleEndian) { Array($0) }
    let data: [UInt8] = [0x00, 0x38, 0x00, 0xBD, 0x80, 0x3F, 0x00, 0xC0]
    let layer = try Linear(try Safetensors.decode(length + Array(padded.utf8) + data), from: .flax)
    #expect(layer.weight.array == [[0.5, -1.25]] && layer.bias?.array == [1, -2])
  }

  /// A file that shrinks after its header was read: the model stays as it was.
  @Test func filesThatCannotBeRead() throws {
    var generator = Generator(seed: 4)
    var layer = Linear(3, 4, using: &generator)
    let before = bits(layer.weight)
    let path = FileManager.default.temporaryDirectory.appending(path: "shrunk-\(UInt64.random(in: 0 ... .max)).safetensors")
      .path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Safetensors.write((layer * 2).weights(for: .pytorch), to: path)
    let file = try SafetensorsFile(path)
    let tensors = Dictionary(uniqueKeysWithValues: file.names.compactMap { name in file[name].map { (name, $0) } })
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    try handle.truncate(atOffset: 16)
    let error = #expect(throws: WeightsError.self) { try layer.load(tensors, from: .pytorch) }
    guard case .unreadable(let reason) = error else { return try #require(nil) }
    #expect(reason.kind == .truncated && error?.description == reason.description && bits(layer.weight) == before)
  }
}
