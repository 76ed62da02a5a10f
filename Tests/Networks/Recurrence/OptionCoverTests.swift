import Testing
import UnrollArrays
import UnrollAutograd
import UnrollProgramSupport

@testable import UnrollNetworks

/// Any cell with any modifier, and any of both with any option of a layer, and any two of these: values and gradients of the cell's own
/// way against the cell step by step, and derivatives of first and second order against differences.
@Suite struct OptionCoverTests {
  /// A cell with modifiers around it.
  struct Variant: Sendable {
    let name: String
    let program: @Sendable (RecurrentProgram) -> DerivativeCheck.Outcome
    let gradients: @Sendable (Options) -> Void
    let ways: @Sendable (Options) -> Void
    let float32: @Sendable (Options) -> Void

    /// Gradients are checked with that many inputs.
    init<Cell: RecurrentCell>(
      _ name: String, inputs: Int = 2, _ make: @escaping @Sendable (Int, Int, inout Generator) -> Cell
    ) {
      self.name = name
      program = { $0.run(make) }
      gradients = { Properties.gradients(make, $0, inputs: inputs) }
      ways = { Properties.ways(make, $0) }
      float32 = { Properties.float32(make, $0) }
    }
  }

  /// One row of the cover.
  struct Row: Sendable, CustomTestStringConvertible {
    let variant: Variant
    let options: Options
    var testDescription: String { "\(variant.name), \(options)" }
  }

  /// The factors: cell, modifiers, direction, rows, dropout, interval, learned state, layers.
  static let cover = PairCover([cells.count, mostModifiers, 3, 3, 2, 2, 2, 2], seed: 6) { a, b in
    a.factor > 0
      || (b.factor == 1 ? b.level < cells[a.level].count : b.level == 0 || b.factor != lacking[cells[a.level][0].name])
  }

  static let rows = cover.rows.map { row in
    Row(
      variant: cells[row[0]][row[1]],
      options: Options(
        direction: Options.Direction.allCases[row[2]], rows: Options.Rows.allCases[row[3]], dropout: row[4] == 1,
        interval: row[5] == 1 ? 1 : nil, learnsState: row[6] == 1, layers: row[7] + 1))
  }

  @Test func anyTwoChoicesMeet() {
    let met = Set(OptionCoverTests.cover.rows.flatMap { PairCover.pairs(of: $0) })
    let missing = OptionCoverTests.cover.pairs.filter { !met.contains($0) }
    #expect(missing.isEmpty, "of \(met.count) pairs \(missing) never meet")
    #expect(met.count == OptionCoverTests.cover.pairs.count, "pairs that may not meet do")
  }

  @Test(arguments: rows) func gradientsHold(_ row: Row) { row.variant.gradients(row.options) }

  @Test(arguments: rows) func waysAreOne(_ row: Row) { row.variant.ways(row.options) }

  @Test(arguments: rows) func float32Holds(_ row: Row) { row.variant.float32(row.options) }
}

extension OptionCoverTests {
  private static let mostModifiers = cells.map(\.count).max() ?? 0

  /// Of every cell its variants: those of any cell first, then those of a memory.
  static let cells: [[Variant]] =
    [
      memory("LSTM") { LSTMCell($0, $1, .float64, using: &$2) },
      memory("LSTM of other activations") { inputs, hidden, generator in
        var cell = LSTMCell(inputs, hidden, bias: false, .float64, using: &generator)
        cell.activations = GateActivations(
          gate: .hardSigmoid(), candidate: .softsign, output: .scaledTanh(outer: 1.7, inner: 0.6))
        return cell
      },
      memory("LSTM of clipped arguments") { inputs, hidden, generator in
        var cell = LSTMCell(inputs, hidden, .float64, using: &generator)
        cell.activations = GateActivations().clippingArguments(to: 0.7)
        return cell
      },
      memory("peephole LSTM") { inputs, hidden, generator in
        var cell = PeepholeLSTMCell(inputs, hidden, .float64, using: &generator)
        cell.peepholes = Tensor.normal([3, hidden], .float64, using: &generator)
        return cell
      },
      memory("layer-norm LSTM") { LayerNormLSTMCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
      memory("layer-norm LSTM, memory normalised") {
        LayerNormLSTMCell($0, $1, bias: false, memory: .normalized, epsilon: 0.2, .float64, using: &$2)
      },
      memory("gate-norm LSTM") { GateNormLSTMCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
      memory("projected LSTM") { ProjectedLSTMCell($0, $1, memory: $1 + 1, .float64, using: &$2) },
      memory("coupled LSTM") { inputs, hidden, generator in
        var cell = CoupledLSTMCell(inputs, hidden, peepholes: true, .float64, using: &generator)
        cell.peepholes = Tensor.normal([2, hidden], .float64, using: &generator)
        return cell
      },
    ] + [
      any("GRU") { GRUCell($0, $1, .float64, using: &$2) },
      any("GRU, reset before") { GRUCell($0, $1, reset: .before, .float64, using: &$2) },
      any("RNN") { RNNCell($0, $1, .float64, using: &$2) },
      any("layer-norm GRU") { LayerNormGRUCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
      any("layer-norm RNN") { LayerNormRNNCell($0, $1, epsilon: 0.2, .float64, using: &$2) },
      any("minimal gated unit") { MGUCell($0, $1, .float64, using: &$2) },
      any("minimal gated unit, gate before") { MGUCell($0, $1, reset: .before, .float64, using: &$2) },
      any("IndRNN") { IndRNNCell($0, $1, activation: .tanh, .float64, using: &$2) },
    ] + oscillatingCells + linearCells + exponentialCells + particularCells

  /// The variants of any cell.
  static func any<Cell: RecurrentCell>(
    _ name: String, inputs: Int = 2, dropping parameter: String = "recurrentWeight",
    _ make: @escaping @Sendable (Int, Int, inout Generator) -> Cell
  ) -> [Variant] {
    let memoryRate = hasMemory(make) ? 0.4 : 0
    return [
      Variant(name, inputs: inputs, make),
      Variant(name + " with zoneout", inputs: inputs) { Zoneout(make($0, $1, &$2), hidden: 0.3, memory: memoryRate) },
      Variant(name + " with weight-drop", inputs: inputs) { WeightDropped(make($0, $1, &$2), rate: 0.4, parameter: parameter) },
      Variant(name + " with zoneout in weight-drop", inputs: inputs) {
        WeightDropped(Zoneout(make($0, $1, &$2), hidden: 0.3, memory: memoryRate), rate: 0.4, parameter: parameter)
      },
      Variant(name + " with weight-drop in zoneout", inputs: inputs) {
        Zoneout(WeightDropped(make($0, $1, &$2), rate: 0.4, parameter: parameter), hidden: 0.3, memory: memoryRate)
      },
    ]
  }

  private static func hasMemory<Cell: RecurrentCell>(_ make: (Int, Int, inout Generator) -> Cell) -> Bool {
    var generator = Generator(seed: 1)
    return make(3, 2, &generator).initialState(batch: 1, .float64).tensors.count > 1
  }

  /// Those, and the variants of a memory.
  private static func memory<Cell: MemoryCell>(
    _ name: String, _ make: @escaping @Sendable (Int, Int, inout Generator) -> Cell
  ) -> [Variant] {
    any(name, make) + [
      Variant(name + " of clipped memory") { MemoryClipped(make($0, $1, &$2), bound: 0.3) },
      Variant(name + " of zoned memory") { MemoryZoneout(make($0, $1, &$2), hidden: 0.3, memory: 0.4) },
      Variant(name + " of clipped memory with zoneout") {
        Zoneout(MemoryClipped(make($0, $1, &$2), bound: 0.3), hidden: 0.3, memory: 0.4)
      },
      Variant(name + " of clipped, zoned memory") {
        MemoryZoneout(MemoryClipped(make($0, $1, &$2), bound: 0.3), hidden: 0.3, memory: 0.4)
      },
      Variant(name + " of clipped memory with weight-drop") {
        WeightDropped(MemoryClipped(make($0, $1, &$2), bound: 0.3), rate: 0.4)
      },
      Variant(name + " of zoned memory with weight-drop") {
        WeightDropped(MemoryZoneout(make($0, $1, &$2), hidden: 0.3, memory: 0.4), rate: 0.4)
      },
    ]
  }
}
