internal import UnrollArrays
internal import UnrollTraining

extension ClippingDemonstration {
  package var story: Story {
    Story(
      title: "Clipping: one exploding network, trained four times",
      introduction: [
        "A linear network whose loop begins as the identity learns the mean of \(steps) numbers by gradient descent, rate \(plain(rate)).",
        "After one update that is too long the loop stretches at every step, and the next gradient is a power of that.",
        "Bounds: \(plain(bound)) for the norm of the whole gradient; 1/\(hidden) of it for each number, which comes to about the same;",
        "1/\(steps * batch) at every step back, as \(steps) steps of \(batch) sequences add up.",
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
            ]), look: "the run without clipping leaves at the top within a few updates; the others come down", height: 560)
      ],
      conclusion: [
        "Clipping by norm keeps the direction; by value it turns it; at every step back it bounds what explodes where it explodes.",
        "None of them brings back a gradient that has vanished.",
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
      "arrives: the loss goes from \(numberText(first, digits: 3)) to \(numberText(last, digits: 3)) in \(run.losses.count) updates, past a "
        + "gradient of norm \(numberText(largest, digits: 3))", numbers)
  }
}
