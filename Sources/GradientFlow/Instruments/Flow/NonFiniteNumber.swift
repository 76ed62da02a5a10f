internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// Where a number that is infinite or not a number came up first.
public struct NonFiniteNumber: Hashable, Sendable, CustomStringConvertible {
  /// On which way through the network.
  public enum Way: String, Hashable, Sendable {
    /// While outputs were computed.
    case forward
    /// In the loss, of outputs that were finite.
    case loss
    /// While derivatives were computed, of a loss that was finite.
    case backward
  }

  /// On which way.
  public let way: Way
  /// The layer, nil for the input of the network and for the loss.
  public let layer: Int?
  /// Whether it was in the second direction of a bidirectional network.
  public let isBackward: Bool
  /// The step, counted from 0 as the direction meets them; nil for the input of the network, the loss, and gradients by parameters.
  /// On the way back, a derivative by the state before the first step belongs to step -1.
  public let step: Int?
  /// What was computed: `input`, the input's or the state's contribution, a gate, a part of the state, or a parameter.
  public let place: String

  /// One sentence.
  public var description: String {
    if way == .loss { return "the loss is the first number that is not finite; all outputs are" }
    let side = way == .forward ? "on the way forward" : "on the way back"
    let parts = [layer.map { "layer \($0)\(isBackward ? " backward" : "")" }, step.map { "step \($0)" }].compactMap { $0 }
    return (["\(place) is the first number that is not finite, \(side)"] + parts).joined(separator: ", ")
  }
}

/// Looks through a run in the order in which it was computed.
struct NonFiniteSearch<Cell: RecurrentCell> {
  let network: Recurrent<Cell>
  let input: Tensor
  let steps: [[WatchedStep<Cell.State>]]

  func first(loss: Tensor, states: [[[Tensor?]]], gradient: Recurrent<Cell>) -> NonFiniteNumber? {
    if let found = forward() { return found }
    if !loss.isFinite { return NonFiniteNumber(way: .loss, layer: nil, isBackward: false, step: nil, place: "loss") }
    return backward(states) ?? parameter(gradient)
  }

  private func forward() -> NonFiniteNumber? {
    if !input.isFinite { return NonFiniteNumber(way: .forward, layer: nil, isBackward: false, step: nil, place: "input") }
    for (position, cell) in steps.enumerated() {
      for (t, step) in cell.enumerated() {
        if let place = place(step, network.cell(at: position)) { return found(.forward, position, t, place) }
      }
    }
    return nil
  }

  private func place(_ step: WatchedStep<Cell.State>, _ cell: Cell) -> String? {
    guard !step.after.tensors.allSatisfy(\.isFinite) else { return nil }
    let names = step.after.partNames
    if let i = step.before.tensors.firstIndex(where: { !$0.isFinite }) { return "\(names[i]) of the state before" }
    if !step.projected.isFinite { return "the input's contribution" }
    if !step.recurred.isFinite { return "the state's contribution" }
    if let gate = cell.shownActivations(step).first(where: { !$0.values.isFinite }) { return "gate \(gate.name)" }
    // What is computed later may only pass on what an earlier part brought in: the last parts come first.
    return step.after.tensors.indices.reversed().first { !step.after.tensors[$0].isFinite }.map { names[$0] }
  }

  /// From the last layer and step on, as the walk goes.
  private func backward(_ states: [[[Tensor?]]]) -> NonFiniteNumber? {
    for (position, cell) in states.enumerated().reversed() {
      let names = steps[position][0].after.partNames
      for (t, state) in cell.enumerated().reversed() {
        for (part, cotangent) in state.enumerated() where !(cotangent?.isFinite ?? true) {
          return found(.backward, position, t - 1, "the derivative by \(names[part])")
        }
      }
    }
    return nil
  }

  private func parameter(_ gradient: Recurrent<Cell>) -> NonFiniteNumber? {
    gradient.parameters.first { !$0.tensor.isFinite }.map {
      NonFiniteNumber(way: .backward, layer: nil, isBackward: false, step: nil, place: "the gradient by \($0.name)")
    }
  }

  private func found(_ way: NonFiniteNumber.Way, _ position: Int, _ step: Int, _ place: String) -> NonFiniteNumber {
    NonFiniteNumber(
      way: way, layer: position / network.directionCount, isBackward: position % network.directionCount == 1, step: step,
      place: place)
  }
}

extension Recurrent {
  /// The cell whose state stands at a position.
  func cell(at position: Int) -> Cell {
    (position % directionCount == 1 ? backward : forward)[position / directionCount]
  }
}
