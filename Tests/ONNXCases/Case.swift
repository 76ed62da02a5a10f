import Unroll

/// Where a case writes its model, its inputs and the outputs that the library computes for them.
struct CaseFolder {
  let path: String
  /// What a name must contain for its case to be written.
  let filter: String
  private(set) var count = 0
  /// Models that could not be exported.
  private(set) var refused = 0
  var generator = Generator(seed: 7)

  init(path: String, filter: String) { (self.path, self.filter) = (path, filter) }

  /// Exports a model and writes what it computes for the example and for inputs of other sizes.
  mutating func add<M: Module, each X: TensorGroup, Y: TensorGroup>(
    _ name: String, _ model: M, _ example: repeat each X, other: (repeat each X), varying axes: ONNXAxes = [.batch, .time],
    isTimeFirst: Bool = false, _ f: (M, repeat each X) throws -> Y
  ) throws {
    let model = spread(model)
    if !name.contains(filter) && !filter.isEmpty { return }
    var values = try values(0, model, repeat each example, of: f)
    values.merge(try self.values(1, model, repeat each other, of: f)) { first, _ in first }
    do {
      try model.exportONNX(
        to: "\(path)/\(name).onnx", example: repeat each example, varying: axes, isTimeFirst: isTimeFirst, of: f)
    } catch let error as ONNXExportError {
      print("\(name): \(error)")
      refused += 1
      return
    }
    try NPZ.write(values, to: "\(path)/\(name).npz")
    count += 1
  }

  /// The inputs and outputs of one run, by number.
  private func values<M: Module, each X: TensorGroup, Y: TensorGroup>(
    _ run: Int, _ model: M, _ xs: repeat each X, of f: (M, repeat each X) throws -> Y
  ) throws -> [String: any StoredArrayConvertible] {
    var (given, values): ([StoredArray], [String: any StoredArrayConvertible]) = ([], [:])
    for x in repeat each xs { given += arrays(x) }
    for (i, array) in given.enumerated() { values["\(run).in.\(i)"] = array }
    for (i, array) in arrays(try f(model, repeat each xs)).enumerated() { values["\(run).out.\(i)"] = array }
    return values
  }

  /// The same model with other numbers, so that biases are not zero.
  private mutating func spread<M: Module>(_ model: M) -> M {
    var generator = generator
    defer { self.generator = generator }
    return model.mapping { $0 + Tensor.normal($0.shape, deviation: 0.1, $0.type, using: &generator) }
  }

  private func arrays<X: TensorGroup>(_ x: X) -> [StoredArray] {
    if let indices = x as? Indices { return [StoredArray(indices.values, shape: indices.shape)] }
    if let lengths = x as? [Int] { return [StoredArray(lengths)] }
    var all: [StoredArray] = []
    var copy = x
    copy.visitTensors { all.append(StoredArray($0)) }
    return all
  }
}

/// Two results as one.
struct Pair<A: TensorGroup, B: TensorGroup>: TensorGroup {
  var a: A, b: B

  init(_ results: (A, B)) { (a, b) = results }

  mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    a.visitTensors(visit)
    b.visitTensors(visit)
  }
}
