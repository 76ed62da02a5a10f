import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks

/// Files that have more than the model, or other numbers, or are none.
@Suite struct LoadingTests {
  private static let model = Linear(weight: Tensor([0.1, 0.2, 0.3] as [Float], shape: [3, 1]), bias: Tensor([0.7] as [Float]))

  private func withFile(_ arrays: [String: any StoredArrayConvertible], _ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("unroll-loading-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Safetensors.write(arrays, to: path)
    try body(path)
  }

  private static let wide = Linear(weight: Tensor.zeros([3, 1], .float64), bias: Tensor.zeros([1], .float64))

  @Test func buffersAreLeftAsideWhereTheyAreNamed() throws {
    let extra = ["num_batches_tracked": StoredArray([3]), "other": StoredArray([1])]
    let numbers = Self.model.weights(for: .pytorch).merging(extra) { $1 }
    var copy = Self.model * 0
    let both = #expect(throws: WeightsError.self) { try copy.load(numbers, from: .pytorch) }
    #expect(both?.description == "the weights do not fit the model:\nunexpected: num_batches_tracked, other")
    let one = #expect(throws: WeightsError.self) {
      try copy.load(numbers, from: .pytorch, ignoring: { $0.hasSuffix("num_batches_tracked") })
    }
    #expect(one?.description == "the weights do not fit the model:\nunexpected: other")
    let report = try copy.load(numbers, from: .pytorch, ignoring: { extra.keys.contains($0) })
    #expect(report.isComplete && copy.weight.array == Self.model.weight.array)
    // What is ignored is not what is missing.
    var empty = Self.model
    #expect(throws: WeightsError.self) { try empty.load(extra, from: .pytorch, ignoring: { _ in true }) }
    try withFile(["weight": Self.model.weight.array, "bias": NDArray.zeros([1]), "steps": StoredArray([3])]) { path in
      let error = #expect(throws: LoadingError.self) { try copy.load(from: path) }
      #expect(error?.reason == "unexpected: steps")
      try copy.load(from: path, ignoring: { $0 == "steps" })
      #expect(copy.bias?.item == 0 && copy.weight.array == Self.model.weight.array)
    }
  }

  @Test func numbersOfAnotherTypeOnRequest() throws {
    try withFile(["weight": Self.model.weight.array, "bias": NDArray([0.7] as [Float])]) { path in
      var wide = Self.wide
      #expect(throws: LoadingError.self) { try wide.load(from: path) }
      try wide.load(from: path, casting: true)
      #expect(wide.weight.type == .float64 && wide.bias?.item == Double(Float(0.7)))
      var again = Self.wide
      #expect(throws: WeightsError.self) { try again.load(Safetensors.read(path), from: .keras) }
    }
    var wide = Self.wide
    let numbers = Self.model.weights(for: .pytorch)
    #expect(throws: WeightsError.self) { try wide.load(numbers, from: .pytorch) }
    #expect(try wide.load(numbers, from: .pytorch, casting: true).isComplete)
    #expect(wide.weight.array == Self.model.weight.array.cast(to: .float64))
    var narrow = Self.model * 0
    #expect(try narrow.load(wide.weights(for: .onnx), from: .onnx, casting: true).isComplete)
    #expect(narrow.weight.array == Self.model.weight.array)
    var integers = numbers
    integers["bias"] = StoredArray([1])
    let error = #expect(throws: WeightsError.self) { try wide.load(integers, from: .pytorch, casting: true) }
    #expect(error?.description.hasSuffix("mistyped: bias is int64 and should be float64") == true)
    try withFile(["weight": Self.model.weight.array, "bias": StoredArray([1])]) { path in
      let error = #expect(throws: LoadingError.self) { try wide.load(from: path, casting: true) }
      #expect(error?.reason == "misshapen: bias is int64 [1] in the file, float64 [1] in the model")
    }
  }

  @Test func aPickleIsCalledOne() throws {
    try withFile([:]) { path in
      try Data([0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20]).write(to: URL(fileURLWithPath: path))
      var model = Self.model
      let error = #expect(throws: LoadingError.self) { try model.load(from: path) }
      #expect(error?.kind == .unreadable(.unsupported) && error?.reason.contains("save its tensors as safetensors") == true)
    }
  }

  @Test func statesOfOtherNetworksDoNotFit() {
    var generator = Generator(seed: 1)
    let lstm = LSTM(2, 3, layers: 2, bidirectional: true, using: &generator)
    let state = lstm.initialState(batch: 5)
    #expect(lstm.fits(state, batch: 5) && !lstm.fits(state, batch: 4))
    #expect(!lstm.fits(lstm.initialState(batch: 5, .float64), batch: 5))
    #expect(
      !lstm.fits(LSTM.State(cells: []), batch: 5) && !lstm.fits(LSTM.State(cells: Array(state.cells.dropLast())), batch: 5))
    #expect(!lstm.fits(LSTM(2, 4, layers: 2, bidirectional: true, using: &generator).initialState(batch: 5), batch: 5))
    var flat = state
    flat.cells[1].cell = Tensor.zeros([15])
    #expect(!lstm.fits(flat, batch: 5))
    #expect(lstm.learningInitialState().fits(state, batch: 5))
    #expect(lstm.cast(to: .float64).fits(lstm.initialState(batch: 1, .float64), batch: 1))
  }
}
