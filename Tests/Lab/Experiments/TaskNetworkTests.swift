import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

@testable import unroll_lab

/// Networks of tasks: what they read, and that all of them learns.
@Suite struct TaskNetworkTests {
  private static let recurrences: [BlockDesign.Recurrence] = [.lstm, .slstm, .gru, .minGRU, .rglru, .lru, .orthogonal]

  /// Every parameter of every network has a gradient, and a causal network says nothing of what is to come.
  @Test(arguments: recurrences) func blocks(_ recurrence: BlockDesign.Recurrence) throws {
    var generator = Generator(seed: 1)
    let design = BlockDesign(recurrence: recurrence, width: 4, blocks: 2, reading: .every)
    func check<Model: TaskModel>(_ model: Model) {
      let batch = StateTrackingTask(rule: .cycleNavigation).batch(8, steps: 6, using: &generator)
      #expect(model(batch).shape == [8, 6, 5])
      let slope = gradient(at: model) { crossEntropy($0(batch), batch.targets) }
      for (name, tensor) in slope.parameters { #expect(tensor.square().sum().item > 0, "\(recurrence.rawValue): \(name)") }
      var other = batch.inputs
      other = Tensor.concatenate([other[.all, 0..<5], other[.all, 5...].flipped(0)], axis: 1)
      let changed = TaskBatch(inputs: other, targets: batch.targets, lengths: batch.lengths)
      let (a, b) = (model(batch), model(changed))
      #expect(a[.all, 0..<5].isClose(to: b[.all, 0..<5]) && !a[.all, 5...].isClose(to: b[.all, 5...]))
    }
    check(design.model(inputs: 3, outputs: 5, using: &generator))
  }

  /// In both directions and with missing steps; no row depends on the padding of another.
  @Test func bothDirections() {
    var generator = Generator(seed: 2)
    let design = BlockDesign(recurrence: .gru, width: 4, blocks: 1, isBidirectional: true, reading: .mean)
    let x = Tensor.normal([2, 5, 3], using: &generator)
    let seen = Mask([true, false, true, true, true, true, true, true, false, false], shape: [2, 5])
    func check<Model: TaskModel>(_ model: Model) {
      let both = model(TaskBatch(inputs: x, targets: 0, lengths: [5, 3], seen: seen))
      #expect(both.shape == [2, 6])
      let second = model(TaskBatch(inputs: x[1..., 0..<3], targets: 0, lengths: [3]))
      #expect(both[1].isClose(to: second[0], relative: 1e-4, absolute: 1e-5))
      let kept = Tensor.concatenate([x[0..<1, 0..<1], x[0..<1, 2...]], axis: 1)
      let first = model(TaskBatch(inputs: kept, targets: 0, lengths: [4]))
      #expect(both[0].isClose(to: first[0], relative: 1e-4, absolute: 1e-5))
    }
    check(design.model(inputs: 3, outputs: 6, using: &generator))
  }

  /// What is read of outputs, by hand.
  @Test func readings() {
    let outputs = Tensor([1, 2, 3, 4, 5, 60] as [Float], shape: [2, 3, 1])
    let inputs = Tensor.zeros([2, 3, 1])
    let (whole, ragged) = (
      TaskBatch(inputs: inputs, targets: 0, lengths: [3, 3]), TaskBatch(inputs: inputs, targets: 0, lengths: [3, 2])
    )
    #expect(whole.read(outputs, .mean).scalars(as: Float.self) == [2, 23])
    #expect(ragged.read(outputs, .mean).scalars(as: Float.self) == [2, 4.5])
    let none = Mask([false, false, true, false, false, false], shape: [2, 3])
    let gaps = TaskBatch(inputs: inputs, targets: 0, lengths: [3, 3], seen: none)
    #expect(gaps.read(outputs, .mean).scalars(as: Float.self) == [3, 0])
    #expect(whole.read(outputs, .all).shape == [2, 3] && whole.read(outputs, .every).shape == [2, 3, 1])
  }

  /// The recurrence of the copy task has orthogonal weights whatever training does to what they are made from: the norm of what it
  /// has read stays to the end.
  @Test func orthogonalKeepsNorms() {
    var generator = Generator(seed: 3)
    func check<Model: TaskModel>(_ model: Model) {
      var changed = model
      changed.visitParameters { name, tensor in
        if name.hasSuffix("recurrentWeight") { tensor = tensor * 3 + 0.1 }
        if name == "head.weight" { tensor = Tensor.identity(6, .float32) }
        if name == "head.bias" { tensor = Tensor.zeros([6]) }
      }
      let pulse = Tensor.concatenate([Tensor.ones([1, 1, 2]), Tensor.zeros([1, 199, 2])], axis: 1)
      let norms = changed(TaskBatch(inputs: pulse, targets: 0, lengths: [200])).norm(axes: 2).scalars(as: Float.self)
      #expect(norms[0] > 0.1 && norms.allSatisfy { abs($0 / norms[0] - 1) < 1e-3 }, "\(norms[0]) \(norms[199])")
    }
    check(TaskNetwork.orthogonal(6).model(inputs: 2, outputs: 6, readsLast: false, using: &generator))
  }
}
