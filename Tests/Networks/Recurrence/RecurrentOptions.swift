import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// What a recurrent layer can be asked for, beside its cell.
struct Options: CustomStringConvertible {
  enum Direction: CaseIterable { case forward, reversed, both }
  enum Rows: CaseIterable { case all, lengths, mask }

  var direction = Direction.forward
  var rows = Rows.all
  var dropout = false
  var interval: Int?
  var learnsState = false
  var layers = 1

  var description: String {
    "\(direction), rows \(rows), dropout \(dropout), interval \(interval ?? 0), learned state \(learnsState), \(layers) layers"
  }

  /// Every option with every other.
  static let all: [Options] = Direction.allCases.flatMap { direction in
    Rows.allCases.flatMap { rows in
      [false, true].flatMap { dropout in
        [nil, 2].map { interval in
          Options(
            direction: direction, rows: rows, dropout: dropout, interval: interval, learnsState: rows == .mask,
            layers: direction == .both ? 2 : 1)
        }
      }
    }
  }

  /// Every option alone, and each pair of two options somewhere.
  static let pairs: [Options] = [
    Options(),
    Options(direction: .reversed, rows: .lengths, dropout: true, interval: 1, learnsState: false, layers: 1),
    Options(direction: .both, rows: .mask, dropout: true, interval: nil, learnsState: true, layers: 1),
    Options(direction: .forward, rows: .lengths, dropout: false, interval: nil, learnsState: true, layers: 2),
    Options(direction: .reversed, rows: .mask, dropout: false, interval: 1, learnsState: false, layers: 2),
    Options(direction: .both, rows: .all, dropout: true, interval: 1, learnsState: false, layers: 1),
    Options(direction: .forward, rows: .mask, dropout: true, interval: 1, learnsState: true, layers: 1),
    Options(direction: .reversed, rows: .all, dropout: true, interval: nil, learnsState: true, layers: 2),
    Options(direction: .both, rows: .lengths, dropout: false, interval: 1, learnsState: true, layers: 1),
  ]

  /// A plain layer, and one with much.
  static let few = [pairs[0], pairs[2]]

  func layer<Cell: RecurrentCell>(
    _ make: (Int, Int, inout Generator) -> Cell, inputs: Int, hidden: Int
  ) -> Recurrent<Cell> {
    var generator = Generator(seed: 5)
    var layer = Recurrent(inputs, Array(repeating: hidden, count: layers), bidirectional: direction == .both) {
      make($0, $1, &generator)
    }
    layer.isReversed = direction == .reversed
    if dropout { (layer.dropout, layer.recurrentDropout) = (0.3, 0.4) }
    layer.checkpointInterval = interval
    if learnsState {
      layer = layer.learningInitialState()
      layer.initial = layer.initial.map { Tensor.normal($0.shape, .float64, using: &generator) }
    }
    return layer
  }

  /// Of three rows, or of two.
  func lengths(_ steps: Int) -> [Int]? { rows == .lengths ? (steps == 2 ? [1, 2] : [4, 1, 5]) : nil }

  func mask(_ steps: Int) -> Mask? {
    if rows != .mask { return nil }
    return steps == 2
      ? Mask([false, true, true, true], shape: [2, 2])
      : Mask(
        [true, false, true, true, false, false, false, true, false, true, true, true, true, true, true], shape: [3, 5])
  }
}

/// A cell that always runs step by step, operation by operation: what every way must equal.
struct SlowCell<Cell: RecurrentCell>: ModifiedCell, EveryStepCell {
  var cell: Cell
}

extension Recurrent {
  /// The same network step by step.
  init<Fast: RecurrentCell>(slow fast: Recurrent<Fast>) where Cell == SlowCell<Fast> {
    self.init(
      forward: fast.forward.map { SlowCell(cell: $0) }, backward: fast.backward.map { SlowCell(cell: $0) },
      merge: Merge(fast.merge), isTimeFirst: fast.isTimeFirst, isReversed: fast.isReversed)
    initial = fast.initial
    dropout = fast.dropout
    recurrentDropout = fast.recurrentDropout
  }
}

extension Recurrent.Merge {
  /// The same of a network of other cells.
  init<Other: RecurrentCell>(_ other: Recurrent<Other>.Merge) {
    self =
      switch other {
      case .concatenate: .concatenate
      case .sum: .sum
      case .average: .average
      case .multiply: .multiply
      }
  }
}
