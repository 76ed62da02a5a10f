import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// A trace that wants sequences whole gets one operation, also where the step has no program.
@Suite struct SteppedScanTests {
  private static func network(_ generator: inout Generator) -> MLSTM {
    MLSTM(3, 4, bidirectional: true) { MLSTMCell($0, $1, heads: 2, .float64, using: &generator) }
  }

  @Test(arguments: [nil, [5, 2]]) func oneOperationComputesTheSame(lengths: [Int]?) throws {
    var generator = Generator(seed: 3)
    let network = Self.network(&generator)
    let x = Tensor.normal([2, 5, 3], .float64, using: &generator)
    #expect(network.ways(for: x).allSatisfy { $0 != .fused })
    let trace = Trace(keepsSequences: true)
    let probe = trace.probe(x)
    let (outputs, state) = network(probe, lengths: lengths)
    let entries = trace.takeEntries()
    let sequences = entries.compactMap { $0.operation as? any SequenceOperation }
    #expect(sequences.map(\.sequenceForm.isReversed) == [false, true])
    let (expected, last) = network(x, lengths: lengths)
    #expect(Tensor(outputs.numbersOfConstant) == expected)
    for (a, b) in zip(state.tensors, last.tensors) { #expect(Tensor(a.numbersOfConstant) == b) }
    // The derivative is that of the steps.
    let cotangent = Tensor.normal(outputs.shape, .float64, using: &generator)
    let found = try #require(trace.cotangents(of: [probe], from: [(outputs, cotangent)]).targets[0])
    let wanted = gradient(at: x) { x in (network(x, lengths: lengths).outputs * cotangent).sum() }
    #expect(Tensor(found.numbersOfConstant).isClose(to: wanted, relative: 1e-12, absolute: 1e-12))
  }

  @Test func oneStepIsTheCells() throws {
    var generator = Generator(seed: 4)
    let cell = MLSTMCell(3, 4, .float64, using: &generator)
    let network = MLSTM(forward: [cell])
    let trace = Trace(keepsSequences: true)
    _ = network(trace.probe(Tensor.zeros([2, 5, 3], .float64)))
    let form = try #require(trace.takeEntries().lazy.compactMap { $0.operation as? any SequenceOperation }.first).sequenceForm
    let (x, state) = (Tensor.normal([2, 3], .float64, using: &generator), cell.initialState(batch: 2, .float64))
    #expect(form.partCount == 4 && form.preparedCount == cell.tensors.count)
    let next = form.step(cell.tensors, [x] + state.tensors)
    #expect(next == cell(x, from: state).tensors)
  }
}
