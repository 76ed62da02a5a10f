internal import UnrollGradientFlow
internal import UnrollTraining

/// A task with a delay, and networks whose gradient vanishes or explodes on the way back through it, without and with each cure:
/// what is left of the gradient before and after training, and whether the task is learned.
struct CureDemonstration: Sendable {
  struct Course: Sendable {
    let cure: Cure
    /// The gradient of the answer by the states before training, as shares of that by the last state: `[steps + 1]`.
    let start: [Double]
    /// The same after training; empty if the training diverged.
    let end: [Double]
    /// The share of right answers before training and after every `interval` updates.
    let rights: [Double]
    let interval: Int
    /// The number of updates after which the task was solved, or before which a loss or gradient was not finite.
    let solvedAt, divergedAt: Int?
  }

  let steps, hidden, updates: Int
  let courses: [Course]

  init(steps: Int = 100, hidden: Int = 24, updates: Int = 300, seed: Int = 1, cures: [Cure] = Cure.allCases) {
    (self.steps, self.hidden, self.updates) = (steps, hidden, updates)
    let training = CureTraining(steps: steps, hidden: hidden, updates: updates, seed: seed)
    courses = cures.map(training.course)
  }

  subscript(cure: Cure) -> Course? { courses.first { $0.cure == cure } }
}

extension CureDemonstration {
  var story: Story {
    Story(
      title: "Cures: gradients that vanish or explode, and what is done about it",
      introduction: [
        "The first step of a sequence brings a number, -1 or 1. After \(steps) steps of noise the network must tell which it was: it can",
        "learn this only from the gradient that arrives at the first step. Every network has \(hidden) units and sees the same examples",
        "in the same order, in at most \(updates) updates; a guess is right every second time. Each line tells whether it has learned the",
        "task, and how much of the gradient after the last step is left before the first, before training and after it.",
      ],
      words: Cure.allCases.filter { self[$0] != nil && $0 != .rglru }.map {
        ($0 == .lru ? "LRU, RG-LRU" : $0.rawValue, $0.about)
      },
      findings: courses.map(finding), pictures: pictures,
      conclusion: [
        "A network learns over a delay if its gradient gets across while it learns. How it gets across matters less: by its start, "
          + "by its gates, by its construction, or by a penalty.",
        "Afterwards the gradient may be small again: units of tanh that hold an answer for good are saturated.",
        "Clipping saves a run that explodes, not its gradient, which explodes as before; a penalty on growing states calms that, "
          + "too.",
      ])
  }

  private func finding(_ course: Course) -> Story.Finding {
    let right = percentText(course.rights[course.rights.count - 1])
    func left(_ shares: [Double]) -> String {
      let share = numberText(shares[0], digits: 3)
      if abs(shares[0] - 1) < 5e-4 { return "all of it is left" }
      return shares[0] > 1.005 ? "\(share) times as large" : "\(share) is left"
    }
    var sentence =
      if let update = course.solvedAt {
        "learns: \(right) right after \(update) updates"
      } else if let update = course.divergedAt {
        "explodes: at update \(update) the loss or its gradient is not finite any more"
      } else {
        "fails: \(right) right after \(updates) updates"
      }
    sentence += "; gradient before: \(left(course.start))"
    if !course.end.isEmpty { sentence += "; after: \(left(course.end))" }
    return Story.Finding(
      course.cure.rawValue, sentence,
      [
        ("share_before", course.start[0]), ("share_after", course.end.first ?? .nan), ("right", course.rights.last ?? .nan),
        ("solved_at", Double(course.solvedAt ?? -1)), ("diverged_at", Double(course.divergedAt ?? -1)),
      ])
  }

  /// Shares over steps back, at about fifty points.
  private func line(_ name: String, _ shares: [Double]) -> Series {
    let back = Array(stride(from: 0, through: steps, by: max(1, steps / 50)))
    return Series(name, x: back.map(Double.init), y: back.map { shares[steps - $0] })
  }

  private var pictures: [Story.Picture] {
    let panels = courses.map { course in
      Plot(
        title: (course.solvedAt == nil ? "\u{2717} " : "\u{2713} ") + course.cure.rawValue,
        xLabel: "steps back from the answer", yLabel: "share of the gradient left", yScale: .logarithmic
      ) {
        line("before training", course.start)
        if course.solvedAt != nil { line("after training", course.end) }
      }
    }
    let learning = Cure.Family.allCases.compactMap { family -> Plot? in
      let found = courses.filter { $0.cure.family == family }
      if found.isEmpty { return nil }
      return Plot(title: family.rawValue, xLabel: "update", yLabel: "share of right answers") {
        for course in found {
          Series(course.cure.rawValue, x: course.rights.indices.map { Double($0 * course.interval) }, y: course.rights)
        }
      }
    }
    return [
      Story.Picture(
        "cure-flow",
        PlotGrid(
          title: "What is left of the gradient: \u{2713} learns over the delay, \u{2717} does not", columns: 4, panels),
        look: "where the first line is level, or is made level by a penalty, the delay is learned; where it falls by many "
          + "powers of ten, it is not. Units that learn by saturating have no gradient left afterwards",
        height: 800, isForTerminal: false),
      Story.Picture(
        "cure-learning", PlotGrid(title: "Learning over a delay", columns: 2, sharesX: false, learning),
        look: "what has a gradient to follow leaves one half early; what has none stays there", height: 600),
    ]
  }
}
