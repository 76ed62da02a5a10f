internal import UnrollArrays

extension Schedule {
  /// Up to a peak and down again, to a far lower end: one cycle for the whole training. PyTorch's OneCycleLR.
  ///
  /// The peak is reached at step `rising` · steps − 1, which need not be a whole number, and the end at the last of all steps,
  /// steps − 1, where the schedule stays. In a cycle that is `symmetric` the way down to the start takes as many steps as that up,
  /// and the way from there to the end the rest. Without a start it is peak / 25, without an end start / 10 000. A momentum
  /// that goes against the rate is a cycle too, whose peak is below its ends.
  ///
  ///     let rates = Schedule.oneCycle(peak: 0.1, over: 1000)
  ///     let momenta = Schedule.oneCycle(from: 0.95, peak: 0.85, to: 0.95, over: 1000)
  public static func oneCycle(
    from start: Double? = nil, peak: Double, to end: Double? = nil, over steps: Int, rising: Double = 0.3,
    annealing: Annealing = .cosine, symmetric: Bool = false
  ) -> Schedule {
    let first = start ?? peak / 25
    let last = end ?? first / 1e4
    requireRates([first, peak, last], "oneCycle")
    let (top, length) = (rising * Double(steps) - 1, Double(steps) - 1)
    require(
      rising < 1 && top > 0 && (symmetric ? 2 * top + 1 : top) < length,
      "oneCycle: a rising part of \(rising) of \(steps) steps leaves no room for every part of the cycle")
    var corners = [(at: 0, rate: first), (at: top, rate: peak)]
    if symmetric { corners.append((at: 2 * top, rate: first)) }
    corners.append((at: length, rate: last))
    return Schedule { [corners] step in
      let place = min(Double(step), length)
      let i = corners.firstIndex { place <= $0.at && $0.at > 0 } ?? corners.count - 1
      let (before, after) = (corners[i - 1], corners[i])
      return annealing.rate(from: before.rate, to: after.rate, at: (place - before.at) / (after.at - before.at))
    }
  }
}
