import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// What a checkpoint holds may be anything, whatever its checksum says: what no training leads to throws where it is restored.
@Suite struct ForgeryTests {
  /// A value with some parts replaced in its record.
  private struct Forged: Storable {
    let value: any Storable
    let parts: [String: any Storable]

    func store(in record: inout Record) {
      value.store(in: &record)
      for (name, part) in parts { record.store(part, as: name) }
    }

    func restored(from record: Record) throws(LoadingError) -> Forged { self }
  }

  private func error<Value: Storable>(_ value: Value, _ parts: [String: any Storable]) -> LoadingError? {
    let forged = Checkpoint(step: 1, ["value": Forged(value: value, parts: parts)])
    return #expect(throws: LoadingError.self, "\(parts)") { try forged.value("value", like: value) }
  }

  private static let badRates = ["nan", "-1.0", "inf", "-inf", "-5e-324"]

  @Test(arguments: ResumeTests.rules.indices) func optimizers(_ index: Int) throws {
    let (name, make) = ResumeTests.rules[index]
    var generator = Generator(seed: 1)
    let model = LanguageModel(.float32, using: &generator)
    func check<Rule: Optimizer<LanguageModel>>(_ rule: Rule) {
      var (rule, copy) = (rule, model)
      rule.update(&copy, along: model)
      let start = name == "ParameterGroups" ? "groups.1." : ""
      #expect(throws: Never.self) { try Checkpoint(step: 1, ["value": rule]).value("value", like: rule) }
      for rate in Self.badRates {
        for adjustable in name == "ParameterGroups" ? ["learningRate", "weightDecay"] : Array(Rule.adjustable.keys) {
          let error = error(rule, [start + adjustable: rate])
          #expect(
            error?.kind == .different && error?.name == "value.\(start)\(adjustable)", "\(name) \(String(describing: error))")
        }
      }
      for (parameter, tensor) in rule.parameters {
        // Counts are whole, and can be raised; memories are finite; others are not NaN.
        var wrong: [Double] = [.nan]
        if parameter.hasSuffix("steps") { wrong += [-1, 0.5, 0x1p53 + 2, 1e300, .infinity] }
        if parameter == "averaged" { wrong += [-2, -0.5, 1e300, .infinity] }
        if parameter == "products" { wrong += [-0.5, 1.5, .infinity] }
        if parameter.hasPrefix("second.") || parameter.hasPrefix("square.") { wrong += [-1] }
        if parameter.contains(".lstm.") { wrong += [.infinity] }
        for number in wrong where parameter.hasPrefix(start) {
          let last = Tensor(NDArray.full([tensor.count], 1, tensor.type).replacingLast(number).reshaped(tensor.shape))
          #expect(error(rule, [parameter: last])?.kind == .different, "\(name) \(parameter) \(number)")
        }
      }
    }
    check(make(model))
  }

  @Test func momentum() {
    let model = Linear(weight: Tensor.ones([1, 1]), bias: nil)
    let error = error(SGD(for: model, learningRate: 1), ["momentum": 0.5])
    #expect(error?.reason == "0.5 is invalid for an optimizer made without momentum")
    #expect(
      self.error(SGD(for: model, learningRate: 1, momentum: 0.5), ["momentum": 1.0])?.reason == "1.0 is not in 0..<1")
  }

  @Test func others() {
    let model = Linear(weight: Tensor.ones([1, 1]), bias: nil)
    for decay in ["nan", "1.0", "-0.5", "inf"] {
      #expect(error(MovingAverage(of: model), ["decay": decay])?.kind == .different)
    }
    var plateau = Plateau(rate: 0.1)
    plateau.update(1)
    for rate in Self.badRates { #expect(error(plateau, ["rate": rate])?.name == "value.rate") }
    var stopping = EarlyStopping(patience: 3)
    _ = stopping.update(1)
    for count in [-1, Int.max, 1 << 53 + 1, Int.min] {
      for name in ["badChecks", "restOfCooldown"] { #expect(error(plateau, [name: count])?.name == "value.\(name)") }
      for name in ["checks", "checksSinceBest"] { #expect(error(stopping, [name: count])?.name == "value.\(name)") }
    }
    #expect(error(plateau, ["best": Double.nan])?.name == "value.best")
    #expect(error(stopping, ["best": Double.nan])?.name == "value.best")
    #expect(throws: LoadingError.self) {
      try Checkpoint(step: 1, ["state": LSTM.State(cells: [])]).value("state", as: LSTM.State.self)
    }
  }

  @Test func stepsThatCannotBeCountedOn() async throws {
    try await withFolder { folder in
      try Checkpoint(step: 1 << 53, ["a": 1]).write(to: folder + "/last")
      #expect(try Checkpoint(path: folder + "/last").step == 1 << 53)
      let arrays = try Safetensors.read(folder + "/last")
      var texts = try SafetensorsFile(folder + "/last").metadata
      texts["unroll.step"] = "\(Int.max)"
      texts["unroll.checksum"] = nil
      var sum: UInt32 = 0
      for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
        sum = checksum(of: "\(name)\0\(text.utf8.count)\0\(text)", after: sum)
      }
      texts["unroll.checksum"] = "\(sum)"
      try Safetensors.write(arrays, metadata: texts, to: folder + "/last")
      let error = #expect(throws: LoadingError.self) { try Checkpoint(path: folder + "/last") }
      #expect(error?.reason == "there is no step")
    }
  }
}

extension NDArray {
  /// A vector with another last number.
  fileprivate func replacingLast(_ number: Double) -> NDArray {
    let numbers = scalars(as: Double.self)
    return NDArray(Array(numbers.dropLast()) + [number]).cast(to: type)
  }
}
