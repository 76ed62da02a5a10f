internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// A cell that runs step by step, without fused kernels, and records each step.
struct WatchedCell<Cell: RecurrentCell>: ModifiedCell, EveryStepCell {
  var cell: Cell
  let log: StepLog<Cell.State>
  /// The index of the cell among the network's cells, in the order of the states.
  let position: Int
  /// Whether each step has its own copy of the parameters, so that its contribution to their gradients can be measured.
  let dividesParameters: Bool

  // With divided parameters, no work is shared between steps.
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

/// The inputs and the result of one step of a cell.
struct WatchedStep<State: RecurrentState>: Sendable {
  let projected: Tensor
  let recurred: Tensor
  let before: State
  let after: State
  let parameters: [Tensor]
}

/// The steps of all cells of a network; those of each cell are in the order in which they ran.
final class StepLog<State: RecurrentState>: Sendable {
  private let cells: Guarded<[[WatchedStep<State>]]>

  init(cellCount: Int) { cells = Guarded(Array(repeating: [], count: cellCount)) }

  func append(_ step: WatchedStep<State>, to cell: Int) { cells.withLock { $0[cell].append(step) } }

  /// Returns all steps and empties the log.
  func take() -> [[WatchedStep<State>]] {
    cells.withLock { cells in
      defer { cells = Array(repeating: [], count: cells.count) }
      return cells
    }
  }
}

extension Recurrent {
  var directionCount: Int { isBidirectional ? 2 : 1 }

  /// The same network with cells that record their steps.
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

  /// The number of steps and rows of an input, after checking its shape.
  func extent(of x: Tensor, _ instrument: String) -> (steps: Int, rows: Int) {
    require(x.rank == 2 || x.rank == 3, "\(instrument): an input of shape \(x.shape) is not a sequence")
    let (steps, rows) =
      x.rank == 2 ? (x.shape[0], 1) : isTimeFirst ? (x.shape[0], x.shape[1]) : (x.shape[1], x.shape[0])
    require(steps > 0 && rows > 0, "\(instrument): an input of shape \(x.shape) has no steps or no rows")
    return (steps, rows)
  }
}

extension RecurrentState {
  /// The names of the parts of the state, in the order of its tensors: those of its properties, if each is a tensor.
  var partNames: [String] {
    let labels = Mirror(reflecting: self).children.compactMap { $0.value is Tensor ? $0.label : nil }
    let count = tensors.count
    return labels.count == count ? labels : (0..<count).map { "part \($0)" }
  }
}
