import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// A linear cell whose step cannot be traced, so that a sequence runs as one recurrence.
private struct Untraced<Inner: LinearCell>: LinearCell {
  var inner: Inner
  var hiddenSize: Int { inner.hiddenSize }
  var inputSize: Int? { inner.inputSize }
  var isComplex: Bool { inner.isComplex }
  var window: Int { inner.window }
  var isLinear: Bool { inner.isLinear }

  mutating func visit(_ visitor: Visitor) { inner.visit(visitor) }
  func project(_ x: Tensor) -> Tensor { inner.project(x) }
  func combine(_ window: Tensor) -> Tensor { inner.combine(window) }
  func output(_ memory: Tensor, _ projected: Tensor) -> Tensor { inner.output(memory, projected) }
  func initialState(batch: Int, _ type: ElementType) -> Inner.State { inner.initialState(batch: batch, type) }

  /// Reads a number.
  func coefficients(_ projected: Tensor) -> (a: Tensor, b: Tensor) {
    _ = projected.detached().sum().item
    return inner.coefficients(projected)
  }
}

/// The cells run as programs of their steps; inside `Untraced` they run as recurrences.
extension RecurrentTests {
  @Test(arguments: linearRows, Property.allCases) func linearCellsHold(_ row: Row, _ property: Property) {
    row.check(property)
  }

  static let linearRows = [
    row("minGRU") { MinGRUCell($0, $1, .float64, using: &$2) },
    row("positive minGRU") { MinGRUCell($0, $1, isPositive: true, .float64, using: &$2) },
    row("minLSTM") { MinLSTMCell($0, $1, .float64, using: &$2) },
    row("minLSTM, not normalised") {
      MinLSTMCell($0, $1, bias: false, isPositive: true, isNormalized: false, .float64, using: &$2)
    },
    row("SRU") { SRUCell($0, $1, .float64, using: &$2) },
    row("SRU of tanh") { SRUCell($0, $1, highway: SRUCell.Highway.none, activation: .tanh, .float64, using: &$2) },
    row("SRU with v") { peepholeSRU($0, $1, &$2) },
    row("QRNN") { QRNNCell($0, $1, .float64, using: &$2) },
    row("QRNN of three inputs") { QRNNCell($0, $1, pooling: .input, window: 3, .float64, using: &$2) },
    row("QRNN of one input") { QRNNCell($0, $1, pooling: .forget, window: 1, .float64, using: &$2) },
    row("RG-LRU") { RGLRUCell($0, $1, .float64, using: &$2) },
    row("LRU") { LRUCell($0, $1, memory: 3, .float64, using: &$2) },
    row("LRU without skip") { inputs, hidden, generator in
      var cell = LRUCell(inputs, hidden, .float64, using: &generator)
      (cell.logScale, cell.skipWeight) = (nil, nil)
      return cell
    },
    row("untraced minGRU") { Untraced(inner: MinGRUCell($0, $1, .float64, using: &$2)) },
    row("untraced SRU") { Untraced(inner: SRUCell($0, $1, .float64, using: &$2)) },
    row("untraced QRNN") { Untraced(inner: QRNNCell($0, $1, pooling: .input, window: 3, .float64, using: &$2)) },
    row("untraced RG-LRU") { Untraced(inner: RGLRUCell($0, $1, .float64, using: &$2)) },
    row("untraced LRU") { Untraced(inner: LRUCell($0, $1, memory: 3, .float64, using: &$2)) },
    row("SRU with zoneout") { Zoneout(SRUCell($0, $1, .float64, using: &$2), hidden: 0.3, memory: 0.4) },
    row("LRU with weight-drop") {
      WeightDropped(LRUCell($0, $1, .float64, using: &$2), rate: 0.4, parameter: "inputWeight")
    },
  ]

  static func peepholeSRU(_ inputs: Int, _ hidden: Int, _ generator: inout Generator) -> SRUCell {
    var cell = SRUCell(inputs, hidden, peepholes: true, .float64, using: &generator)
    cell.peepholes = Tensor.normal([2, hidden], .float64, using: &generator)
    return cell
  }
}

extension FusedSequenceTests {
  @Test(arguments: linearRows, [1, 2, 5, 16, 17, 33]) func whatIsDoneAtOnceIsTheStepsOfLinearCells(_ row: Row, _ hidden: Int) {
    for seed in 1...2 { row.check(hidden, 100 * hidden + seed) }
  }

  static let linearRows = [
    Row("minGRU") { MinGRUCell($0, $1, .float64, using: &$2) },
    Row("minLSTM") { MinLSTMCell($0, $1, .float64, using: &$2) },
    Row("SRU") { SRUCell($0, $1, .float64, using: &$2) },
    Row("SRU with v") { RecurrentTests.peepholeSRU($0, $1, &$2) },
    Row("QRNN") { QRNNCell($0, $1, window: 3, .float64, using: &$2) },
    Row("RG-LRU") { RGLRUCell($0, $1, heads: $1 % 2 == 0 ? 2 : 1, .float64, using: &$2) },
    Row("LRU") { LRUCell($0, $1, memory: $1 + 1, .float64, using: &$2) },
    Row("untraced minLSTM") { Untraced(inner: MinLSTMCell($0, $1, .float64, using: &$2)) },
    Row("untraced SRU") { Untraced(inner: SRUCell($0, $1, .float64, using: &$2)) },
    Row("untraced QRNN") { Untraced(inner: QRNNCell($0, $1, window: 3, .float64, using: &$2)) },
    Row("untraced LRU") { Untraced(inner: LRUCell($0, $1, memory: $1 + 1, .float64, using: &$2)) },
  ]
}

extension OptionCoverTests {
  static let linearCells: [[Variant]] = [
    any("minGRU", dropping: "inputWeight") { MinGRUCell($0, $1, .float64, using: &$2) },
    any("minLSTM", dropping: "inputWeight") { MinLSTMCell($0, $1, isPositive: true, .float64, using: &$2) },
    any("SRU", dropping: "inputWeight") { SRUCell($0, $1, .float64, using: &$2) },
    any("SRU with v", dropping: "peepholes") { RecurrentTests.peepholeSRU($0, $1, &$2) },
    any("QRNN", dropping: "inputWeight") { QRNNCell($0, $1, .float64, using: &$2) },
    any("RG-LRU", dropping: "gateWeight") { RGLRUCell($0, $1, .float64, using: &$2) },
    any("LRU", dropping: "outputWeight") { LRUCell($0, $1, .float64, using: &$2) },
  ]
}

/// How linear cells run.
@Suite struct LinearCellTests {
  @Test func aRecurrenceIsTheWayOfStepsThatCannotBeTraced() {
    var generator = Generator(seed: 1)
    let x = Tensor.ones([2, 5, 3], .float64)
    let plain = Recurrent(3, [4]) { SRUCell($0, $1, .float64, using: &generator) }
    #expect(plain.ways(for: x) == [.fused])
    let untraced = plain.modifyingCells { Untraced(inner: $0) }
    #expect(untraced.ways(for: x) == [.linear] && "\(untraced.ways(for: x)[0])" == "linear")
    let peephole = Recurrent(3, [4]) { Untraced(inner: RecurrentTests.peepholeSRU($0, $1, &generator)) }
    #expect(peephole.ways(for: x) == [.stepByStep(.readsNumbers)])
  }

  /// A linear cell that says no more than it must.
  private struct LeakCell: LinearCell {
    var weight: Tensor
    var hiddenSize: Int { weight.shape[1] }

    mutating func visit(_ visitor: Visitor) { visitor("weight", &weight) }
    func project(_ x: Tensor) -> Tensor { x.matmul(weight) }
    func coefficients(_ projected: Tensor) -> (a: Tensor, b: Tensor) { (projected.sigmoid(), projected.tanh()) }
    func initialState(batch: Int, _ type: ElementType) -> HiddenState {
      HiddenState(hidden: Tensor.zeros([batch, hiddenSize], type))
    }
  }

  @Test func aCellOfOnesOwnHolds() {
    let make: @Sendable (Int, Int, inout Generator) -> LeakCell = {
      LeakCell(weight: Tensor.normal([$0, $1], .float64, using: &$2))
    }
    for options in Options.few { Properties.gradients(make, options) }
    for options in Options.pairs { Properties.ways(make, options) }
  }

  /// A QRNN in windows of time, with the state carried, is the QRNN over the whole sequence: also where rows end in between.
  @Test func theLatestInputsAreCarried() {
    var generator = Generator(seed: 2)
    let layer = Recurrent(3, [4]) { QRNNCell($0, $1, window: 4, .float64, using: &generator) }
    let x = Tensor.normal([3, 8, 3], .float64, using: &generator)
    let whole = layer(x)
    var state: QRNN.State?
    var outputs: [Tensor] = []
    for times in [0..<1, 1..<3, 3..<8] {
      let run = layer(x[.all, times], from: state)
      outputs.append(run.outputs)
      state = run.state
    }
    #expect(areClose(Tensor.concatenate(outputs, axis: 1), whole.outputs))
    let first = layer(x[.all, ..<5], lengths: [2, 5, 1])
    for (row, length) in [2, 5, 1].enumerated() {
      let alone = layer(x[row..<(row + 1), ..<length])
      #expect(areClose(first.state.cells[0].inputs?[row] ?? Tensor(0), alone.state.cells[0].inputs?[0] ?? Tensor(1)))
    }
  }
}
