internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// A cell that runs step by step, as it would without kernels of its own, and writes down what happens.
struct WatchedCell<Cell: RecurrentCell>: ModifiedCell, EveryStepCell {
  var cell: Cell
  let log: StepLog<Cell.State>
  /// Which of the network's cells this is, in the order of its states.
  let position: Int
  /// Whether every step has parameters of its own, equal to all others', so that each step's part of their gradients is seen.
  let dividesParameters: Bool

  // Where parameters are divided, nothing is done for all steps at once.
  func project(_ x: Tensor) -> Tensor { dividesParameters ? x : cell.project(x) }
  func recur(_ hidden: Tensor) -> Tensor { dividesParameters ? hidden : cell.recur(hidden) }

  func step(_ projected: Tensor, _ recurred: Tensor, _ state: Cell.State) -> Cell.State {
    step(projected, recurred, state, noise: [])
  }

  func step(_ projected: Tensor, _ recurred: Tensor, _ state: Cell.State, noise: [Tensor]) -> Cell.State {
    var (cell, a, u) = (cell, projected, recurred)
    if dividesParameters {
      cell.visitTensors { $0 = $0.replacingCotangent { $0 } }
      (a, u) = (cell.project(projected), cell.recur(recurred))
    }
    let next = noise.isEmpty ? cell.step(a, u, state) : cell.step(a, u, state, noise: noise)
    log.append(
      WatchedStep(
        projected: a, recurred: u, before: state, after: next, parameters: dividesParameters ? cell.tensors : []), to: position)
    return next
  }
}

/// What one step of a cell took and gave.
struct WatchedStep<State: RecurrentState>: Sendable {
  let projected: Tensor
  let recurred: Tensor
  let before: State
  let after: State
  let parameters: [Tensor]
}

/// The steps of all cells of a network, each cell's in the order in which it met them.
final class StepLog<State: RecurrentState>: Sendable {
  private let cells: Guarded<[[WatchedStep<State>]]>

  init(cellCount: Int) { cells = Guarded(Array(repeating: [], count: cellCount)) }

  func append(_ step: WatchedStep<State>, to cell: Int) { cells.withLock { $0[cell].append(step) } }

  /// Everything, which the log lets go of.
  func take() -> [[WatchedStep<State>]] {
    cells.withLock { cells in
      defer { cells = Array(repeating: [], count: cells.count) }
      return cells
    }
  }
}

extension Recurrent {
  var directionCount: Int { isBidirectional ? 2 : 1 }

  /// The same network of cells that write down what happens.
  func watched(_ log: StepLog<Cell.State>, dividingParameters: Bool = false) -> Recurrent<WatchedCell<Cell>> {
    func watched(_ cells: [Cell], _ direction: Int) -> [WatchedCell<Cell>] {
      cells.enumerated().map { layer, cell in
        WatchedCell(
          cell: cell, log: log, position: layer * directionCount + direction, dividesParameters: dividingParameters)
      }
    }
    var network = Recurrent<WatchedCell<Cell>>(
      forward: watched(forward, 0), backward: watched(backward, 1), merge: watchedMerge, isTimeFirst: isTimeFirst,
      isReversed: isReversed)
    network.initial = initial
    return network
  }

  private var watchedMerge: Recurrent<WatchedCell<Cell>>.Merge {
    switch merge {
    case .concatenate: .concatenate
    case .sum: .sum
    case .average: .average
    case .multiply: .multiply
    }
  }

  /// The number of steps and rows of an input, which is checked.
  func extent(of x: Tensor, _ instrument: String) -> (steps: Int, rows: Int) {
    require(x.rank == 2 || x.rank == 3, "\(instrument): an input of shape \(x.shape) is no sequence")
    let (steps, rows) =
      x.rank == 2 ? (x.shape[0], 1) : isTimeFirst ? (x.shape[0], x.shape[1]) : (x.shape[1], x.shape[0])
    require(steps > 0 && rows > 0, "\(instrument): an input of shape \(x.shape) has no steps or no rows")
    return (steps, rows)
  }
}

extension RecurrentState {
  /// What the parts of the state are called, in the order of its tensors: as its properties are, where each is a tensor.
  var partNames: [String] {
    let labels = Mirror(reflecting: self).children.compactMap { $0.value is Tensor ? $0.label : nil }
    let count = tensors.count
    return labels.count == count ? labels : (0..<count).map { "part \($0)" }
  }
}
