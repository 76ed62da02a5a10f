internal import UnrollArrays
internal import UnrollGradientFlow
internal import UnrollTraining

extension ClippingDemonstration {
  var story: Story {
    Story(
      title: "Clipping: one exploding network, trained four times",
      introduction: [
        "A linear recurrent network learns the mean of \(steps) numbers by gradient descent with a rate of \(plain(rate)). Its recurrent",
        "weights start as the identity, which keeps every state as it is. After one update that is too long they stretch the state at",
        "every step, \(steps) times over, and the next gradient is larger still. Four runs differ in what is done to gradients.",
      ],
      words: [
        ("by global norm", "a gradient longer than \(plain(bound)) is shortened to that length, all parameters together"),
        (
          "by value",
          "every number is clipped to \u{B1}\(plain(bound))/\(hidden), which bounds the length to about the same"
        ),
        (
          "at every step back",
          "inside backpropagation: the gradient that a step passes to the step before is clipped to "
            + "\u{B1}\(plain(bound))/\(steps * batch), as \(steps) steps of \(batch) sequences add up"
        ),
      ],
      findings: runs.map(finding),
      pictures: [
        Story.Picture(
          "clip-loss",
          PlotGrid(
            title: "The same run with and without clipping", columns: 1, sharesY: false,
            [
              Plot(xLabel: "update", yLabel: "loss", yScale: .logarithmic) {
                for run in runs { Series(run.kind.rawValue, run.losses) }
              },
              Plot(xLabel: "update", yLabel: "gradient norm", yScale: .logarithmic) {
                for run in runs { Series(run.kind.rawValue, run.norms) }
              },
            ]), look: "without clipping the curve soon leaves the plot at the top; the others fall", height: 560)
      ],
      conclusion: [
        "Clipping by norm keeps the direction; by value it changes it; at every step back it acts where the gradient explodes.",
        "None of them restores a gradient that has vanished.",
      ])
  }

  private func finding(_ run: Run) -> Story.Finding {
    let (first, last) = (run.losses[0], run.losses[run.losses.count - 1])
    let largest = run.norms.filter(\.isFinite).max() ?? .nan
    let numbers: [(name: String, value: Double)] = [
      ("first_loss", first), ("last_loss", last), ("largest_gradient", largest), ("diverged_at", Double(run.divergedAt ?? -1)),
    ]
    if let update = run.divergedAt {
      return Story.Finding(
        run.kind.rawValue,
        "explodes: at update \(update) the loss or its gradient is not finite any more; the largest gradient before had norm "
          + numberText(largest, digits: 3), numbers)
    }
    return Story.Finding(
      run.kind.rawValue,
      "\(last < first ? "learns" : "grows"): the loss goes from \(numberText(first, digits: 3)) to \(numberText(last, digits: 3)) in \(run.losses.count) updates; its largest "
        + "gradient had norm \(numberText(largest, digits: 3))\(run.kind == .norm || run.kind == .value ? " before it was clipped" : "")",
      numbers)
  }
}
