internal import UnrollArrays
internal import UnrollGradientFlow
internal import UnrollTraining

extension ConveyorBelt {
  var story: Story {
    let (marked, other) = meanForget
    return Story(
      title: "The conveyor belt: an LSTM that holds a value until it is told to take a new one",
      introduction: [
        "Each step brings -1 or +1, and here and there a mark (*). The network must output the value at the last mark.",
        "It was trained for \(losses.count) updates: the squared error went from \(numberText(losses.first ?? .nan, digits: 3)) to "
          + "\(numberText(losses.last ?? .nan, digits: 2)). Below is one sequence: each step, its input, and the numbers "
          + "of unit \(unit), whose memory follows the wanted value best.",
      ],
      words: [
        ("c", "the memory, which becomes f c + i g"),
        ("f", "the forget gate, from 0 to 1: how much of the old memory stays"),
        ("i, g", "the input gate, from 0 to 1, and the new content: i g is what is added to the memory"),
        (
          "o, h",
          "the output gate, from 0 to 1, and the hidden state h = o tanh(c): what the network sees of the memory"
        ),
        ("says", "the output of the whole network, and what happened to the memory"),
      ],
      findings: steps.enumerated().map(finding),
      pictures: [picture],
      conclusion: [
        "The forget gate is \(numberText(marked, digits: 2)) on average where there is a mark and \(numberText(other, digits: 2)) elsewhere: "
          + "low where the memory is replaced, high where it is kept.",
        "Between marks the gradient of the memory is the product of these f: over ten steps "
          + "\(numberText((0..<10).reduce(1.0) { product, _ in product * other }, digits: 2)) of it is left; with f = 0.5 it would be 0.001.",
      ])
  }

  private func finding(_ t: Int, _ step: Step) -> Story.Finding {
    func gate(_ value: Double) -> String { fixedText(value, decimals: 2) }
    func signed(_ value: Double) -> String { (value < 0 ? "" : "+") + fixedText(value, decimals: 2) }
    let what =
      if step.isMarked {
        step.forget < 0.5 ? "replaced" : "added to"
      } else {
        step.forget > 0.8 ? "holds" : "leaks"
      }
    return Story.Finding(
      "\(t < 10 ? " " : "")\(t)  \(step.value < 0 ? "-1" : "+1")\(step.isMarked ? " *" : "")",
      "f \(gate(step.forget))  i \(gate(step.input))  g \(signed(step.candidate))  c \(signed(step.cell))  o \(gate(step.outputGate))  "
        + "h \(signed(step.hidden))  says \(signed(step.output)) \(what)",
      [
        ("value", step.value), ("marked", step.isMarked ? 1 : 0), ("forget", step.forget), ("input", step.input),
        ("candidate", step.candidate), ("cell", step.cell), ("output_gate", step.outputGate), ("hidden", step.hidden),
        ("output", step.output), ("wanted", step.wanted),
      ])
  }

  private var picture: Story.Picture {
    let marks = steps.indices.filter { steps[$0].isMarked }
    let panels = [
      Plot(title: "input, target and output", xLabel: "step") {
        Series("wanted", steps.map(\.wanted))
        Series("output", steps.map(\.output))
        if !marks.isEmpty {
          Series("marked value", x: marks.map(Double.init), y: marks.map { steps[$0].value }, style: .points)
        }
      },
      Plot(title: "gates of unit \(unit)", xLabel: "step") {
        Series("forget gate f", steps.map(\.forget))
        Series("input gate i", steps.map(\.input))
        Series("output gate o", steps.map(\.outputGate))
      },
      Plot(title: "memory and state of unit \(unit)", xLabel: "step") {
        Series("memory c", steps.map(\.cell))
        Series("hidden h", steps.map(\.hidden))
      },
    ]
    return Story.Picture(
      "cell-belt", PlotGrid(title: "The memory as a conveyor belt", columns: 1, sharesY: false, panels),
      look: "at every mark f falls, i rises and c jumps to its new value; in between f stays near 1 and c stays", height: 640
    )
  }
}
