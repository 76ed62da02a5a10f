import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks

/// A golden file of another framework: its weights, loaded through the converters, and what else its layers begin from.
struct FrameworkCase {
  let golden: GoldenFile
  let framework: Framework
  /// What the names of each cell's states begin with.
  let cells: [String]

  init(_ golden: GoldenFile, _ framework: Framework, cells: [String] = [""]) {
    (self.golden, self.framework, self.cells) = (golden, framework, cells)
  }

  private static let others = ["x", "X", "h0", "c0", "initial_h", "initial_c", "sequence_lens", "lengths", "mask"]

  private var names: [String] { golden.config["inputs"]?.elements.compactMap(\.string) ?? [] }

  /// The weights under the framework's names.
  var weights: [String: StoredArray] {
    golden.stored(names.filter { name in !FrameworkCase.others.contains(String(name.split(separator: ".").last ?? "")) })
  }

  /// The weights go out as they came, and come back to the same model.
  func checkWayOut<Model: Module>(_ model: Model) throws {
    let bytes = try Safetensors.encode(weights)
    #expect(try Safetensors.encode(model.weights(for: framework, like: weights)) == bytes, "\(golden.name)")
    var copy = model * 0
    #expect(try copy.load(model.weights(for: framework), from: framework).isComplete)
    let (before, after) = (model.parameters, copy.parameters)
    #expect(before.map(\.name) == after.map(\.name))
    for (a, b) in zip(before, after) { #expect(bits(a.tensor) == bits(b.tensor), "\(golden.name) \(a.name)") }
  }

  /// Values and derivatives of a layer as a function of all inputs of the file, its weights among them.
  func check<Model: Module>(
    _ model: Model, _ run: @escaping @Sendable (Model, Inputs) -> [String: Tensor]
  ) throws {
    try checkWayOut(model)
    let names = Set(weights.keys)
    try checkGradients(model, run)
    try golden.check { x in
      let all = Dictionary(uniqueKeysWithValues: zip(golden.differentiable, x))
      var model = model
      do { try model.load(all.filter { names.contains($0.key) }, from: framework) } catch { Issue.record(error) }
      let results = run(model, Inputs(tensors: all))
      return golden.outputs.map { results[$0] ?? Tensor(.nan, .float64) }
    }
  }

  /// The gradient of the model by the framework's names is what the framework says of its own weights, of both biases where it has two.
  private func checkGradients<Model: Module>(
    _ model: Model, _ run: @escaping @Sendable (Model, Inputs) -> [String: Tensor]
  ) throws {
    let x = try golden.tensors("", golden.differentiable)
    let inputs = Inputs(tensors: Dictionary(uniqueKeysWithValues: zip(golden.differentiable, x)))
    let (_, pull) = pullback(at: model) { model in
      let results = run(model, inputs)
      return golden.outputs.map { results[$0] ?? Tensor(.nan, .float64) }
    }
    let found = pull(try golden.tensors("cotangent.", golden.outputs)).gradients(for: framework)
    #expect(found.keys.sorted() == weights.keys.sorted())
    for (name, gradient) in found where golden.has("grad." + name) {
      let expected = try golden.tensor("grad." + name).array
      #expect(try gradient.array().isClose(to: expected, relative: 1e-9, absolute: 1e-12), "\(golden.name) \(name)")
    }
  }

  /// The inputs of a file by their names.
  struct Inputs {
    let tensors: [String: Tensor]
    subscript(name: String) -> Tensor { tensors[name] ?? Tensor(.nan, .float64) }
  }

  /// The states from which the cells begin, or nil.
  func initial<Cell: RecurrentCell>(_ layer: Recurrent<Cell>, _ inputs: Inputs) -> Recurrent<Cell>.State? {
    guard inputs.tensors[(cells[0]) + "h0"] != nil else { return nil }
    let states = layer.initialState(batch: inputs["x"].shape[0], .float64).cells
    return .init(
      cells: zip(states, cells).map { state, cell in state.replacingTensors([inputs[cell + "h0"], inputs[cell + "c0"]]) })
  }

  /// The last states by their names.
  func last<State: RecurrentState>(_ state: RecurrentStates<State>) -> [String: Tensor] {
    var results: [String: Tensor] = [:]
    for (cell, state) in zip(cells, state.cells) {
      for (name, tensor) in zip(["h_n", "c_n"], state.tensors) { results[cell + name] = tensor }
    }
    return results
  }
}

/// The numbers to the last bit.
func bits(_ tensor: Tensor) -> [UInt64] { tensor.array.scalars(as: Double.self).map(\.bitPattern) }
