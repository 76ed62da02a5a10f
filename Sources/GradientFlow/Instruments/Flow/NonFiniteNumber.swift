internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// The place of the first infinite or NaN value.
public struct NonFiniteNumber: Hashable, Sendable, CustomStringConvertible {
  /// The phase of the computation.
  public enum Way: String, Hashable, Sendable {
    /// While the outputs were computed.
    case forward
    /// In the loss, with all outputs finite.
    case loss
    /// While the derivatives were computed, with a finite loss.
    case backward
  }

  /// The phase.
  public let way: Way
  /// The layer; nil for the input of the network and for the loss.
  public let layer: Int?
  /// Whether it occurred in the second direction of a bidirectional network.
  public let isBackward: Bool
  /// The step, counted from 0 in the order of the direction; nil for the input of the network, the loss, and gradients by
  /// parameters. In backward, the derivative by the initial state belongs to step -1.
  public let step: Int?
  /// What was computed: `input`, the input's or the state's contribution, a gate, a part of the state, or a parameter.
  public let place: String

  /// The place as a sentence.
  public var description: String {
    if way == .loss { return "the loss is the first number that is not finite; all outputs are finite" }
    let side = way == .forward ? "in the forward pass" : "in the backward pass"
    let parts = [layer.map { "layer \($0)\(isBackward ? " backward" : "")" }, step.map { "step \($0)" }].compactMap { $0 }
    return (["\(place) is the first number that is not finite, \(side)"] + parts).joined(separator: ", ")
  }
}

/// Searches the recorded steps in the order in which they were computed.
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
    // Search backward within the step: later values may only inherit the problem.
    return step.after.tensors.indices.reversed().first { !step.after.tensors[$0].isFinite }.map { names[$0] }
  }

  /// Searches from the last layer and step on, in the order of backward.
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
  /// The cell at a position in the order of the states.
  func cell(at position: Int) -> Cell {
    (position % directionCount == 1 ? backward : forward)[position / directionCount]
  }
}
