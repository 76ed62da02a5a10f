internal import UnrollArrays
internal import UnrollGradientFlow
internal import UnrollTraining

extension TruncationDemonstration {
  var story: Story {
    Story(
      title: "Truncation: the part of the gradient that is lost when losses go back a limited number of steps",
      introduction: [
        "Long sequences are often trained with truncated backpropagation: each loss goes back through at most k steps, and all",
        "before that is a constant. Here each of \(steps) steps has a loss, and for every depth k the gradient that is left is",
        "compared with that of full backpropagation.",
      ],
      words: [
        ("error", "the norm of the difference between the two gradients, in per cent of the full one"),
        ("cosine", "of the angle between them: 1 is the same direction, 0 is at a right angle to it"),
      ],
      findings: courses.map(finding),
      pictures: [
        Story.Picture(
          "truncate-error",
          PlotGrid(
            title: "Truncated against full backpropagation",
            [
              Plot(xLabel: "depth k", yLabel: "error relative to the full gradient") {
                for course in courses { Series(course.name, x: depths.map(Double.init), y: course.errors) }
              }
            ]),
          look:
            "measured at k = \(depths.map(String.init).joined(separator: ", ")): networks that forget soon lose little, a long memory loses much"
        ),
        Story.Picture(
          "truncate-direction",
          PlotGrid(
            title: "Where the truncated gradient points",
            [
              Plot(xLabel: "depth k", yLabel: "cosine with the full gradient") {
                for course in courses { Series(course.name, x: depths.map(Double.init), y: course.cosines) }
              }
            ]), look: "1 is the right direction; below it the bias turns every update the same wrong way", isForTerminal: false),
      ],
      conclusion: [
        "The error is a bias, not noise: more data does not average it away. Choose the depth by how long the model must remember."
      ])
  }

  private func finding(_ course: Course) -> Story.Finding {
    let shown = depths.indices.filter { depths[$0] == 1 || depths[$0] == 8 || depths[$0] == 32 }
    let parts = shown.map {
      "k = \(depths[$0]): error \(numberText(100 * course.errors[$0], digits: 3)) %, cosine \(numberText(course.cosines[$0], digits: 3))"
    }
    let enough = depths.indices.first { course.errors[$0] < 0.01 }.map { depths[$0] }
    let numbers = depths.indices.flatMap {
      [("error_\(depths[$0])", course.errors[$0]), ("cosine_\(depths[$0])", course.cosines[$0])]
    }
    return Story.Finding(
      course.name, parts.joined(separator: "; ") + (enough.map { "; within 1 % from k = \($0)" } ?? ""),
      numbers.map { (name: $0.0, value: $0.1) })
  }
}
