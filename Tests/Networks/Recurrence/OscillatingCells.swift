import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// Cells whose steps are made for gradients that travel far, in the tests of all cells.
extension RecurrentTests {
  @Test(arguments: oscillatingRows, Property.allCases) func oscillatingCellsHold(_ row: Row, _ property: Property) {
    row.check(property)
  }

  static let oscillatingRows = [
    row("JANET") { JANETCell($0, $1, .float64, using: &$2) },
    row("light GRU") { LiGRUCell($0, $1, .float64, using: &$2) },
    row("antisymmetric RNN") { AntisymmetricRNNCell($0, $1, stepSize: 0.4, diffusion: 0.2, .float64, using: &$2) },
    row("gated antisymmetric RNN") {
      AntisymmetricRNNCell($0, $1, gated: true, stepSize: 0.4, diffusion: 0, .float64, using: &$2)
    },
    row("coRNN") { CoRNNCell($0, $1, stepSize: 0.3, frequency: 1.2, strength: 0.7, .float64, using: &$2) },
    row("coRNN of implicit damping") {
      CoRNNCell($0, $1, stepSize: 0.3, frequency: 1.2, strength: 0.7, damping: .implicit, .float64, using: &$2)
    },
    row("LEM") { LEMCell($0, $1, stepSize: 0.8, .float64, using: &$2) },
  ]
}

extension FusedSequenceTests {
  @Test(arguments: oscillatingRows, [1, 2, 5, 16, 17, 33]) func whatIsDoneAtOnceIsTheStepsOfOscillatingCells(
    _ row: Row, _ hidden: Int
  ) {
    for seed in 1...2 { row.check(hidden, 100 * hidden + seed) }
  }

  static let oscillatingRows = [
    Row("JANET") { JANETCell($0, $1, .float64, using: &$2) },
    Row("light GRU") { LiGRUCell($0, $1, .float64, using: &$2) },
    Row("antisymmetric RNN") { AntisymmetricRNNCell($0, $1, stepSize: 0.4, diffusion: 0.2, .float64, using: &$2) },
    Row("gated antisymmetric RNN") { AntisymmetricRNNCell($0, $1, gated: true, stepSize: 0.4, .float64, using: &$2) },
    Row("coRNN") { CoRNNCell($0, $1, stepSize: 0.3, frequency: 1.2, strength: 0.7, .float64, using: &$2) },
    Row("LEM") { LEMCell($0, $1, .float64, using: &$2) },
  ]
}

extension OptionCoverTests {
  static let oscillatingCells: [[Variant]] = [
    any("JANET") { JANETCell($0, $1, .float64, using: &$2) },
    any("light GRU") { LiGRUCell($0, $1, .float64, using: &$2) },
    any("antisymmetric RNN") { AntisymmetricRNNCell($0, $1, gated: true, stepSize: 0.4, .float64, using: &$2) },
    any("coRNN") {
      CoRNNCell($0, $1, stepSize: 0.3, frequency: 1.2, strength: 0.7, damping: .implicit, .float64, using: &$2)
    },
    any("LEM") { LEMCell($0, $1, .float64, using: &$2) },
  ]
}
