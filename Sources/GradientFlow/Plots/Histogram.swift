internal import UnrollArrays

/// How many of some numbers fall into each of equal bins; a bin holds its lower edge, the last one both.
///
///     let weights = Histogram("weights", [0.1, -0.2, 0.05, 0.4, 0.12], bins: 4)
///     print(weights.counts)
public struct Histogram: Hashable, Sendable {
  /// What the legend calls it.
  public let name: String
  /// The edges of the bins, ascending: `[bins + 1]`.
  public let edges: [Double]
  /// The numbers in each bin: `[bins]`.
  public let counts: [Int]
  /// The numbers that are in no bin because they are not finite.
  public let excluded: Int

  /// Counts numbers, of which there is at least one. Without a number of bins, their edges are round numbers (a step of 1, 2 or
  /// 5 times a power of ten) and there are about √n of them, at most 60.
  public init(_ name: String, _ values: [Double], bins: Int? = nil) {
    require(!values.isEmpty, "Histogram \"\(name)\": there are no values")
    require((bins ?? 1) > 0, "Histogram \"\(name)\": \(bins ?? 1) bins are none")
    let finite = values.filter { $0.magnitude <= Extent.limit }
    var extent = Extent()
    for value in finite { extent.include(value) }
    let range = extent.widened(by: 0)
    if let bins {
      let width = (range.upper - range.lower) / Double(bins)
      edges = (0..<bins).map { range.lower + Double($0) * width } + [range.upper]
    } else {
      let wanted = min(60, max(5, Int(Double(finite.count).squareRoot().rounded(.up))))
      edges = NiceStep(span: range.upper - range.lower, atMost: wanted).multiples(around: range).map(\.value)
    }
    var counts = [Int](repeating: 0, count: edges.count - 1)
    for value in finite {
      let position = (value - edges[0]) / (edges[counts.count] - edges[0]) * Double(counts.count)
      var bin = min(max(Int(position), 0), counts.count - 1)
      // The quotient is rounded; the edges are what is drawn.
      if value < edges[bin] { bin = max(bin - 1, 0) }
      if bin + 1 < counts.count && value >= edges[bin + 1] { bin += 1 }
      counts[bin] += 1
    }
    self.name = name
    self.counts = counts
    excluded = values.count - finite.count
  }
}
