internal import UnrollArrays

extension Schedule {
  /// One cycle for the whole training: up to a peak, and down again to a much lower end. PyTorch's OneCycleLR.
  ///
  /// The peak is at step `rising` · steps − 1, which need not be an integer, and the end at the last step, steps − 1, after
  /// which the rate is constant. In a `symmetric` cycle the way down to the start takes as many steps as the way up, and the
  /// rest goes on to the end. The default start is peak / 25, and the default end start / 10 000. A momentum that moves
  /// opposite to the rate is also such a cycle, with a peak below its ends.
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
      "oneCycle: a rising part of \(rising) of \(steps) steps does not leave a step for every part of the cycle")
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
